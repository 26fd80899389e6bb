"""An installation that has lived: something in every table, and in every way that is awkward."""

from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Integer, Table, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import activations, chats, installation
from bot.storage.database import Database
from bot.storage.tables import metadata
from bot.storage.transfer import BATCH, moved_tables
from tests.integration.reconcile.shop import CHAT, Shop, open_shop

NOW = 1_790_000_000_000
BIG = 2**62
GROUP, SUPERGROUP = -1_000_000_000_777, -1_002_147_483_650
AWKWARD = 'Zoë 🔑 مرحبا\n"it\'s" 100 % \\ é e\u0301 :name $1 {}'
LAST_CODE = 40
MANY = 2 * BATCH + 7

Rows = dict[str, list[tuple[Any, ...]]]


async def lived(path: Path) -> None:
    """Make it."""
    async with Database(f"sqlite:///{path}") as database:
        async with open_shop(database) as shop:
            await _traded(shop)
        async with database.write() as connection:
            await _governed(connection)
            await _talked(connection)


async def everything(connection: AsyncConnection) -> Rows:
    """Read all that is moved, in an order of its own."""
    # Sorted last: PostgreSQL ends a transaction in which nothing is asked for 5 s.
    read = {one.name: (await connection.execute(select(one))).all() for one in moved_tables()}
    found = {name: sorted(map(tuple, rows), key=repr) for name, rows in read.items()}
    marks = {"moved_to", "moved_from"}
    found["installation"] = [row for row in found["installation"] if row[0] not in marks]
    return found


async def read(url: str) -> Rows:
    """Read all that is moved from a database that no bot has open."""
    async with Database(url, moving=True) as database, database.read() as connection:
        return await everything(connection)


async def _traded(shop: Shop) -> None:
    """Buy in every outcome; the last code of all is purged, so that only its id is remembered."""
    await shop.cancel(await shop.buy())
    await shop.buy_unanswered(charged=True)
    await shop.buy()
    done = await shop.buy()
    await shop.quote()
    async with shop.database.write() as connection:
        await activations.add_code(connection, done.id, AWKWARD, NOW + 1)
        codes = metadata.tables["codes"]
        last = least(codes, id=LAST_CODE, activation_id=done.id, text="gone")
        await connection.execute(insert(codes).values(last))
        await connection.execute(codes.delete().where(codes.c.id == LAST_CODE))
        other = least(metadata.tables["alternatives"], activation_id=done.id, price=0)
        await connection.execute(insert(metadata.tables["alternatives"]).values(other))


async def _governed(connection: AsyncConnection) -> None:
    await chats.remember_chat(connection, SUPERGROUP, "supergroup", AWKWARD, NOW)
    await chats.remember_chat(connection, GROUP, "group", "Team", NOW)
    await chats.change(connection, GROUP, migrated_to=SUPERGROUP, paused=True)
    await installation.put(connection, "all_paused", {"by": BIG, "why": [AWKWARD, None, 0.1]}, NOW)
    for name, values in (
        ("users", {"id": BIG, "name": AWKWARD}),
        ("members", {"chat_id": SUPERGROUP, "user_id": BIG, "is_admin": True}),
        ("permissions", {"chat_id": SUPERGROUP, "key": AWKWARD, "allowed": False}),
        ("limits", {"chat_id": SUPERGROUP, "user_id": 0, "monthly": BIG}),
        ("invites", {"id": "0123456789abcdef", "daily": None}),
        ("changes", {"id": BIG, "after": AWKWARD}),
    ):
        table = metadata.tables[name]
        await connection.execute(insert(table).values(least(table, **values)))


async def _talked(connection: AsyncConnection) -> None:
    """Let more updates have come than are read at a time, and a message wait with odd facts."""
    inbox, outbox = metadata.tables["inbox"], metadata.tables["outbox"]
    updates = [least(inbox, update_id=number, body=AWKWARD) for number in range(MANY)]
    await connection.execute(insert(inbox), updates)
    facts = {"text": AWKWARD, "b": [1, 2.5, None, {"z": True, "a": BIG}], "a": 10**30}
    waiting = least(outbox, key="odd", facts=facts, chat_id=CHAT, activation_id=None)
    await connection.execute(insert(outbox).values(waiting))


def least(table: Table, **values: object) -> dict[str, Any]:
    """Give a row that has these values, and something wherever there must be something."""
    return {**{name: _something(table, name) for name in _required(table)}, **values}


def _required(table: Table) -> list[str]:
    return [
        column.name
        for column in table.columns
        if not column.nullable
        and column.server_default is None
        and column is not table.autoincrement_column
    ]


def _something(table: Table, name: str) -> object:
    kind = table.columns[name].type
    if isinstance(kind, Boolean):
        return False
    return NOW % 10**6 if isinstance(kind, Integer) else "x"
