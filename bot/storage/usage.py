"""Queries on what a chat and a member of it have used up; only what some limit asks for is read."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import GIVEN_UP, OPEN
from bot.domain.chat import ChatRules, Limits, Scope
from bot.domain.policy import WINDOWS, Usage, Usages, start_of
from bot.domain.times import HOUR_MS
from bot.storage import ledger
from bot.storage.tables import activations


async def of_member(
    connection: AsyncConnection, rules: ChatRules, user_id: int, now: int
) -> Usages:
    """Give what is used up of the limits that apply to a member; `now` is epoch ms.

    Lock the chat before, so that two purchases cannot both take what is left.
    """
    limits = rules.limits_for(user_id)
    own = limits.pop(Scope.MEMBER)
    return Usages(
        chat=await _usage(connection, rules.chat_id, None, limits.values(), now),
        member=await _usage(connection, rules.chat_id, user_id, [own], now),
    )


async def _usage(
    connection: AsyncConnection,
    chat_id: int,
    user_id: int | None,
    limits: Collection[Limits],
    now: int,
) -> Usage:
    def matters(name: str) -> bool:
        return any(one.of(name) is not None for one in limits)

    since = {name: start_of(name, now) for name in WINDOWS if matters(name)}
    spent = await ledger.spent_in_windows(connection, chat_id, since, user_id)
    return Usage(
        **spent,
        open_until=await open_until(connection, chat_id, user_id)
        if matters("open_at_once")
        else (),
        bought_at=await bought_since(connection, chat_id, user_id, now - HOUR_MS)
        if matters("per_hour")
        else (),
    )


async def open_until(
    connection: AsyncConnection, chat_id: int, user_id: int | None = None
) -> tuple[int | None, ...]:
    """Give when the time of each open activation is over (epoch ms, None: not known)."""
    statement = select(activations.c.expires_at).where(
        activations.c.chat_id == chat_id, activations.c.state.in_(OPEN)
    )
    if user_id is not None:
        statement = statement.where(activations.c.user_id == user_id)
    return tuple((await connection.execute(statement)).scalars())


async def bought_since(
    connection: AsyncConnection, chat_id: int, user_id: int | None, since: int
) -> tuple[int, ...]:
    """Give when purchases were begun after `since` (epoch ms); those in vain do not count."""
    statement = select(activations.c.requested_at).where(
        activations.c.chat_id == chat_id,
        activations.c.requested_at > since,
        activations.c.state.not_in(GIVEN_UP),
    )
    if user_id is not None:
        statement = statement.where(activations.c.user_id == user_id)
    return tuple((await connection.execute(statement)).scalars())
