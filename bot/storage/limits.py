"""Queries on the limits that owner and admins have set; None is no limit."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chat import LIMIT_NAMES, Limits, LimitsOf, Scope
from bot.storage.tables import limits
from bot.storage.upsert import insert_into


async def of_chat(connection: AsyncConnection, chat_id: int) -> list[LimitsOf]:
    """Give all limits set for a chat and its members."""
    statement = (
        select(limits).where(limits.c.chat_id == chat_id).order_by(limits.c.scope, limits.c.user_id)
    )
    return [
        LimitsOf(
            Scope(row.scope),
            row.user_id,
            Limits(**{name: getattr(row, name) for name in LIMIT_NAMES}),
        )
        for row in await connection.execute(statement)
    ]


async def put(
    connection: AsyncConnection,
    chat_id: int,
    scope: Scope,
    user_id: int,
    *,
    name: str,
    value: int | None,
) -> int | None:
    """Set one limit, or lift it with None; give what it was. Lock the chat before.

    Args:
        connection: a transaction.
        chat_id: the chat.
        scope: whose limit.
        user_id: EVERYBODY, or the single member whose limit it is.
        name: one of `LIMIT_NAMES`.
        value: micro-dollars, or a count for `open_at_once` and `per_hour`.
    """
    key = {"chat_id": chat_id, "scope": scope, "user_id": user_id}
    where = [limits.c[column] == wanted for column, wanted in key.items()]
    before: int | None = await connection.scalar(select(limits.c[name]).where(*where))
    statement = insert_into(connection, limits).values(**key, **{name: value})
    await connection.execute(
        statement.on_conflict_do_update(index_elements=list(key), set_={name: value})
    )
    return before
