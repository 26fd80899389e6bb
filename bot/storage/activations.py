"""Queries on quotes, activations, their transitions and codes."""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    BindParameter,
    Column,
    ColumnElement,
    Insert,
    Row,
    Select,
    and_,
    bindparam,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import LISTED, TRANSITIONS, Activation, CloseReason, Quote, State
from bot.storage.rows import activation_of, quote_of
from bot.storage.slices import some
from bot.storage.tables import activations, codes, quotes, transitions
from bot.storage.upsert import UniqueInsert, upsert

LATELY: Final = 20_000
"""Of so many purchases the newest tell what is bought: counting all takes ever longer."""


async def add_quote(connection: AsyncConnection, quote: Quote) -> None:
    """Keep a quote that is about to be shown."""
    values = {column.name: getattr(quote, column.name) for column in quotes.columns}
    await connection.execute(quotes.insert().values(values))


async def get_quote(connection: AsyncConnection, quote_id: str) -> Quote | None:
    """Give a quote by its id."""
    row = (await connection.execute(select(quotes).where(quotes.c.id == quote_id))).one_or_none()
    return quote_of(row) if row else None


async def purge_quotes(connection: AsyncConnection, before: int) -> int:
    """Erase a slice of the quotes that expired before `before` (epoch ms), and count them."""
    result = await connection.execute(
        quotes.delete().where(some(quotes.c.id, quotes.c.expires_at < before))
    )
    return result.rowcount


async def add_activation(connection: AsyncConnection, **values: object) -> Activation | None:
    """Begin an activation as `requested`; None where its quote has been used already."""
    values |= {"state": State.REQUESTED}
    row = (await upsert(connection, activations, values, _one_per_quote)).one_or_none()
    if row is None:
        return None
    activation = activation_of(row)
    await _note(connection, activation, None, activation.requested_at)
    return activation


async def get(connection: AsyncConnection, activation_id: int) -> Activation | None:
    """Give an activation by its id."""
    return await _first(connection, _BY_ID, activation_id)


async def by_quote(connection: AsyncConnection, quote_id: str) -> Activation | None:
    """Give the activation that a quote became."""
    return await _first(connection, _BY_QUOTE, quote_id)


async def is_card(connection: AsyncConnection, chat_id: int, message_id: int) -> bool:
    """Tell whether a message shows a number that is open, or got a code lately."""
    statement = select(activations.c.id).where(
        activations.c.chat_id == chat_id,
        activations.c.state.in_(LISTED),
        activations.c.card_message_id == message_id,
    )
    return (await connection.execute(statement.limit(1))).one_or_none() is not None


async def by_rs_id(connection: AsyncConnection, rs_id: str) -> Activation | None:
    """Give the activation with the provider's id."""
    return await _first(connection, _BY_RS_ID, rs_id)


async def is_watched(connection: AsyncConnection, number: str, pid: str) -> bool:
    """Tell whether some activation looks for this offer's codes of this number at present."""
    statement = select(activations.c.id).where(
        activations.c.number == number,
        func.coalesce(activations.c.pid_used, activations.c.pid) == pid,
        activations.c.next_poll_at.isnot(None),
    )
    return (await connection.execute(statement.limit(1))).one_or_none() is not None


async def move(
    connection: AsyncConnection,
    activation_id: int,
    sources: Collection[State],
    target: State,
    *,
    at: int,
    reason: str | None = None,
    **values: object,
) -> Activation | None:
    """Change the state where it is one of `sources`, and keep the step; None: somebody was first.

    Raises:
        ValueError: a step that TRANSITIONS does not have.
    """
    illegal = [source for source in sources if target not in TRANSITIONS[source]]
    if illegal:
        raise ValueError(f"no way from {illegal[0]} to {target}")
    before = await _first(connection, _BY_ID_LOCKED, activation_id)
    if before is None or before.state not in sources:
        return None
    statement = (
        update(activations)
        .where(activations.c.id == activation_id, activations.c.state == before.state)
        .values(state=target, reason=reason, **values)
        .returning(activations)
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    activation = activation_of(row)
    await _note(connection, activation, before.state, at)
    return activation


async def change(connection: AsyncConnection, activation_id: int, **values: object) -> None:
    """Set columns other than the state."""
    statement = update(activations).where(activations.c.id == activation_id).values(**values)
    await connection.execute(statement)


async def claim_cancels(
    connection: AsyncConnection, now: int, lease: int, limit: int, *, by: str | None = None
) -> list[Activation]:
    """Give what is due to be cancelled, each leased for `lease` ms by a replica."""
    due = (
        select(activations.c.id)
        .where(activations.c.cancel_at <= now, *_may_be_claimed(now))
        .order_by(activations.c.cancel_at)
        .limit(limit)
        .with_for_update(skip_locked=True, key_share=True)
        .cte("due")
    )
    statement = (
        update(activations)
        .where(activations.c.id.in_(select(due.c.id)))
        .values(cancel_lease_until=now + lease, cancel_lease_by=by)
        .returning(activations)
    )
    return [activation_of(row) for row in await connection.execute(statement)]


async def has_cancel_lease(connection: AsyncConnection, claimed: Activation) -> bool:
    """Tell whether a cancellation is still its claimer's: nobody else asks until the commit."""
    present = await _first(connection, _BY_ID_LOCKED, claimed.id)
    return present is not None and present.cancel_lease_by == claimed.cancel_lease_by


async def next_cancel_at(connection: AsyncConnection, now: int) -> int | None:
    """Give when the next cancellation that nobody has leased is due (epoch ms)."""
    earliest: int | None = await connection.scalar(_NEXT_CANCEL, {"now": now})
    return earliest


async def schedule_cancel(
    connection: AsyncConnection, activation_id: int, at: int, reason: CloseReason
) -> Activation | None:
    """Let a waiting number be cancelled at a time (epoch ms); None where it waits no more."""
    statement = (
        update(activations)
        .where(activations.c.id == activation_id, activations.c.state == State.WAITING)
        .values(cancel_at=at, cancel_reason=reason, cancel_attempts=0, reason=None)
        .returning(activations)
    )
    row = (await connection.execute(statement)).one_or_none()
    return activation_of(row) if row else None


async def free_cancel_leases(connection: AsyncConnection) -> None:
    """Let every cancellation be claimed again."""
    statement = update(activations).where(activations.c.cancel_lease_until.isnot(None))
    await connection.execute(statement.values(cancel_lease_until=None))


async def orphans(connection: AsyncConnection, now: int | None) -> list[Activation]:
    """Give the purchases whose process is gone: lease over at `now`, or all where `now` is None."""
    condition = activations.c.state == State.REQUESTED
    if now is not None:
        condition = and_(condition, activations.c.lease_until <= now)
    return await _many(connection, condition)


async def in_states(connection: AsyncConnection, *states: State) -> list[Activation]:
    """Give the activations in these states, oldest first."""
    return await _many(connection, activations.c.state.in_(states))


async def open_in(connection: AsyncConnection, chat_id: int) -> list[Activation]:
    """Give the activations of a chat from which something may yet come, oldest first."""
    condition = and_(activations.c.chat_id == chat_id, activations.c.state.in_(LISTED))
    return await _many(connection, condition)


async def unrefunded(
    connection: AsyncConnection, lowest: int, highest: int, since: int
) -> list[Activation]:
    """Give the numbers of a price (micro-dollars) closed since (epoch ms) without a refund."""
    condition = and_(
        activations.c.state.in_((State.EXPIRED, State.FINISHED)),
        activations.c.price.between(lowest, highest),
        activations.c.closed_at >= since,
    )
    return await _many(connection, condition)


async def overdue_without_refund(connection: AsyncConnection, now: int) -> list[Activation]:
    """Give the waiting activations past their time that nothing will cancel."""
    condition = and_(
        activations.c.state == State.WAITING,
        activations.c.expires_at <= now,
        activations.c.cancel_at.is_(None),
    )
    return await _many(connection, condition)


async def of_user(
    connection: AsyncConnection,
    user_id: int,
    *,
    chat_id: int | None = None,
    states: Collection[State] = tuple(State),
    limit: int = 50,
    offset: int = 0,
) -> list[Activation]:
    """Give a user's activations, newest first, everywhere or in one chat."""
    statement = (
        select(activations)
        .where(activations.c.user_id == user_id, activations.c.state.in_(states))
        .order_by(activations.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    if chat_id is not None:
        statement = statement.where(activations.c.chat_id == chat_id)
    return [activation_of(row) for row in await connection.execute(statement)]


async def most_bought(
    connection: AsyncConnection, limit: int, *, chat_id: int | None = None
) -> list[str]:
    """Give the ids of the services that a chat buys most; without a chat, that all did lately."""
    newest = select(func.max(activations.c.id)).scalar_subquery()
    lately = activations.c.id > newest - LATELY
    statement = (
        select(activations.c.service_id)
        .where(lately if chat_id is None else activations.c.chat_id == chat_id)
        .group_by(activations.c.service_id)
        .order_by(func.count().desc(), activations.c.service_id)
        .limit(limit)
    )
    return list((await connection.execute(statement)).scalars())


async def add_code(
    connection: AsyncConnection,
    activation_id: int,
    text: str,
    at: int,
    *,
    missed_at: int | None = None,
) -> int | None:
    """Keep what an SMS brought and give its id; None where this text is known already.

    With the first code it is noted when a look had found nothing last, where that is known.
    """
    values = {"activation_id": activation_id, "text": text, "seen_at": at}
    code_id = (await upsert(connection, codes, values, _one_per_text)).scalar_one_or_none()
    if code_id is not None:
        first = activations.c.first_code_at.is_(None)
        mine = update(activations).where(activations.c.id == activation_id, first)
        await connection.execute(mine.values(first_code_at=at, missed_at=missed_at))
    return code_id


async def codes_of(connection: AsyncConnection, activation_ids: Sequence[int]) -> list[Row[Any]]:
    """Give the codes (id, activation_id, text, seen_at) of these activations, oldest first."""
    return list(await connection.execute(_CODES_OF, {"ids": list(activation_ids)}))


async def purge_codes(connection: AsyncConnection, before: int) -> int:
    """Erase a slice of what SMS brought before `before` (epoch ms), and count it."""
    result = await connection.execute(
        codes.delete().where(some(codes.c.id, codes.c.seen_at < before))
    )
    return result.rowcount


def _one_per_quote(insert: UniqueInsert) -> Insert:
    return insert.on_conflict_do_nothing(index_elements=["quote_id"]).returning(activations)


def _one_per_text(insert: UniqueInsert) -> Insert:
    nothing = insert.on_conflict_do_nothing(index_elements=["activation_id", "text"])
    return nothing.returning(codes.c.id)


def _may_be_claimed(
    now: int | BindParameter[int],
) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Tell which cancellations nobody is at; the rows come from the index on `cancel_at`."""
    # Nearly all that is open is waiting: no database must take the index on states for this.
    state = activations.c.state.concat("")
    lease = activations.c.cancel_lease_until
    return state.in_((State.WAITING, State.CANCELLING)), or_(lease.is_(None), lease <= now)


async def _first(
    connection: AsyncConnection, statement: Select[Any], key: object
) -> Activation | None:
    row = (await connection.execute(statement, {"key": key})).one_or_none()
    return activation_of(row) if row else None


def _where_it_is(column: Column[Any]) -> Select[Any]:
    return select(activations).where(column == bindparam("key"))


_BY_ID = _where_it_is(activations.c.id)
_BY_QUOTE = _where_it_is(activations.c.quote_id)
_BY_RS_ID = _where_it_is(activations.c.rs_id)
# Rows that refer to this one may come meanwhile: waiting for them could be mutual.
_BY_ID_LOCKED = _BY_ID.with_for_update(key_share=True)


async def _many(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[Activation]:
    """Sorted here: asked to, SQLite scans the whole table in the order of its ids."""
    rows = await connection.execute(select(activations).where(condition))
    return sorted(map(activation_of, rows), key=lambda activation: activation.id)


_CODES_OF = (
    select(codes)
    .where(codes.c.activation_id.in_(bindparam("ids", expanding=True)))
    .order_by(codes.c.id)
)
# The first row of the column's index; min() would not use it on SQLite.
_NEXT_CANCEL = (
    select(activations.c.cancel_at)
    .where(
        activations.c.cancel_at.isnot(None),
        *_may_be_claimed(bindparam("now", type_=BigInteger)),
    )
    .order_by(activations.c.cancel_at)
    .limit(1)
)


async def _note(
    connection: AsyncConnection, activation: Activation, source: State | None, at: int
) -> None:
    values = {
        "activation_id": activation.id,
        "source": source,
        "target": activation.state,
        "reason": activation.reason,
        "at": at,
    }
    await connection.execute(_NOTE, values)


_NOTE = transitions.insert()
