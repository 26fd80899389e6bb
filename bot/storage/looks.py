"""Queries on looks: which numbers are due, when again, until when, and what looks have shown."""

from collections.abc import Mapping
from typing import Final

from sqlalchemy import BigInteger, bindparam, case, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation, State
from bot.domain.arrivals import Seen
from bot.domain.schedule import Look
from bot.storage.rows import activation_of
from bot.storage.tables import activations

NEWEST: Final = 20_000
"""So many activations are learned from."""


async def earliest(connection: AsyncConnection) -> int | None:
    """Give when the next look is due (epoch ms)."""
    at: int | None = await connection.scalar(_EARLIEST)
    return at


async def claim(connection: AsyncConnection, now: int, limit: int) -> list[Look]:
    """Give what has been due longest; nobody else gets it until this transaction has ended."""
    rows = await connection.execute(_DUE, {"now": now, "most": limit})
    return [Look._make(row) for row in rows]


async def plan(connection: AsyncConnection, following: Mapping[int, int | None]) -> None:
    """Set when these are to be looked at next (epoch ms), None: never.

    Planned when they are claimed, so that a look that finds nothing has nothing to write.
    """
    if not following:
        return
    if connection.dialect.name == "sqlite":
        values = [(at, one) for one, at in following.items()]
        await connection.exec_driver_sql(_PLAN_EACH, values)
    else:
        await connection.execute(_PLAN_ALL, {"ids": list(following), "ats": [*following.values()]})


async def end(connection: AsyncConnection, looked_at: Mapping[int, int]) -> None:
    """Look no more at these, each looked at with success at a time (epoch ms) past its end."""
    values = [{"of": one, "looked_at": at} for one, at in looked_at.items()]
    await connection.execute(_END, values)


async def ended(connection: AsyncConnection, now: int) -> list[Activation]:
    """Give the received activations whose time for another code is over, with the last look."""
    rows = await connection.execute(_ENDED, {"now": now})
    return sorted(map(activation_of, rows), key=lambda activation: activation.id)


async def seen(connection: AsyncConnection, now: int, since: int, cell: int) -> list[Seen]:
    """Give what became of the newest numbers, bought since (epoch ms), in cells of so many ms."""
    rows = await connection.execute(_SEEN, {"now": now, "since": since, "cell": cell})
    return [Seen._make(row) for row in rows]


_EARLIEST = (
    select(activations.c.next_poll_at)
    .where(activations.c.next_poll_at.isnot(None))
    .order_by(activations.c.next_poll_at)
    .limit(1)
)
_DUE = (
    select(
        activations.c.id,
        activations.c.number,
        func.coalesce(activations.c.pid_used, activations.c.pid),
        activations.c.rs_id,
        activations.c.service_id,
        activations.c.country_code,
        activations.c.state,
        activations.c.bought_at,
        activations.c.next_poll_at,
        activations.c.watch_until,
    )
    .where(activations.c.next_poll_at <= bindparam("now"))
    .order_by(activations.c.next_poll_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True, key_share=True)
)
# Some thousand times a second: as plain as the drivers take them.
_PLAN_EACH = "UPDATE activations SET next_poll_at = ? WHERE id = ?"
_PLAN_ALL = text(
    "UPDATE activations SET next_poll_at = plan.at"
    " FROM unnest(CAST(:ids AS BIGINT[]), CAST(:ats AS BIGINT[])) AS plan (id, at)"
    " WHERE activations.id = plan.id"
)
_END = (
    update(activations)
    .where(
        activations.c.id == bindparam("of"),
        activations.c.watch_until <= bindparam("looked_at"),
    )
    .values(next_poll_at=None)
)
_ENDED = select(activations).where(
    activations.c.state == State.RECEIVED,
    activations.c.watch_until <= bindparam("now"),
    activations.c.next_poll_at.is_(None),
)

_CELL = bindparam("cell", type_=BigInteger)
_MISSED = (activations.c.missed_at - activations.c.bought_at) // _CELL
_LAST = func.coalesce(
    activations.c.first_code_at, activations.c.closed_at, bindparam("now", type_=BigInteger)
)
_AGE = (_LAST - activations.c.bought_at) // _CELL
_HAS_CODE = activations.c.first_code_at.isnot(None)
_IS_OPEN = case((_HAS_CODE, False), else_=activations.c.closed_at.is_(None))
_LAST_ID = select(func.max(activations.c.id)).scalar_subquery()
_KINDS = (
    select(
        activations.c.service_id,
        activations.c.country_code,
        _MISSED.label("missed"),
        _AGE.label("ended"),
        _HAS_CODE.label("has_code"),
        _IS_OPEN.label("is_open"),
    )
    .where(
        activations.c.id > _LAST_ID - NEWEST,
        activations.c.bought_at >= bindparam("since"),
    )
    .subquery()
)
_SEEN = select(*_KINDS.c, func.count()).group_by(*_KINDS.c)
