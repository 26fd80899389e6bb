"""Queries on the limits that owner and admins have set; None is no limit."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chat import LIMIT_NAMES, Limits, Scope
from bot.storage.rows import insert_into
from bot.storage.tables import limits

EVERYBODY = 0
"""The user id of limits that are not a single member's."""


@dataclass(frozen=True, slots=True)
class LimitsOf:
    """Limits and whose they are; `user_id` is EVERYBODY unless they are a single member's."""

    scope: Scope
    user_id: int
    limits: Limits


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


async def that_apply(
    connection: AsyncConnection, chat_id: int, user_id: int
) -> dict[Scope, Limits]:
    """Give the limits that a member's purchase must keep, by scope.

    What is set for this member replaces what is set for each member, limit by limit.
    """
    found = {(one.scope, one.user_id): one.limits for one in await of_chat(connection, chat_id)}
    none = Limits()
    for_each = found.get((Scope.MEMBER, EVERYBODY), none)
    return {
        Scope.OWNER: found.get((Scope.OWNER, EVERYBODY), none),
        Scope.CHAT: found.get((Scope.CHAT, EVERYBODY), none),
        Scope.MEMBER: found.get((Scope.MEMBER, user_id), none).or_else(for_each),
    }


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
