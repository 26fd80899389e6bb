"""Queries for the owner: what is open and spent everywhere, and one purchase among all."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, and_, case, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import OPEN, Activation
from bot.domain.ledger import HOLDS, REFUNDS_DUE, Kind
from bot.domain.times import DAY_MS
from bot.storage.rows import activation_of
from bot.storage.tables import activations, entries, users

_TAKEN: Final = (Kind.HOLD, Kind.VOID_REVERSED)
_GIVEN_BACK: Final = (Kind.VOID, Kind.REFUND)
_LARGEST: Final = 2**63 - 1


@dataclass(frozen=True, slots=True)
class OpenNumbers:
    """How many numbers are open, and what they cost together (micro-dollars)."""

    count: int
    worth: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """Purchases to look for; one that fits any of these is found.

    Attributes:
        activation_id: ours.
        user_id: whose they are.
        digits: of the number, with its country code.
        name: a part of a person's name, or the @name.
        coded_on: the day (epoch ms, UTC) on which the first code came.
    """

    activation_id: int | None = None
    user_id: int | None = None
    digits: str | None = None
    name: str | None = None
    coded_on: int | None = None


async def open_numbers(connection: AsyncConnection, chat_id: int | None = None) -> OpenNumbers:
    """Count what is open in a chat, or everywhere."""
    statement = select(func.count(), func.coalesce(func.sum(activations.c.price), 0)).where(
        activations.c.state.in_(OPEN)
    )
    if chat_id is not None:
        statement = statement.where(activations.c.chat_id == chat_id)
    count, worth = (await connection.execute(statement)).one()
    return OpenNumbers(count, int(worth))


async def spent_by_day(connection: AsyncConnection, since: int) -> dict[int, int]:
    """Give what all chats spent and hold (micro-dollars), by the day's beginning (epoch ms, UTC).

    A refund counts on the day of the purchase; days without a purchase are left out.
    """
    day = (entries.c.purchased_at // DAY_MS).label("day")
    signed = case(
        (entries.c.kind.in_(_TAKEN), entries.c.amount),
        (entries.c.kind.in_(_GIVEN_BACK), -entries.c.amount),
        else_=0,
    )
    # Both ends are indexed with the day; by the kind alone the whole ledger would be read.
    lately = entries.c.purchased_at >= since
    taken = and_(entries.c.target == HOLDS, lately)
    given_back = and_(entries.c.source.in_((HOLDS, REFUNDS_DUE)), lately)
    statement = select(day, func.sum(signed)).where(or_(taken, given_back)).group_by(day)
    return {row[0] * DAY_MS: int(row[1]) for row in await connection.execute(statement)}


async def find(
    connection: AsyncConnection, sought: Sought, limit: int, offset: int = 0
) -> list[Activation]:
    """Give the purchases that fit, newest first."""
    statement = (
        select(activations)
        .where(or_(false(), *_conditions(sought)))
        .order_by(activations.c.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [activation_of(row) for row in await connection.execute(statement)]


def _conditions(sought: Sought) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if sought.activation_id is not None and sought.activation_id <= _LARGEST:
        conditions.append(activations.c.id == sought.activation_id)
    if sought.user_id is not None and sought.user_id <= _LARGEST:
        conditions.append(activations.c.user_id == sought.user_id)
    if sought.digits:
        written = (sought.digits, f"+{sought.digits}")
        conditions.append(activations.c.number.in_(written))
    if sought.name:
        conditions.append(activations.c.user_id.in_(_people(sought.name)))
    if sought.coded_on is not None:
        came_at = activations.c.first_code_at
        day = (came_at >= sought.coded_on, came_at < sought.coded_on + DAY_MS)
        conditions.append(and_(*day))
    return conditions


def _people(name: str) -> ColumnElement[int]:
    """Give the ids of the people with such a name; a database may lower ASCII letters only."""
    lowered = func.lower(users.c.name).contains(name.lower(), autoescape=True)
    as_typed = users.c.name.contains(name, autoescape=True)
    username = func.lower(users.c.username) == name.removeprefix("@").lower()
    return select(users.c.id).where(or_(lowered, as_typed, username)).scalar_subquery()
