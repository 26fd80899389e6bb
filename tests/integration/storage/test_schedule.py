"""The rows are the schedule: what is due is claimed once, planned ahead, and comes again."""

import asyncio

from bot.domain.activation import Activation, State
from bot.domain.arrivals import Seen
from bot.domain.schedule import Look
from bot.storage import activations, looks
from bot.storage.database import Database
from tests.integration.storage.helpers import NOW, in_state


async def test_what_is_due_longest_is_looked_at_first_and_planned_again(
    database: Database,
) -> None:
    async with database.write() as connection:
        for late in (1, 3, 2, -1):
            await in_state(connection, State.WAITING, f"{late}", next_poll_at=NOW - late)
        await in_state(connection, State.WAITING, "not any more", next_poll_at=None)
    async with database.write() as connection:
        assert await looks.earliest(connection) == NOW - 3
        claimed = await looks.claim(connection, NOW, 2)
        assert [one.due_at for one in claimed] == [NOW - 3, NOW - 2]
        await looks.plan(connection, {one.id: NOW + 9 for one in claimed})
        rest = await looks.claim(connection, NOW, 2)
        assert [one.due_at for one in rest] == [NOW - 1]
        await looks.plan(connection, {rest[0].id: None})
        assert await looks.earliest(connection) == NOW + 1


async def test_a_claim_brings_what_a_look_needs(database: Database) -> None:
    async with database.write() as connection:
        one = await in_state(
            connection,
            State.RECEIVED,
            number="+1999",
            rs_id="rs-7",
            pid_used="0004",
            bought_at=NOW - 5,
            next_poll_at=NOW,
            watch_until=NOW + 7,
        )
        assert await looks.claim(connection, NOW, 1) == [
            Look(
                id=one.id,
                number="+1999",
                poll_pid="0004",
                rs_id="rs-7",
                service_id="0003",
                country_code="us",
                state="received",
                bought_at=NOW - 5,
                due_at=NOW,
                watch_until=NOW + 7,
            )
        ]


async def test_nothing_is_due_where_nothing_is_watched(database: Database) -> None:
    async with database.write() as connection:
        assert await looks.earliest(connection) is None
        assert await looks.claim(connection, NOW, 9) == []
        await looks.plan(connection, {})
        assert await activations.next_cancel_at(connection, NOW) is None


async def test_watching_ends_with_an_answer_when_its_time_is_over(database: Database) -> None:
    async with database.write() as connection:
        over = await in_state(connection, State.RECEIVED, next_poll_at=NOW, watch_until=NOW)
        assert not await looks.ended(connection, NOW)
        await looks.end(connection, {over.id: NOW - 1})
        assert not await looks.ended(connection, NOW)
        await looks.end(connection, {over.id: NOW})
        assert [one.id for one in await looks.ended(connection, NOW)] == [over.id]


async def test_looks_are_claimed_by_one_of_many(database: Database) -> None:
    async with database.write() as connection:
        for number in range(40):
            await in_state(connection, State.WAITING, f"q{number}", next_poll_at=NOW)

    async def claim() -> list[Look]:
        async with database.write() as connection:
            claimed = await looks.claim(connection, NOW, 10)
            await looks.plan(connection, {one.id: NOW + 1 for one in claimed})
            return claimed

    batches = await asyncio.gather(*(claim() for _ in range(6)))
    assert all(len(batch) <= 10 for batch in batches)
    ids = [one.id for batch in batches for one in batch]
    assert len(set(ids)) == len(ids) == 40


async def test_what_became_of_numbers_is_counted_in_cells(database: Database) -> None:
    bought = {"bought_at": NOW - 100_000}
    async with database.write() as connection:
        for quote_id, state, values in [
            ("a", State.RECEIVED, {"first_code_at": NOW - 88_000, "missed_at": NOW - 91_000}),
            ("b", State.RECEIVED, {"first_code_at": NOW - 86_000, "missed_at": NOW - 94_000}),
            ("c", State.FINISHED, {"first_code_at": NOW - 60_000, "closed_at": NOW}),
            ("d", State.CANCELLED, {"closed_at": NOW - 50_000}),
            ("e", State.WAITING, {}),
        ]:
            await in_state(connection, state, quote_id, **bought, **values)
        await in_state(connection, State.WAITING, "too old", bought_at=NOW - 100_001)
        await in_state(connection, State.UNKNOWN, "no number")
    async with database.read() as connection:
        seen = await looks.seen(connection, NOW, since=NOW - 100_000, cell=5000)
    assert sorted(seen, key=lambda one: (one.ended, one.is_open)) == [
        Seen("0003", "us", 1, 2, has_code=True, is_open=False, numbers=2),
        Seen("0003", "us", None, 8, has_code=True, is_open=False, numbers=1),
        Seen("0003", "us", None, 10, has_code=False, is_open=False, numbers=1),
        Seen("0003", "us", None, 20, has_code=False, is_open=True, numbers=1),
    ]


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
        assert await looks.ended(connection, NOW) == [done]


async def test_what_is_past_its_time_and_will_not_be_cancelled_is_found(
    database: Database,
) -> None:
    async with database.write() as connection:
        overdue = await in_state(connection, State.WAITING, "overdue", expires_at=NOW)
        await in_state(connection, State.WAITING, "in time", expires_at=NOW + 1)
        await in_state(connection, State.WAITING, "refund", expires_at=NOW, cancel_at=NOW + 9)
        await in_state(connection, State.CANCELLING, "asking", expires_at=NOW)
        assert await activations.overdue_without_refund(connection, NOW) == [overdue]
