"""The real process, killed at random moments under load, with the provider's faults on."""

import pytest

from tests.crashes.loop import crash_loop
from tests.launcher import Launcher

CYCLES = 25


@pytest.mark.timeout(400)
@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_a_bot_that_is_killed_again_and_again_keeps_its_promises(
    seed: int, launcher: Launcher
) -> None:
    result = await crash_loop(CYCLES, seed, launcher)
    assert not result.problems, result
    assert result.purchases > CYCLES / 4
    assert result.codes
    assert result.faults
