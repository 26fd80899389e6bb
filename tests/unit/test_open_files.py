"""A process that may have few files open asks for more, as far as it is let."""

import subprocess
import sys

import pytest

from bot.ops.files import WANTED

ASK = """
import resource
from bot.ops.files import allow_open_files
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(allow_open_files(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""


@pytest.mark.parametrize(
    ("soft", "hard", "allowed"),
    [(256, 1024, 1024), (256, WANTED + 1, WANTED), (WANTED + 1, WANTED + 1, WANTED + 1)],
)
def test_the_soft_limit_is_raised_as_far_as_is_wanted_and_allowed(
    soft: int, hard: int, allowed: int
) -> None:
    program = ASK.format(soft=soft, hard=hard)
    told = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    assert told.stdout.split() == [str(allowed)] * 2
