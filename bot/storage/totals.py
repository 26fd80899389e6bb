"""Counts over whole tables, for the operator."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import OPEN
from bot.storage import inbox, outbox
from bot.storage.tables import activations


@dataclass(frozen=True, slots=True)
class Totals:
    """How much there is of what keeps the bot busy."""

    open_activations: int
    outbox_pending: int
    outbox_parked: int
    inbox_waiting: int


async def totals(connection: AsyncConnection) -> Totals:
    """Count what waits."""
    open_ones = select(func.count()).where(activations.c.state.in_(OPEN))
    return Totals(
        open_activations=(await connection.execute(open_ones)).scalar_one(),
        outbox_pending=await outbox.count(connection, outbox.PENDING),
        outbox_parked=await outbox.count(connection, outbox.PARKED),
        inbox_waiting=await inbox.count(connection, inbox.WAITING),
    )
