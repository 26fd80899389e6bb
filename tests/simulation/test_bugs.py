"""The harness can catch: each planted bug breaks a promise within the stated number of seeds."""

import pytest

from tests.simulation.bugs import BUGS
from tests.simulation.hunt import hunt, is_walked

pytestmark = [
    pytest.mark.soak,  # minutes of work
    pytest.mark.timeout(400),
]

MOST_STORMS = 10
MOST_POINTS = 80


@pytest.mark.parametrize("bug", BUGS)
def test_a_planted_bug_is_found(bug: str) -> None:
    found = hunt(bug, MOST_POINTS if is_walked(bug) else MOST_STORMS)
    assert found is not None, f"{bug} breaks nothing that the harness looks at"
