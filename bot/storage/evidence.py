"""Queries on what the balance's evidence must reckon with: other offers, unasked refunds."""

from collections.abc import Sequence

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import State
from bot.domain.catalogue import Offer
from bot.domain.ledger import PROVIDER
from bot.storage.slices import some_of
from bot.storage.tables import activations, alternatives, entries


async def add_alternatives(
    connection: AsyncConnection, activation_id: int, offers: Sequence[Offer]
) -> None:
    """Keep the service's other offers, with the prices that they have when a number is asked for.

    Any of them may fill the order: `pidUsed` (spotsms-api.txt §3).
    """
    if offers:
        rows = [
            {"activation_id": activation_id, "pid": offer.pid, "price": offer.price}
            for offer in offers
        ]
        await connection.execute(alternatives.insert(), rows)


async def alternative_prices(
    connection: AsyncConnection, activation_ids: Sequence[int]
) -> dict[int, dict[str, int]]:
    """Give micro-dollars by pid, for each of the activations; the asked pid is not among them."""
    found: dict[int, dict[str, int]] = {activation_id: {} for activation_id in activation_ids}
    statement = select(alternatives).where(alternatives.c.activation_id.in_(activation_ids))
    for row in await connection.execute(statement):
        found[row.activation_id][row.pid] = row.price
    return found


async def purge_alternatives(connection: AsyncConnection, before: int) -> int:
    """Erase a slice of what belongs to purchases before `before` (epoch ms), and count it.

    While an outcome is unknown it is evidence, and kept.
    """
    key = alternatives.c.activation_id
    old = (
        select(key)
        .join(activations, activations.c.id == key)
        .where(
            activations.c.requested_at < before,
            activations.c.state.not_in((State.REQUESTED, State.UNKNOWN)),
        )
    )
    statement = alternatives.delete().where(some_of(key, old))
    return (await connection.execute(statement)).rowcount


async def refundable(connection: AsyncConnection, since: int) -> frozenset[int]:
    """Give the amounts (micro-dollars) that the provider might pay back without being asked.

    That is what it took for each number that waits, or was closed since (epoch ms) without a
    refund. Once a number has brought its code in time, it is taken to be paid for.
    """
    taken = case((entries.c.target == PROVIDER, entries.c.amount), else_=-entries.c.amount)
    closed = and_(
        activations.c.state.in_((State.EXPIRED, State.LOST)), activations.c.closed_at >= since
    )
    statement = (
        select(func.sum(taken))
        .join(activations, activations.c.id == entries.c.activation_id)
        .where(or_(activations.c.state == State.WAITING, closed))
        .where(or_(entries.c.source == PROVIDER, entries.c.target == PROVIDER))
        .group_by(entries.c.activation_id)
    )
    amounts = await connection.execute(statement)
    return frozenset(int(amount) for (amount,) in amounts if amount > 0)
