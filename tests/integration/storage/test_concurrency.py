"""Many at once: nobody gets an error, nothing is lost, nothing half done is seen."""

import asyncio
import contextlib

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from bot.chat.pacing import Pacing
from bot.domain.activation import Activation, State
from bot.domain.ledger import hold
from bot.domain.notice import card
from bot.ops import Metrics
from bot.provider import SpotSms
from bot.storage import activations, chats, inbox, ledger, outbox, usage
from bot.storage.database import Database
from bot.storage.outbox import OutboxRow
from bot.storage.tables import chats as chats_table
from bot.storage.totals import Totals, totals
from bot.workflows.deliver import Delivery
from bot.workflows.kit import Kit
from bot.workflows.worker import Calls, Signals, surely
from tests.integration.reconcile.shop import RULES, HandClock
from tests.integration.storage.helpers import BUYER, CHAT, NOW, PRICE, in_state, request
from tests.integration.storage.test_outbox import told


async def test_fifty_writers_and_fifty_readers_at_once_have_no_error(database: Database) -> None:
    async with database.write() as connection:
        await chats.remember_chat(connection, CHAT, "group", "Friends", NOW)

    async def buy(number: int) -> None:
        async with database.write() as connection:
            await chats.get(connection, CHAT, lock=True)
            activation = await request(connection, f"q{number}")
            assert activation is not None
            await ledger.record(connection, activation, hold(CHAT, PRICE), at=NOW)
            await outbox.enqueue(connection, told(f"card:{activation.id}", number), NOW)

    async def look() -> bool:
        async with database.read() as connection:
            spent = await ledger.spent(connection, CHAT, NOW)
            return spent % PRICE == 0

    await asyncio.gather(*map(buy, range(50)), *(look() for _ in range(50)))
    async with database.read() as connection:
        assert await ledger.spent(connection, CHAT, NOW) == 50 * PRICE
        assert len(await usage.open_until(connection, CHAT, BUYER)) == 50
        assert await totals(connection) == Totals(50, 50, 0, 0)


async def test_what_fails_half_way_leaves_nothing(database: Database) -> None:
    async def fail() -> None:
        async with database.write() as connection:
            await request(connection)
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        await fail()
    async with database.read() as connection:
        assert await activations.by_quote(connection, "q1") is None
        assert await chats.get(connection, CHAT) is None


async def test_writers_that_are_cancelled_leave_a_database_that_works(database: Database) -> None:
    async def write(number: int) -> None:
        async with database.write() as connection:
            await chats.remember_chat(connection, number, "private", "Ann", NOW)
            await chats.remember_chat(connection, -number, "group", "Friends", NOW)

    tasks = [asyncio.create_task(write(number)) for number in range(1, 30)]
    for pauses, task in enumerate(tasks):
        for _ in range(pauses):
            await asyncio.sleep(0)
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await write(100)
    async with database.read() as connection:
        ids = set((await connection.execute(select(chats_table.c.id))).scalars())
    assert {100, -100} <= ids
    assert ids == {-one for one in ids}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_reader_of_sqlite_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError, match="readonly"):
        async with database.read() as connection:
            await chats.remember_chat(connection, CHAT, "private", "Ann", NOW)


async def test_a_reader_of_sqlite_sees_one_moment(database: Database) -> None:
    count = select(func.count()).select_from(chats_table)
    async with database.read() as reader:
        assert await reader.scalar(count) == 0
        async with database.write() as connection:
            await chats.remember_chat(connection, CHAT, "private", "Ann", NOW)
        assert await reader.scalar(count) == (0 if database.is_sqlite else 1)


async def test_an_account_is_locked_until_the_transaction_ends(database: Database) -> None:
    async with database.write() as connection:
        await chats.remember_chat(connection, CHAT, "group", "Friends", NOW)
    order: list[str] = []
    locked = asyncio.Event()

    async def first() -> None:
        async with database.write() as connection:
            await chats.get(connection, CHAT, lock=True)
            locked.set()
            await asyncio.sleep(0.02)
            order.append("first")

    async def second() -> None:
        await locked.wait()
        async with database.write() as connection:
            await chats.get(connection, CHAT, lock=True)
            order.append("second")

    await asyncio.gather(first(), second())
    assert order == ["first", "second"]


async def test_a_text_that_two_looks_bring_at_once_is_one_code(database: Database) -> None:
    async with database.write() as connection:
        activation = await in_state(connection, State.WAITING)

    async def keep() -> int | None:
        async with database.write() as connection:
            return await activations.add_code(connection, activation.id, "123456", NOW)

    kept = await asyncio.gather(*(keep() for _ in range(8)))
    assert len([code for code in kept if code]) == 1


async def test_different_texts_that_two_looks_bring_at_once_are_both_kept(
    database: Database,
) -> None:
    """Both refer to the activation before they move it: neither may wait for the other."""
    async with database.write() as connection:
        made = [await in_state(connection, State.WAITING, f"q{n}") for n in range(5)]

    async def keep(activation: Activation, sms: str) -> bool:
        async with database.write() as connection:
            kept = await activations.add_code(connection, activation.id, sms, NOW)
            await asyncio.sleep(0)
            await activations.move(
                connection, activation.id, (State.WAITING,), State.RECEIVED, at=NOW
            )
            return kept is not None

    looks = [keep(activation, sms) for activation in made for sms in ("111", "222")]
    assert all(await asyncio.gather(*looks))
    async with database.read() as connection:
        assert len(await activations.codes_of(connection, [one.id for one in made])) == 10


async def test_of_moves_of_many_activations_each_happens_once(database: Database) -> None:
    async with database.write() as connection:
        made = [await in_state(connection, State.WAITING, f"q{n}") for n in range(10)]

    async def receive(activation: Activation) -> Activation | None:
        async with database.write() as connection:
            return await activations.move(
                connection, activation.id, (State.WAITING,), State.RECEIVED, at=NOW
            )

    moved = await asyncio.gather(*(receive(activation) for activation in made * 3))
    assert sorted(one.id for one in moved if one) == sorted(one.id for one in made)


async def test_the_operator_sees_what_waits(database: Database) -> None:
    async with database.write() as connection:
        for state in State:
            await in_state(connection, state, f"q-{state}")
        await outbox.enqueue(connection, told("a"), NOW)
        (row,) = await outbox.due(connection, NOW, 1)
        await outbox.settle(connection, row, outbox.PARKED, NOW)
        await inbox.store(connection, [inbox.Update(1, "1", "a"), inbox.Update(2, "2", "b")], NOW)
        assert await totals(connection) == Totals(
            open_activations=4, outbox_pending=0, outbox_parked=1, inbox_waiting=2
        )


async def test_closing_waits_for_a_transaction_that_has_outlived_its_task(
    database_url: str,
) -> None:
    begun = asyncio.Event()

    async def remember() -> None:
        async with database.write() as connection:
            begun.set()
            await asyncio.sleep(0.05)
            await chats.remember_chat(connection, CHAT, "group", "Friends", NOW)

    async def protected() -> None:
        await asyncio.shield(remember())

    async with Database(database_url) as database:
        task = asyncio.create_task(protected())
        await begun.wait()
        task.cancel()
    async with Database(database_url) as database, database.read() as connection:
        assert await chats.get(connection, CHAT)


class Taken:
    """A Telegram that takes every message."""

    async def deliver(self, _: OutboxRow) -> int | None:
        return 5


async def test_a_card_that_is_renewed_while_its_delivery_is_noted_waits_for_nobody(
    database: Database,
) -> None:
    clock, metrics, provider = (
        HandClock(),
        Metrics(),
        SpotSms("http://127.0.0.1:9/", "k", timeout=1),
    )
    kit = Kit(database, provider, clock, Signals(), Calls(), metrics, RULES)
    delivery = Delivery(kit, Taken(), Pacing())
    async with database.write() as connection:
        number = await in_state(connection, State.WAITING)
        await outbox.renew(connection, card(number), clock.now())
    async with database.write() as connection:
        await activations.move(connection, number.id, (State.WAITING,), State.RECEIVED, at=NOW)
        await delivery.step()
        await _until_somebody_waits(database)
        renewing = outbox.renew(connection, card(number), clock.now())
        await asyncio.wait_for(renewing, 0.5)  # PostgreSQL looks for a deadlock after a second
    await asyncio.gather(*delivery._sending.values())
    async with database.read() as connection:
        present = await activations.get(connection, number.id)
        assert present is not None
        assert present.card_message_id == 5
        assert await outbox.count(connection, outbox.PENDING) == 1


async def _until_somebody_waits(database: Database) -> None:
    """On SQLite whoever writes waits for the one writer at once."""
    locks = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(10):
        while not database.is_sqlite:
            async with database.read() as connection:
                if await connection.scalar(locks):
                    return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("text", ["a\0b", "\ud800"])
async def test_what_postgresql_cannot_hold_is_not_tried_for_ever(
    database: Database, text: str
) -> None:
    async def write() -> None:
        async with database.write() as connection:
            await chats.remember_chat(connection, CHAT, "private", text, NOW)

    with contextlib.suppress(DBAPIError, UnicodeError):  # SQLite takes the first
        await asyncio.wait_for(surely("writing", write), 5)
