"""Queries on the inbox: updates that Telegram handed over, kept until they are handled."""

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import insert_into
from bot.storage.tables import inbox

WAITING, HANDLED, BROKEN = "waiting", "handled", "broken"
ERASED = ""


async def store(connection: AsyncConnection, bodies: Mapping[int, str], at: int) -> None:
    """Keep updates (JSON texts by update_id); what is known already stays as it is."""
    if not bodies:
        return
    rows = [
        {"update_id": update_id, "body": body, "status": WAITING, "received_at": at}
        for update_id, body in bodies.items()
    ]
    statement = insert_into(connection, inbox).on_conflict_do_nothing(index_elements=["update_id"])
    await connection.execute(statement, rows)


async def waiting(
    connection: AsyncConnection, limit: int, *, after: int = -1
) -> Sequence[tuple[int, str]]:
    """Give (update_id, JSON text) of what is not handled yet, in Telegram's order."""
    statement = (
        select(inbox.c.update_id, inbox.c.body)
        .where(inbox.c.status == WAITING, inbox.c.update_id > after)
        .order_by(inbox.c.update_id)
        .limit(limit)
    )
    return [(row.update_id, row.body) for row in await connection.execute(statement)]


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
    """Mark updates as handled, or as broken; what people wrote is erased, the ids are kept."""
    closed = {"status": status, "handled_at": at, "body": ERASED}
    await connection.execute(update(inbox).where(inbox.c.update_id.in_(update_ids)).values(closed))


async def count(connection: AsyncConnection, status: str) -> int:
    """Count the updates of a status."""
    statement = select(func.count()).where(inbox.c.status == status)
    return (await connection.execute(statement)).scalar_one()


async def last_update_id(connection: AsyncConnection) -> int | None:
    """Give the highest update_id that was ever stored."""
    highest: int | None = await connection.scalar(select(func.max(inbox.c.update_id)))
    return highest


async def purge(connection: AsyncConnection, before: int) -> int:
    """Erase what was handled before `before` (epoch ms), all but the newest, and count it."""
    newest = select(func.max(inbox.c.update_id)).scalar_subquery()
    statement = inbox.delete().where(
        inbox.c.status != WAITING, inbox.c.received_at < before, inbox.c.update_id != newest
    )
    return (await connection.execute(statement)).rowcount
