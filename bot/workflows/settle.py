"""Settle a purchase: what the provider's answer, or its silence, means for number and money."""

import asyncio
import logging

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import ledger as books
from bot.domain.activation import Activation, CloseReason, State
from bot.domain.notice import Alert, Priority, alerts, card, known, unknown
from bot.domain.polling import give_back_at
from bot.domain.schedule import Schedule
from bot.provider import BoughtNumber, Declined, InsufficientBalance, NotSent, ProviderError
from bot.storage import activations, evidence, ledger, outbox
from bot.workflows.catalogue import Catalogue
from bot.workflows.kit import Kit
from bot.workflows.shortage import Shortage

log = logging.getLogger(__name__)

PENDING = (State.REQUESTED, State.UNKNOWN)


class Settlement:
    """Writes the outcome of a purchase: state, ledger and what is to be told, in one transaction.

    Each transaction is shielded: a task that is cancelled while it commits has still settled.
    """

    def __init__(self, kit: Kit, catalogue: Catalogue) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._signals = kit.signals
        self._meter = kit.meter
        self._rules = kit.rules
        self._schedule = Schedule(kit.rules.pace, kit.plans, kit.random)
        self._catalogue = catalogue
        self._shortage = Shortage(kit)

    async def bought(self, activation: Activation, number: BoughtNumber) -> None:
        """Watch the number and post its price, or flag it where it is another purchase's."""
        try:
            is_ours = await asyncio.shield(self._bought(activation, number))
        except IntegrityError:
            is_ours = False  # on PostgreSQL another answer with the same id was a moment earlier
        if is_ours:
            self._tell("bought")
        else:
            await self.unknown(activation, "the provider repeated another purchase's number")

    async def failed(self, activation: Activation, error: ProviderError) -> None:
        """Void the hold where nothing was charged for sure; all else is unknown."""
        if isinstance(error, NotSent | Declined):
            await asyncio.shield(self._declined(activation, error))
            self._tell("declined")
        else:
            await self.unknown(activation, str(error))

    async def unknown(self, activation: Activation, reason: str) -> None:
        """Keep the hold, and tell buyer and owner that nobody knows."""
        await asyncio.shield(self._unknown(activation, reason))
        self._tell("unknown")

    async def takes_long(self, activation: Activation) -> None:
        """Tell the buyer that the provider has not answered yet."""
        now = self._clock.now()
        async with self._database.write() as connection:
            await activations.change(connection, activation.id, slow_since=now)
            await outbox.renew(connection, card(activation), now)
        self._signals.outbox.set()

    async def _bought(self, activation: Activation, number: BoughtNumber) -> bool:
        now = self._clock.now()
        async with self._database.write() as connection:
            if await _belongs_to_another(connection, number):
                return False
            moved = await self._move_to_waiting(connection, activation, number, now)
            if moved:
                entries = await self._charged(connection, moved)
                await ledger.record(connection, moved, *entries, at=now)
                await outbox.renew(connection, card(moved, Priority.CLOSED), now)
                await self._shortage.sold(connection)
        return True

    async def _move_to_waiting(
        self, connection: AsyncConnection, activation: Activation, number: BoughtNumber, now: int
    ) -> Activation | None:
        """Watch the number; one that comes after its purchase was given up as well."""
        values = self._watched(activation, number, now)
        for sources in (PENDING, (State.DECLINED,), (State.LOST,)):
            moved = await activations.move(
                connection, activation.id, sources, State.WAITING, at=now, reason=None, **values
            )
            if moved and sources is not PENDING:
                await self._take_back(connection, moved, sources[0], now)
            if moved:
                return moved
        log.error("activation %d had a number before this one came", activation.id)
        return None

    def _watched(self, activation: Activation, number: BoughtNumber, now: int) -> dict[str, object]:
        """Give all that an activation gets with its number.

        Its time counts from the request: a slow answer must not let the refund's limit pass.
        """
        ttl = self._rules.activation_ttl
        expires_at = activation.requested_at + round(ttl * 1000)
        return {
            "number": number.number,
            "rs_id": number.rs_id,
            "pid_used": number.pid_used,
            "bought_at": now,
            "closed_at": None,
            "expires_at": expires_at,
            "next_poll_at": self._schedule.first(
                activation.service_id, activation.country_code, now
            ),
            "cancel_at": give_back_at(expires_at, ttl) if number.rs_id else None,
            "cancel_reason": CloseReason.EXPIRY if number.rs_id else None,
        }

    async def _take_back(
        self, connection: AsyncConnection, activation: Activation, given_up_as: State, now: int
    ) -> None:
        """Reverse what was booked when a purchase was given up, and report it."""
        log.warning("the number of activation %d came after it was given up", activation.id)
        entries = [books.unvoid(activation.chat_id, activation.price)]
        if given_up_as is State.LOST:
            entries.append(books.unlose(activation.price))
        await ledger.record(connection, activation, *entries, at=now)
        await outbox.enqueue(connection, known(activation), now)
        facts = {"activation_id": activation.id, "given_up_as": given_up_as}
        notices = alerts(Alert.LATE_NUMBER, self._rules.owner_ids, activation.id, facts)
        await outbox.enqueue_all(connection, notices, now)

    async def _charged(
        self, connection: AsyncConnection, activation: Activation
    ) -> list[books.Entry]:
        """Post the hold; what another pid costs more is the owner's.

        Where the balance has told already what it cost, that stands.
        """
        entries = [books.post(activation.price)]
        used = await self._used_price(connection, activation)
        told = await ledger.price_differences(connection, [activation.id])
        if used not in {None, activation.price} and not told:
            entries.append(books.price_difference(activation.price, used))
        return entries

    async def _used_price(self, connection: AsyncConnection, activation: Activation) -> int | None:
        """Give what the used pid cost when the number was asked for, else what it costs now."""
        if activation.poll_pid == activation.pid:
            return activation.price
        then = (await evidence.alternative_prices(connection, [activation.id]))[activation.id]
        now = self._catalogue.known_price(activation.service_id, activation.poll_pid)
        return then.get(activation.poll_pid, now)

    async def _declined(self, activation: Activation, error: ProviderError) -> None:
        now = self._clock.now()
        async with self._database.write() as connection:
            moved = await activations.move(
                connection,
                activation.id,
                PENDING,
                State.DECLINED,
                at=now,
                reason=type(error).__name__,
                closed_at=now,
            )
            if moved:
                entry = books.void(moved.chat_id, moved.price)
                await ledger.record(connection, moved, entry, at=now)
                await outbox.renew(connection, card(moved, Priority.CLOSED), now)
            if moved and isinstance(error, InsufficientBalance):
                await self._shortage.refused(connection, moved)

    async def _unknown(self, activation: Activation, reason: str) -> None:
        now = self._clock.now()
        async with self._database.write() as connection:
            moved = await activations.move(
                connection,
                activation.id,
                (State.REQUESTED,),
                State.UNKNOWN,
                at=now,
                reason=reason,
            )
            if moved:
                await outbox.renew(connection, card(moved, Priority.CLOSED), now)
                notices = unknown(moved, self._rules.owner_ids)
                await outbox.enqueue_all(connection, notices, now)

    def _tell(self, outcome: str) -> None:
        self._meter.count("purchases", outcome=outcome)
        self._signals.outbox.set()
        self._signals.polls.set()


async def _belongs_to_another(connection: AsyncConnection, number: BoughtNumber) -> bool:
    """A number that cannot be told from another activation's would bring that one's codes."""
    if number.rs_id:
        return await activations.by_rs_id(connection, number.rs_id) is not None
    return await activations.is_watched(connection, number.number, number.pid_used)
