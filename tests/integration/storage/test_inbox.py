"""The inbox: every update is kept once, in Telegram's order, until it is handled."""

from sqlalchemy import select

from bot.storage import inbox
from bot.storage.database import Database
from bot.storage.tables import inbox as table
from tests.integration.storage.helpers import NOW


async def test_an_update_that_comes_twice_is_kept_once_as_it_came_first(
    database: Database,
) -> None:
    async with database.write() as connection:
        await inbox.store(connection, {7: "first"}, NOW)
        await inbox.store(connection, {7: "second", 8: "other"}, NOW)
        assert await inbox.waiting(connection, 9) == [(7, "first"), (8, "other")]
        await inbox.close(connection, [7], inbox.HANDLED, NOW)
        await inbox.store(connection, {7: "third"}, NOW)
        assert await inbox.waiting(connection, 9) == [(8, "other")]
        assert await inbox.count(connection, inbox.HANDLED) == 1


async def test_updates_are_handed_out_in_telegrams_order(database: Database) -> None:
    async with database.write() as connection:
        await inbox.store(connection, {}, NOW)
        assert await inbox.last_update_id(connection) is None
        await inbox.store(connection, {9: "c", 7: "a", 8: "b"}, NOW)
        assert [update_id for update_id, _ in await inbox.waiting(connection, 2)] == [7, 8]
        assert await inbox.waiting(connection, 9, after=8) == [(9, "c")]
        assert await inbox.last_update_id(connection) == 9


async def test_the_text_of_an_update_is_there_until_it_is_closed(database: Database) -> None:
    async with database.write() as connection:
        await inbox.store(connection, {1: "a", 2: "b"}, NOW)
        await inbox.close(connection, [1], inbox.HANDLED, NOW)
        await inbox.close(connection, [2], inbox.BROKEN, NOW)
        await inbox.store(connection, {3: "c"}, NOW)
        kept = await connection.scalars(select(table.c.body).order_by(table.c.update_id))
        assert list(kept) == ["", "", "c"]
        assert [await inbox.body(connection, update_id) for update_id in (1, 3, 4)] == [
            None,
            "c",
            None,
        ]


async def test_old_updates_are_erased_all_but_what_waits_and_the_newest(
    database: Database,
) -> None:
    """The newest tells Telegram where to go on."""
    async with database.write() as connection:
        await inbox.store(connection, {1: "handled", 2: "waits", 3: "newest"}, NOW)
        await inbox.close(connection, [1, 3], inbox.HANDLED, NOW)
        assert await inbox.purge(connection, NOW) == 0
        assert await inbox.purge(connection, NOW + 1) == 1
        assert await inbox.waiting(connection, 9) == [(2, "waits")]
        assert await inbox.last_update_id(connection) == 3
