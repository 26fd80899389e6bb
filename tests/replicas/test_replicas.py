"""Two replicas of the real bot on one PostgreSQL, one of them killed in the middle of the load."""

from pathlib import Path

import pytest

from tests.launcher import Launcher
from tests.replicas.fleet import fleet
from tests.replicas.storm import storm

SECONDS, KILL_EVERY = 10.0, 11.0


@pytest.mark.postgres
async def test_while_a_replica_is_killed_the_other_one_keeps_all_promises(
    blank_postgres: str, tmp_path: Path, launcher: Launcher
) -> None:
    async with fleet(2, blank_postgres, tmp_path, launcher, seed=1) as world:
        result = await storm(world, SECONDS, KILL_EVERY)
    assert not result.problems, result
    assert result.kills == 1
    assert result.codes
    assert result.states["received"]
    assert result.states["cancelled"]
    assert all(result.updates[seat.address] for seat in world.seats)
