"""The rows are the schedule: what is due is claimed once, planned ahead, and comes again."""

import asyncio

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation, State
from bot.storage import activations
from bot.storage.database import Database
from tests.integration.storage.helpers import NOW, in_state

INTERVAL, SLOW, PATIENCE = 10_000, 20_000, 3_600_000


async def claim_looks(connection: AsyncConnection, now: int, limit: int) -> list[Activation]:
    return await activations.claim_polls(connection, now, INTERVAL, SLOW, limit, patience=PATIENCE)


async def test_what_is_due_longest_is_looked_at_first_and_planned_again(
    database: Database,
) -> None:
    async with database.write() as connection:
        for late in (1, 3, 2, -1):
            await in_state(connection, State.WAITING, f"{late}", next_poll_at=NOW - late)
        await in_state(connection, State.WAITING, "not any more", next_poll_at=None)
    async with database.write() as connection:
        assert await activations.next_poll_at(connection) == NOW - 3
        claimed = await claim_looks(connection, NOW, 2)
        assert {one.quote_id for one in claimed} == {"3", "2"}
        assert {one.next_poll_at for one in claimed} == {NOW + INTERVAL}
        rest = await claim_looks(connection, NOW, 2)
        assert [one.quote_id for one in rest] == ["1"]
        assert await activations.next_poll_at(connection) == NOW + 1


async def test_nothing_is_due_where_nothing_is_watched(database: Database) -> None:
    async with database.read() as connection:
        assert await activations.next_poll_at(connection) is None
        assert await activations.next_cancel_at(connection, NOW) is None


async def test_after_the_first_code_looks_are_slower_and_end_with_their_time(
    database: Database,
) -> None:
    async with database.write() as connection:
        for quote_id, state, watch_until in [
            ("slower", State.RECEIVED, NOW + SLOW),
            ("nearly over", State.RECEIVED, NOW + 1),
            ("last", State.RECEIVED, NOW),
            ("grace", State.CANCELLED, NOW + 1),
            ("over", State.EXPIRED, NOW - PATIENCE + 1),
            ("gone", State.EXPIRED, NOW - PATIENCE),
        ]:
            await in_state(connection, state, quote_id, next_poll_at=NOW, watch_until=watch_until)
        claimed = await claim_looks(connection, NOW, 9)
    assert {one.quote_id: one.next_poll_at for one in claimed} == {
        "slower": NOW + SLOW,
        "nearly over": NOW + 1,
        "last": NOW + INTERVAL,
        "grace": NOW + INTERVAL,
        "over": NOW + INTERVAL,
        "gone": None,
    }


async def test_watching_ends_with_an_answer_when_its_time_is_over(database: Database) -> None:
    async with database.write() as connection:
        over = await in_state(connection, State.RECEIVED, next_poll_at=NOW, watch_until=NOW)
        await claim_looks(connection, NOW, 1)
        assert not await activations.watched_to_the_end(connection, NOW)
        await activations.end_polls(connection, {over.id: NOW - 1})
        assert not await activations.watched_to_the_end(connection, NOW)
        await activations.end_polls(connection, {over.id: NOW})
        ended = await activations.watched_to_the_end(connection, NOW)
        assert [one.id for one in ended] == [over.id]


async def test_looks_are_claimed_by_one_of_many(database: Database) -> None:
    async with database.write() as connection:
        for number in range(40):
            await in_state(connection, State.WAITING, f"q{number}", next_poll_at=NOW)

    async def claim() -> list[Activation]:
        async with database.write() as connection:
            return await claim_looks(connection, NOW, 10)

    batches = await asyncio.gather(*(claim() for _ in range(6)))
    assert all(len(batch) <= 10 for batch in batches)
    ids = [one.id for batch in batches for one in batch]
    assert len(set(ids)) == len(ids) == 40


async def test_a_cancellation_is_claimed_once_until_its_lease_is_over(database: Database) -> None:
    async with database.write() as connection:
        for state in (State.WAITING, State.CANCELLING):
            await in_state(connection, state, f"q-{state}", cancel_at=NOW)
        await in_state(connection, State.WAITING, "later", cancel_at=NOW + 1)
        await in_state(connection, State.CANCELLED, "over", cancel_at=NOW)
    async with database.write() as connection:
        assert await activations.next_cancel_at(connection, NOW) == NOW
        claimed = await activations.claim_cancels(connection, NOW, 500, 9)
        assert {one.quote_id for one in claimed} == {"q-waiting", "q-cancelling"}
        assert await activations.claim_cancels(connection, NOW, 500, 9) == []
        assert await activations.next_cancel_at(connection, NOW) == NOW + 1
        again = await activations.claim_cancels(connection, NOW + 500, 500, 2)
        assert {one.quote_id for one in again} == {"q-waiting", "q-cancelling"}


async def test_cancellations_are_claimed_by_one_of_many(database: Database) -> None:
    async with database.write() as connection:
        for number in range(20):
            await in_state(connection, State.WAITING, f"q{number}", cancel_at=NOW)

    async def claim() -> list[Activation]:
        async with database.write() as connection:
            return await activations.claim_cancels(connection, NOW, 500, 7)

    batches = await asyncio.gather(*(claim() for _ in range(5)))
    ids = [one.id for batch in batches for one in batch]
    assert len(set(ids)) == len(ids) == 20


async def test_freed_leases_let_everything_be_claimed_again(database: Database) -> None:
    async with database.write() as connection:
        await in_state(connection, State.CANCELLING, cancel_at=NOW, cancel_lease_until=NOW + 500)
        assert await activations.claim_cancels(connection, NOW, 500, 9) == []
        await activations.free_cancel_leases(connection)
        assert len(await activations.claim_cancels(connection, NOW, 500, 9)) == 1


async def test_purchases_whose_process_is_gone_are_found(database: Database) -> None:
    async with database.write() as connection:
        dead = await in_state(connection, State.REQUESTED, "dead", lease_until=NOW)
        alive = await in_state(connection, State.REQUESTED, "alive", lease_until=NOW + 1)
        await in_state(connection, State.UNKNOWN, "known", lease_until=NOW)
        assert await activations.orphans(connection, NOW) == [dead]
        assert await activations.orphans(connection, None) == [dead, alive]


async def test_what_was_watched_to_its_end_is_found(database: Database) -> None:
    async with database.write() as connection:
        done = await in_state(connection, State.RECEIVED, "done", watch_until=NOW)
        await in_state(connection, State.RECEIVED, "watched", watch_until=NOW + 1)
        await in_state(connection, State.EXPIRED, "expired", watch_until=NOW)
        assert await activations.watched_to_the_end(connection, NOW) == [done]


async def test_what_is_past_its_time_and_will_not_be_cancelled_is_found(
    database: Database,
) -> None:
    async with database.write() as connection:
        overdue = await in_state(connection, State.WAITING, "overdue", expires_at=NOW)
        await in_state(connection, State.WAITING, "in time", expires_at=NOW + 1)
        await in_state(connection, State.WAITING, "refund", expires_at=NOW, cancel_at=NOW + 9)
        await in_state(connection, State.CANCELLING, "asking", expires_at=NOW)
        assert await activations.overdue_without_refund(connection, NOW) == [overdue]
