"""Of all replicas on one database, at most one leads, and one does soon after another has died."""

import asyncio
from collections.abc import Callable

import pytest
from sqlalchemy import select

from bot.domain.activation import State
from bot.storage import activations, replicas
from bot.storage.database import Database
from bot.storage.tables import replicas as table
from bot.workflows.clock import SteadyClock, boot_time
from bot.workflows.replica import LeasedReplica
from tests.clocks import HandSeconds
from tests.integration.storage.helpers import NOW, in_state

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]

LEASE_SECONDS = 1.5
HEARTBEAT_SECONDS = 0.1
MS = 1000


async def joined(
    database: Database,
    *,
    monotonic: Callable[[], float] = boot_time,
    others_are_gone: bool = False,
) -> LeasedReplica:
    replica = LeasedReplica(
        database,
        await SteadyClock.going_on(database),
        lease_seconds=LEASE_SECONDS,
        heartbeat_seconds=HEARTBEAT_SECONDS,
        monotonic=monotonic,
    )
    await replica.join(others_are_gone=others_are_gone)
    return replica


async def until(replica: LeasedReplica, is_so: Callable[[], bool]) -> None:
    """Let a replica beat until something is so."""
    async with asyncio.timeout(10):
        while not is_so():
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await replica.step()


async def listed(database: Database) -> set[str]:
    async with database.read() as connection:
        return set((await connection.execute(select(table.c.id))).scalars())


async def test_the_first_one_leads_and_the_second_does_not(database: Database) -> None:
    first, second = await joined(database), await joined(database)
    assert (first.is_alive, first.is_leader) == (True, True)
    assert (second.is_alive, second.is_leader) == (True, False)
    await first.step()
    await second.step()
    assert (first.is_leader, second.is_leader) == (True, False)
    assert (first.reign, second.reign) == (1, 0)


async def test_a_leader_goes_on_leading_while_it_beats(database: Database) -> None:
    first, second = await joined(database), await joined(database)
    for _ in range(2 * round(LEASE_SECONDS / HEARTBEAT_SECONDS)):
        await asyncio.sleep(HEARTBEAT_SECONDS)
        await first.step()
        await second.step()
        assert (first.is_leader, second.is_leader) == (True, False)
    assert (first.reign, first.generation, second.generation) == (1, 0, 0)


async def test_a_silent_leader_knows_that_it_is_over_before_another_leads(
    database: Database,
) -> None:
    first, second = await joined(database), await joined(database)
    assert first.is_leader
    await until(second, lambda: second.is_leader)
    assert not first.is_leader
    assert not first.is_alive
    assert await listed(database) == {second.id}


async def test_who_was_fenced_off_goes_on_under_another_id(database: Database) -> None:
    first, second = await joined(database), await joined(database)
    before = first.id
    await until(second, lambda: second.is_leader)
    await first.step()
    assert first.id != before
    assert (first.is_alive, first.is_leader, first.generation) == (True, False, 1)
    assert await listed(database) == {first.id, second.id}


async def test_who_was_silent_while_nobody_else_was_there_leads_anew(database: Database) -> None:
    only = await joined(database)
    await asyncio.sleep(LEASE_SECONDS)
    assert not only.is_leader
    await only.step()
    assert (only.is_leader, only.generation, only.reign) == (True, 1, 2)
    assert await listed(database) == {only.id}


async def test_a_polite_end_lets_the_next_one_lead_at_once(database: Database) -> None:
    clock = HandSeconds()
    first, second = [await joined(database, monotonic=clock) for _ in range(2)]
    await first.resign()
    assert (first.is_leader, first.is_alive) == (False, True)
    clock.seconds += HEARTBEAT_SECONDS
    await first.step()
    await second.step()
    assert (first.is_leader, second.is_leader) == (False, True)
    await first.leave()
    assert not first.is_alive
    await first.step()
    assert await listed(database) == {second.id}


async def test_whoever_knows_that_the_others_are_gone_need_not_wait(database: Database) -> None:
    clock = HandSeconds()
    killed = await joined(database, monotonic=clock)
    next_one = await joined(database, others_are_gone=True)
    assert next_one.is_leader
    assert await listed(database) == {next_one.id}
    clock.seconds += HEARTBEAT_SECONDS
    await killed.step()
    assert (killed.is_leader, killed.generation) == (False, 1)


async def test_a_replica_that_stands_still_in_a_heartbeat_stops_no_other(
    database: Database,
) -> None:
    first, second = await joined(database), await joined(database)
    async with database.write() as connection:
        await replicas.renew(connection, first.id, MS)
        await replicas.lead(connection, first.id, MS, 0)
        for _ in range(2 * round(LEASE_SECONDS / HEARTBEAT_SECONDS)):
            await asyncio.sleep(HEARTBEAT_SECONDS)
            await second.step()
            assert second.is_alive
            await connection.execute(select(1))  # PostgreSQL ends a transaction that is idle
        assert not second.is_leader
        await connection.rollback()
    await asyncio.sleep(HEARTBEAT_SECONDS)
    await second.step()
    assert second.is_leader
    assert second.generation == 0


async def test_the_cancellations_of_a_dead_replica_are_free_again(database: Database) -> None:
    dead, heir = await joined(database), await joined(database)
    async with database.write() as connection:
        left = await in_state(connection, State.CANCELLING, cancel_at=NOW)
        kept = await in_state(connection, State.WAITING, "q2", cancel_at=NOW + 1)
        [claimed] = await activations.claim_cancels(connection, NOW, 60_000, 10, by=dead.id)
        [other] = await activations.claim_cancels(connection, NOW + 1, 60_000, 10, by=heir.id)
    assert (claimed.id, other.id) == (left.id, kept.id)
    await until(heir, lambda: heir.is_leader)
    async with database.write() as connection:
        [again] = await activations.claim_cancels(connection, NOW + 2, 60_000, 10, by=heir.id)
    assert again.id == left.id


async def test_a_lease_from_before_the_clock_was_set_back_holds_nobody_up(
    database: Database,
) -> None:
    async with database.write() as connection:
        await replicas.begin(connection, "left", 3_600_000)
        await replicas.lead(connection, "left", 3_600_000, 0)
    only = await joined(database)
    assert only.is_leader
    assert await listed(database) == {only.id}
