"""Lanes: each is held by one replica at most, and only while that replica is known."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import inbox, lanes
from bot.storage.database import Database
from bot.storage.inbox import Update
from bot.storage.tables import replicas
from tests.integration.storage.helpers import NOW

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]
HERE, THERE = "here", "there"
ANN, BOB, CAROL = "1:1", "2:2", "3:3"


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    """Two replicas, and five updates in three lanes."""
    async with database.write() as connection:
        rows = [{"id": name, "started_at": NOW, "lease_until": NOW} for name in (HERE, THERE)]
        await connection.execute(insert(replicas), rows)
        await inbox.store(
            connection, [Update(number, lane, "{}") for number, lane in enumerate(_LANES)], NOW
        )
        yield connection


_LANES = (BOB, ANN, BOB, CAROL, ANN)


async def test_a_lane_that_somebody_holds_is_not_given_to_another(
    connection: AsyncConnection,
) -> None:
    assert await lanes.hold(connection, HERE, [BOB, ANN]) == {ANN, BOB}
    assert await lanes.hold(connection, THERE, [BOB, CAROL]) == {CAROL}
    assert await lanes.hold(connection, HERE, [ANN, CAROL]) == {ANN}
    assert await lanes.hold(connection, HERE, []) == set()


async def test_the_lanes_that_wait_longest_are_claimed_first(connection: AsyncConnection) -> None:
    await lanes.claim(connection, HERE, 2)
    assert await lanes.with_updates(connection, HERE) == [BOB, ANN]
    await lanes.claim(connection, THERE, 2)
    assert await lanes.with_updates(connection, THERE) == [CAROL]


async def test_the_first_update_of_a_lane_is_given_to_its_holder_alone(
    connection: AsyncConnection,
) -> None:
    await lanes.hold(connection, HERE, [ANN])
    assert await lanes.first(connection, HERE, ANN, []) == Update(1, ANN, "{}")
    assert await lanes.first(connection, HERE, ANN, [1]) == Update(4, ANN, "{}")
    assert await lanes.first(connection, HERE, ANN, [1, 4]) is None
    assert await lanes.first(connection, THERE, ANN, []) is None
    assert await lanes.first(connection, THERE, BOB, []) is None


async def test_only_what_is_in_its_own_lanes_can_be_closed_by_a_replica(
    connection: AsyncConnection,
) -> None:
    await lanes.hold(connection, HERE, [ANN])
    await lanes.hold(connection, THERE, [BOB])
    await lanes.close(connection, HERE, [0, 1, 3], inbox.HANDLED, NOW)
    assert await inbox.waiting(connection) == [(0, BOB), (2, BOB), (3, CAROL), (4, ANN)]


async def test_a_lane_is_given_back_only_when_nothing_waits_in_it(
    connection: AsyncConnection,
) -> None:
    await lanes.hold(connection, HERE, [ANN, CAROL])
    await lanes.close(connection, HERE, [1, 3], inbox.HANDLED, NOW)
    assert await lanes.release(connection, HERE, [ANN, BOB, CAROL]) == {ANN}
    assert await lanes.hold(connection, THERE, [ANN, CAROL]) == {CAROL}
    assert await lanes.release(connection, HERE, [CAROL]) == set()
    assert await lanes.hold(connection, HERE, [CAROL]) == set()


async def test_a_replica_that_is_gone_holds_nothing_and_gets_nothing(
    connection: AsyncConnection,
) -> None:
    await lanes.hold(connection, HERE, [ANN])
    await connection.execute(delete(replicas).where(replicas.c.id == HERE))
    assert await lanes.hold(connection, HERE, [ANN, BOB]) == set()
    await lanes.claim(connection, HERE, 9)
    assert await lanes.with_updates(connection, HERE) == []
    await lanes.close(connection, HERE, [1], inbox.HANDLED, NOW)
    assert await lanes.hold(connection, THERE, [ANN]) == {ANN}
    assert await lanes.first(connection, THERE, ANN, []) == Update(1, ANN, "{}")
