"""What became of purchases whose outcome was unknown: by the balance's evidence, or the owner."""

import asyncio
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import ledger as books
from bot.domain.activation import Activation, State
from bot.domain.notice import Priority, card, known
from bot.storage import activations, ledger, outbox, readings
from bot.storage.database import Database
from bot.storage.ledger import RefundDue
from bot.storage.readings import KeptReading
from bot.workflows.ports import Clock

NOT_CHARGED = "NotCharged"
"""The reason of a `declined` that was `unknown` before."""


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings of the balance around a purchase, where there are any."""

    before: KeptReading | None
    latest: KeptReading | None


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome is known; `anew` where this decision made it so."""

    activation: Activation
    anew: bool


@dataclass(frozen=True, slots=True)
class TooSoon:
    """The provider may still answer, until this time (epoch ms)."""

    until: int


class Outcomes:
    """Shows and settles unknown outcomes. Needs no provider: it works from the shell as well."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def open_ones(self) -> list[Activation]:
        """Give the purchases whose outcome is unknown, oldest first."""
        async with self._database.read() as connection:
            return await activations.in_states(connection, State.UNKNOWN)

    async def evidence(self, activation: Activation) -> Readings:
        """Give the last reading before a purchase and the newest since."""
        async with self._database.read() as connection:
            before = await readings.last(connection, before=activation.requested_at)
            latest = await readings.last(connection)
        is_later = latest is not None and latest.at >= activation.requested_at
        return Readings(before, latest if is_later else None)

    async def decide(self, activation_id: int, *, charged: bool) -> Decided | TooSoon | None:
        """Settle an unknown outcome as its owner says, once; None: there is no such purchase."""
        return await asyncio.shield(self._decide(activation_id, charged=charged))

    async def give_up_refund(self, activation_id: int) -> RefundDue | None:
        """Book a promised refund that never came as the owner's loss; None: none is due."""
        return await asyncio.shield(self._give_up_refund(activation_id))

    async def _give_up_refund(self, activation_id: int) -> RefundDue | None:
        now = self._clock.now()
        async with self._database.write() as connection:
            due = await ledger.refunds_due(connection)
            refund = next((one for one in due if one.activation_id == activation_id), None)
            activation = await activations.get(connection, activation_id)
            if refund is None or activation is None:
                return None
            await ledger.record(connection, activation, books.refund_lost(refund.amount), at=now)
        return refund

    async def _decide(self, activation_id: int, *, charged: bool) -> Decided | TooSoon | None:
        now = self._clock.now()
        async with self._database.write() as connection:
            activation = await activations.get(connection, activation_id)
            if activation is None:
                return None
            if activation.state is State.UNKNOWN and now < activation.lease_until:
                return TooSoon(activation.lease_until)
            taken = activation.price if charged else None
            settled = await settle_unknown(connection, activation_id, taken=taken, at=now)
            if settled:
                await _take_out_of_unexplained(connection, settled, now)
                return Decided(settled, anew=True)
            present = await activations.get(connection, activation_id)
        return Decided(present or activation, anew=False)


async def _take_out_of_unexplained(
    connection: AsyncConnection, activation: Activation, at: int
) -> None:
    """A charge that was booked as unexplained while nobody could tell is the owner's loss now."""
    if activation.state is State.LOST and await is_set_aside(connection, activation):
        await ledger.record_alone(connection, books.unexplained(activation.price), at=at)


async def is_set_aside(connection: AsyncConnection, activation: Activation) -> bool:
    """Tell whether the balance says nothing of an unknown purchase any more."""
    return activation.lease_until <= await readings.concluded_at(connection, readings.SET_ASIDE)


async def settle_unknown(
    connection: AsyncConnection, activation_id: int, *, taken: int | None, at: int
) -> Activation | None:
    """Void the hold, book a charge as the owner's loss, tell the buyer; None: not unknown (now).

    Args:
        connection: a transaction.
        activation_id: of the purchase.
        taken: the micro-dollars that it was charged, None: it was not.
        at: epoch ms.
    """
    moved = await activations.move(
        connection,
        activation_id,
        (State.UNKNOWN,),
        State.DECLINED if taken is None else State.LOST,
        at=at,
        reason=NOT_CHARGED if taken is None else None,
        closed_at=at,
    )
    if moved is None:
        return None
    entries = [books.void(moved.chat_id, moved.price)]
    if taken is not None:
        entries.append(books.loss(moved.price))
        if taken != moved.price:
            entries.append(books.price_difference(moved.price, taken))
    await ledger.record(connection, moved, *entries, at=at)
    await outbox.renew(connection, card(moved, Priority.CLOSED), at)
    await outbox.enqueue(connection, known(moved), at)
    return moved
