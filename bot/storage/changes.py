"""Queries on the audit log: who changed what, from what to what. Rows are added, never changed."""

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import changes, chats

THE_BOT = 0
"""The actor of what the bot did by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change; `at` is epoch ms.

    Attributes:
        actor_id: who did it, or THE_BOT.
        chat_id: the chat it is about, None: the installation.
        action: what was done, in one word such as `limit` or `pause`.
        subject: to what, by ids: people's names do not belong here, since rows are for good.
        before, after: the value, as people read it; None: there was none.
    """

    at: int
    actor_id: int
    chat_id: int | None
    action: str
    subject: str | None = None
    before: str | None = None
    after: str | None = None


async def add(connection: AsyncConnection, change: Change) -> None:
    """Log a change, in the transaction that makes it."""
    values = {name: getattr(change, name) for name in Change.__slots__}
    await connection.execute(changes.insert().values(values))


async def newest(
    connection: AsyncConnection, chat_id: int | None = None, *, limit: int, offset: int = 0
) -> list[Change]:
    """Give the changes of a chat and of the group it was before, or all; newest first."""
    columns = [changes.c[name] for name in Change.__slots__]
    statement = select(*columns).order_by(changes.c.id.desc()).limit(limit).offset(offset)
    if chat_id is not None:
        former = select(chats.c.id).where(chats.c.migrated_to == chat_id)
        statement = statement.where(
            or_(changes.c.chat_id == chat_id, changes.c.chat_id.in_(former))
        )
    rows = await connection.execute(statement)
    return [Change(**row._mapping) for row in rows]  # noqa: SLF001 - the documented name
