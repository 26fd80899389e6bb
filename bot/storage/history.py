"""Queries that look back: what was bought, by what became of it, and each step of the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import OPEN, Activation
from bot.domain.ledger import Kind
from bot.storage.rows import activation_of
from bot.storage.tables import activations, entries, transitions


class Outcome(StrEnum):
    """What became of a purchase."""

    ANY = "any"
    WITH_CODE = "code"
    WITHOUT_CODE = "none"
    REFUNDED = "refund"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Which purchases to look for, requested since (epoch ms); None: of all."""

    user_id: int | None = None
    chat_id: int | None = None
    service_id: str | None = None
    outcome: Outcome = Outcome.ANY
    since: int = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One transition of an activation; `at` is epoch ms."""

    target: str
    reason: str | None
    at: int


async def newest(
    connection: AsyncConnection,
    search: Search,
    limit: int,
    *,
    offset: int = 0,
    below: int | None = None,
) -> list[Activation]:
    """Give what was found, newest first, from an offset or below an id."""
    statement = select(activations).where(*_conditions(search))
    if below is not None:
        statement = statement.where(activations.c.id < below)
    statement = statement.order_by(activations.c.id.desc()).limit(limit).offset(offset)
    return [activation_of(row) for row in await connection.execute(statement)]


async def services(
    connection: AsyncConnection, search: Search, limit: int
) -> Sequence[tuple[str, str]]:
    """Give the services (id and name) of what was found, most bought first."""
    statement = (
        select(activations.c.service_id, func.max(activations.c.service_name))
        .where(*_conditions(search))
        .group_by(activations.c.service_id)
        .order_by(func.count().desc(), activations.c.service_id)
        .limit(limit)
    )
    return [(row[0], row[1]) for row in await connection.execute(statement)]


async def steps_of(connection: AsyncConnection, activation_id: int) -> list[Step]:
    """Give every step of an activation, in order."""
    statement = (
        select(transitions.c.target, transitions.c.reason, transitions.c.at)
        .where(transitions.c.activation_id == activation_id)
        .order_by(transitions.c.id)
    )
    return [Step(row.target, row.reason, row.at) for row in await connection.execute(statement)]


def _conditions(search: Search) -> list[ColumnElement[bool]]:
    exact = {
        activations.c.user_id: search.user_id,
        activations.c.chat_id: search.chat_id,
        activations.c.service_id: search.service_id,
    }
    conditions = [column == value for column, value in exact.items() if value is not None]
    if search.since:
        conditions.append(activations.c.requested_at >= search.since)
    if search.outcome is not Outcome.ANY:
        conditions.append(_became(search.outcome))
    return conditions


def _became(outcome: Outcome) -> ColumnElement[bool]:
    has_code = activations.c.first_code_at.isnot(None)
    if outcome is Outcome.WITH_CODE:
        return has_code
    if outcome is Outcome.WITHOUT_CODE:
        return and_(~has_code, activations.c.state.not_in(OPEN))
    return exists().where(
        entries.c.activation_id == activations.c.id, entries.c.kind == Kind.REFUND
    )
