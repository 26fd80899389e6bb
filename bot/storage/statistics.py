"""Queries that count: what was bought, what it cost, what came, and how long it took.

The database sorts and counts, so that none of the activations travels here.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.ledger import Kind
from bot.domain.statistics import FAIR_CHANCE_SECONDS, SILENT, Evidence, Tally
from bot.storage.tables import activations, entries

MOST_GROUPS: Final = 100

_HAS_CODE = activations.c.first_code_at.isnot(None)
_WAS_SILENT = and_(
    activations.c.state.in_(SILENT),
    activations.c.closed_at - activations.c.bought_at >= round(FAIR_CHANCE_SECONDS * 1000),
)
_SPENT = (
    select(func.sum(case((entries.c.kind == Kind.POST, entries.c.amount), else_=-entries.c.amount)))
    .where(
        entries.c.activation_id == activations.c.id,
        entries.c.kind.in_((Kind.POST, Kind.REFUND)),
    )
    .scalar_subquery()
)


class Group(StrEnum):
    """What is counted together."""

    ALL = "all"
    SERVICE = "service"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose activations are counted, requested since (epoch ms); None: everybody's."""

    since: int
    chat_id: int | None = None
    user_id: int | None = None


async def tallies(connection: AsyncConnection, scope: Scope, group: Group) -> list[Tally]:
    """Count what was bought, most bought first; money is what was posted less what came back."""
    statement = _counted(group, _SPENT, *_within(scope)).limit(MOST_GROUPS)
    return [_tally(row) for row in await connection.execute(statement)]


async def by_country(
    connection: AsyncConnection, service_id: str, since: int
) -> dict[str, Evidence]:
    """Give what all chats have seen of a service, by the country's code."""
    statement = _counted(
        Group.COUNTRY,
        literal(0),
        activations.c.service_id == service_id,
        activations.c.requested_at >= since,
    )
    return {row.key: _tally(row).evidence for row in await connection.execute(statement)}


def _within(scope: Scope) -> list[ColumnElement[bool]]:
    conditions = [activations.c.requested_at >= scope.since]
    if scope.chat_id is not None:
        conditions.append(activations.c.chat_id == scope.chat_id)
    if scope.user_id is not None:
        conditions.append(activations.c.user_id == scope.user_id)
    return conditions


def _counted(
    group: Group, spent: ColumnElement[int], *conditions: ColumnElement[bool]
) -> Select[Any]:
    """Count by group; the median is the mean of the waits that stand in the middle."""
    key, name = {
        Group.ALL: (literal(""), literal("")),
        Group.SERVICE: (activations.c.service_id, activations.c.service_name),
        Group.COUNTRY: (activations.c.country_code, activations.c.country_name),
    }[group]
    facts = (
        select(
            key.label("key"),
            name.label("name"),
            case((or_(_HAS_CODE, _WAS_SILENT), 1), else_=0).label("is_case"),
            (activations.c.first_code_at - activations.c.bought_at).label("wait"),
            func.coalesce(spent, 0).label("spent"),
        )
        .where(activations.c.bought_at.isnot(None), *conditions)
        .cte("facts")
    )
    order = func.row_number().over(partition_by=facts.c.key, order_by=facts.c.wait.nulls_last())
    waits = func.count(facts.c.wait).over(partition_by=facts.c.key)
    ranked = select(facts, order.label("rank"), waits.label("waits")).cte("ranked")
    middle = ranked.c.rank.in_(((ranked.c.waits + 1) // 2, (ranked.c.waits + 2) // 2))
    bought = func.count().label("bought")
    return (
        select(
            ranked.c.key,
            func.max(ranked.c.name).label("name"),
            bought,
            func.sum(ranked.c.spent).label("spent"),
            func.sum(ranked.c.is_case).label("cases"),
            func.count(ranked.c.wait).label("codes"),
            func.avg(case((middle, ranked.c.wait))).label("median_wait"),
        )
        .group_by(ranked.c.key)
        .order_by(bought.desc(), ranked.c.key)
    )


def _tally(row: Row[Any]) -> Tally:
    wait = None if row.median_wait is None else round(row.median_wait)
    evidence = Evidence(int(row.cases), row.codes, wait)
    return Tally(row.key, row.name, row.bought, int(row.spent), evidence)
