"""Queries on the inbox: updates that Telegram handed over, kept until they are handled."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.slices import some
from bot.storage.tables import inbox
from bot.storage.upsert import insert_into

WAITING, HANDLED, BROKEN = "waiting", "handled", "broken"
ERASED = ""


class Update(NamedTuple):
    """An update as Telegram sent it (`body`, JSON text), and the lane that it belongs to."""

    update_id: int
    lane: str
    body: str


async def store(connection: AsyncConnection, updates: Collection[Update], at: int) -> None:
    """Keep updates; what is known already stays as it is."""
    if not updates:
        return
    rows = [one._asdict() | {"status": WAITING, "received_at": at} for one in updates]
    statement = insert_into(connection, inbox).on_conflict_do_nothing(index_elements=["update_id"])
    await connection.execute(statement, rows)


async def waiting(connection: AsyncConnection) -> Sequence[tuple[int, str]]:
    """Give (update_id, lane) of what is not handled yet, in Telegram's order."""
    statement = (
        select(inbox.c.update_id, inbox.c.lane)
        .where(inbox.c.status == WAITING)
        .order_by(inbox.c.update_id)
    )
    return [(row.update_id, row.lane) for row in await connection.execute(statement)]


async def body(connection: AsyncConnection, update_id: int) -> str | None:
    """Give the JSON text of an update, None where it was handled already or never came."""
    statement = select(inbox.c.body).where(
        inbox.c.update_id == update_id, inbox.c.status == WAITING
    )
    text: str | None = await connection.scalar(statement)
    return text


async def close(
    connection: AsyncConnection, update_ids: Collection[int], status: str, at: int
) -> None:
    """Mark updates as handled, or as broken; who wrote what is erased, the ids are kept."""
    closed = {"status": status, "handled_at": at, "lane": ERASED, "body": ERASED}
    await connection.execute(update(inbox).where(inbox.c.update_id.in_(update_ids)).values(closed))


async def count(connection: AsyncConnection, status: str) -> int:
    """Count the updates of a status."""
    statement = select(func.count()).where(inbox.c.status == status)
    return (await connection.execute(statement)).scalar_one()


async def purge(connection: AsyncConnection, before: int) -> int:
    """Erase a slice of what was handled before `before` (epoch ms), and count it.

    The newest is kept.
    """
    newest = select(func.max(inbox.c.update_id)).scalar_subquery()
    is_old = (
        inbox.c.status != WAITING,
        inbox.c.received_at < before,
        inbox.c.update_id != newest,
    )
    statement = inbox.delete().where(some(inbox.c.update_id, *is_old))
    return (await connection.execute(statement)).rowcount
