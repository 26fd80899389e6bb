"""The outbox: urgent things first, one per chat, once per key, kept until they are told."""

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.notice import Notice, NoticeKind, Priority
from bot.storage import outbox
from bot.storage.database import Database
from bot.storage.outbox import OutboxRow
from bot.storage.tables import outbox as table
from tests.integration.storage.helpers import NOW


def told(key: str, chat_id: int = 1, priority: Priority = Priority.REST, **facts: object) -> Notice:
    return Notice(key=key, chat_id=chat_id, kind=NoticeKind.ALERT, priority=priority, facts=facts)


async def keys_of(connection: AsyncConnection, rows: list[OutboxRow]) -> list[str]:
    keys = {row.id: row.key for row in await connection.execute(select(table.c.id, table.c.key))}
    return [keys[row.id] for row in rows]


async def due(connection: AsyncConnection, now: int = NOW, limit: int = 9) -> list[str]:
    return await keys_of(connection, await outbox.due(connection, now, limit))


async def only(connection: AsyncConnection, now: int = NOW) -> OutboxRow:
    (row,) = await outbox.due(connection, now, 9)
    return row


async def test_a_code_leaves_before_everything_else_and_one_leaves_per_chat(
    database: Database,
) -> None:
    async with database.write() as connection:
        notices = [
            told("card", 1),
            told("closed", 1, Priority.CLOSED),
            told("code", 1, Priority.CODE),
            told("second code", 1, Priority.CODE),
            told("card elsewhere", 2),
            told("closed elsewhere", 3, Priority.CLOSED),
        ]
        await outbox.enqueue_all(connection, notices, NOW)
        assert await due(connection) == ["code", "closed elsewhere", "card elsewhere"]
        assert await due(connection, limit=1) == ["code"]
        others = await outbox.due(connection, NOW, 9, except_chats={1, 3})
        assert await keys_of(connection, others) == ["card elsewhere"]


async def test_what_groups_were_sent_lately_is_known_after_a_restart(database: Database) -> None:
    async with database.write() as connection:
        for at, chat_id in enumerate((-100, -100, 7, -200, -300), start=NOW):
            await outbox.enqueue(connection, told(f"at {at}", chat_id), NOW)
        for number, row in enumerate(await outbox.due(connection, NOW, 9)):
            await outbox.settle(connection, row, outbox.SENT, NOW + number)
        (second,) = await outbox.due(connection, NOW, 9)
        await outbox.settle(connection, second, outbox.FAILED, NOW + 9)
    async with database.read() as connection:
        assert await outbox.sent_to_groups(connection, NOW) == [
            (-100, NOW),
            (-200, NOW + 2),
            (-300, NOW + 3),
        ]
        assert await outbox.sent_to_groups(connection, NOW + 3) == [(-300, NOW + 3)]


async def test_what_is_not_due_yet_does_not_hold_up_its_chat(database: Database) -> None:
    async with database.write() as connection:
        await outbox.enqueue(connection, told("later", 1, Priority.CODE), NOW + 1)
        await outbox.enqueue(connection, told("now", 1), NOW)
        assert await due(connection) == ["now"]
        assert await due(connection, NOW + 1) == ["later"]
        assert await due(connection, NOW - 1) == []


async def test_a_key_is_told_once(database: Database) -> None:
    async with database.write() as connection:
        await outbox.enqueue(connection, told("k", word="first"), NOW)
        await outbox.enqueue(connection, told("k", word="second"), NOW)
        row = await only(connection)
        assert row.facts == {"word": "first"}
        await outbox.settle(connection, row, outbox.SENT, NOW)
        await outbox.enqueue(connection, told("k", word="third"), NOW)
        assert await outbox.due(connection, NOW, 9) == []
        assert await outbox.count(connection, outbox.SENT) == 1


async def test_what_changes_while_it_is_on_its_way_is_told_again(database: Database) -> None:
    async with database.write() as connection:
        await outbox.renew(connection, told("card", look="old"), NOW)
        on_its_way = await only(connection)
        await outbox.renew(connection, told("card", look="new"), NOW)
        await outbox.settle(connection, on_its_way, outbox.SENT, NOW)
        again = await only(connection)
        assert (again.facts, again.version) == ({"look": "new"}, on_its_way.version + 1)
        await outbox.settle(connection, again, outbox.SENT, NOW)
        assert await outbox.count(connection, outbox.PENDING) == 0


async def test_what_was_told_can_be_told_anew_at_its_new_urgency(database: Database) -> None:
    async with database.write() as connection:
        await outbox.renew(connection, told("card"), NOW)
        await outbox.settle(connection, await only(connection), outbox.SENT, NOW)
        await outbox.renew(connection, told("card", 2, Priority.CLOSED), NOW + 5)
        row = await only(connection, NOW + 5)
    assert (row.chat_id, row.priority, row.attempts, row.due_at) == (2, Priority.CLOSED, 0, NOW + 5)


async def test_a_renewed_row_keeps_waiting_for_its_retry(database: Database) -> None:
    """A flood must not be answered with the next message at once."""
    async with database.write() as connection:
        await outbox.renew(connection, told("card"), NOW)
        await outbox.postpone(connection, await only(connection), NOW + 9, "flood")
        await outbox.renew(connection, told("card"), NOW)
        assert await outbox.due(connection, NOW, 9) == []
        assert await due(connection, NOW + 9) == ["card"]


async def test_a_renewed_row_that_was_to_wait_goes_at_once(database: Database) -> None:
    async with database.write() as connection:
        await outbox.renew(connection, told("card"), NOW + 400)
        assert await due(connection) == []
        await outbox.renew(connection, told("card"), NOW)
        assert await due(connection) == ["card"]


async def test_what_has_failed_before_can_be_left_out(database: Database) -> None:
    async with database.write() as connection:
        await outbox.enqueue(connection, told("failed"), NOW)
        await outbox.postpone(connection, await only(connection), NOW, "away")
        await outbox.enqueue(connection, told("fresh", 2), NOW)
        assert await due(connection) == ["failed", "fresh"]
        fresh = await outbox.due(connection, NOW, 9, retries=False)
        assert await keys_of(connection, fresh) == ["fresh"]


async def test_every_attempt_is_counted(database: Database) -> None:
    async with database.write() as connection:
        await outbox.enqueue(connection, told("k"), NOW)
        for attempt in range(3):
            row = await only(connection, NOW + attempt)
            assert row.attempts == attempt
            await outbox.postpone(connection, row, NOW + attempt + 1, "away")


async def test_what_a_chat_did_not_let_in_waits_until_it_does(database: Database) -> None:
    async with database.write() as connection:
        await outbox.enqueue(connection, told("code"), NOW)
        row = await only(connection)
        await outbox.postpone(connection, row, NOW, "away")
        await outbox.settle(connection, row, outbox.PARKED, NOW, "blocked")
        assert await outbox.due(connection, NOW, 9) == []
        assert await outbox.has_parked(connection, 1)
        assert not await outbox.has_parked(connection, 2)
        assert await outbox.unpark(connection, 2, NOW) == 0
        assert await outbox.unpark(connection, 1, NOW + 5) == 1
        back = await only(connection, NOW + 5)
    assert back == replace(row, due_at=NOW + 5, attempts=0)


async def test_what_waits_for_a_group_moves_with_it(database: Database) -> None:
    async with database.write() as connection:
        for key, status in [("was sent", outbox.SENT), ("was parked", outbox.PARKED)]:
            await outbox.enqueue(connection, told(key, -1), NOW)
            await outbox.settle(connection, await only(connection), status, NOW)
        await outbox.enqueue(connection, told("waits", -1), NOW)
        await outbox.move_chat(connection, -1, -100)
        rows = list(await connection.execute(select(table.c.key, table.c.chat_id, table.c.status)))
    assert {row.key: (row.chat_id, row.status) for row in rows} == {
        "waits": (-100, outbox.PENDING),
        "was sent": (-1, outbox.SENT),
        "was parked": (-100, outbox.PENDING),
    }


async def test_what_was_told_is_erased_after_its_time_and_what_waits_is_not(
    database: Database,
) -> None:
    async with database.write() as connection:
        await outbox.enqueue(connection, told("sent"), NOW)
        await outbox.settle(connection, await only(connection), outbox.SENT, NOW)
        await outbox.enqueue(connection, told("waits"), NOW)
        assert await outbox.purge(connection, NOW) == 0
        assert await outbox.purge(connection, NOW + 1) == 1
        assert await due(connection) == ["waits"]
