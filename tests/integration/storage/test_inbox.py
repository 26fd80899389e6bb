"""The inbox: every update is kept once, in Telegram's order, until it is handled."""

from sqlalchemy import select

from bot.storage import inbox
from bot.storage.database import Database
from bot.storage.inbox import Update
from bot.storage.tables import inbox as table
from tests.integration.storage.helpers import NOW

ANN, BOB = "1:1", "2:2"


async def test_an_update_that_comes_twice_is_kept_once_as_it_came_first(
    database: Database,
) -> None:
    async with database.write() as connection:
        await inbox.store(connection, [Update(7, ANN, "first")], NOW)
        await inbox.store(connection, [Update(7, ANN, "second"), Update(8, BOB, "other")], NOW)
        assert await inbox.waiting(connection) == [(7, ANN), (8, BOB)]
        assert await inbox.body(connection, 7) == "first"
        await inbox.close(connection, [7], inbox.HANDLED, NOW)
        await inbox.store(connection, [Update(7, ANN, "third")], NOW)
        assert await inbox.waiting(connection) == [(8, BOB)]
        assert await inbox.count(connection, inbox.HANDLED) == 1


async def test_updates_are_handed_out_in_telegrams_order(database: Database) -> None:
    async with database.write() as connection:
        await inbox.store(connection, [], NOW)
        assert await inbox.waiting(connection) == []
        three = [Update(9, ANN, "c"), Update(7, BOB, "a"), Update(8, ANN, "b")]
        await inbox.store(connection, three, NOW)
        assert await inbox.waiting(connection) == [(7, BOB), (8, ANN), (9, ANN)]


async def test_what_an_update_says_and_whose_it_is_is_there_until_it_is_closed(
    database: Database,
) -> None:
    async with database.write() as connection:
        await inbox.store(connection, [Update(1, ANN, "a"), Update(2, BOB, "b")], NOW)
        await inbox.close(connection, [1], inbox.HANDLED, NOW)
        await inbox.close(connection, [2], inbox.BROKEN, NOW)
        await inbox.store(connection, [Update(3, ANN, "c")], NOW)
        kept = await connection.execute(
            select(table.c.lane, table.c.body).order_by(table.c.update_id)
        )
        assert [tuple(row) for row in kept] == [("", ""), ("", ""), (ANN, "c")]
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
        three = [Update(1, ANN, "handled"), Update(2, ANN, "waits"), Update(3, ANN, "newest")]
        await inbox.store(connection, three, NOW)
        await inbox.close(connection, [1, 3], inbox.HANDLED, NOW)
        assert await inbox.purge(connection, NOW) == 0
        assert await inbox.purge(connection, NOW + 1) == 1
        assert await inbox.waiting(connection) == [(2, ANN)]
        kept = await connection.scalars(select(table.c.update_id).order_by(table.c.update_id))
        assert list(kept) == [2, 3]
