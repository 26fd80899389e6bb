"""Write down how a cancellation went: state, ledger and what is to be told, in one transaction."""

import asyncio
import logging

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import ledger as books
from bot.domain.activation import Activation, CloseReason, State
from bot.domain.notice import Alert, Priority, alerts, card, expired
from bot.domain.polling import backoff, give_back_at, grace_until, second_code_until
from bot.provider import Declined
from bot.storage import activations, ledger, outbox
from bot.workflows.kit import Kit

log = logging.getLogger(__name__)

RETRY_FIRST_SECONDS = 2.0
RETRY_MOST_SECONDS = 60.0
EARLY_FIRST_SECONDS = 3.0
EARLY_MOST_SECONDS = 15.0


class Closing:
    """Every way in which asking for a refund can end.

    A refund counts whoever was told of it. Any other answer counts only while the cancellation is
    still its claimer's: where another replica has taken it over, that one may just have got yes.
    """

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._meter = kit.meter
        self._rules = kit.rules

    async def cancelled(
        self, activation: Activation, *, look_at: int | None = None, confirmed: bool = True
    ) -> None:
        """Close the number and book the refund, once; tell the owner where it is a conclusion.

        Args:
            activation: whose cancellation was asked for.
            look_at: when to look for a code next (epoch ms), None: as it is planned.
            confirmed: SpotSMS said yes, and did not only say no after a silence.
        """
        await asyncio.shield(self._cancelled(activation, look_at, confirmed=confirmed))
        self._meter.count("cancellations", outcome="cancelled")

    async def ask_again(self, activation: Activation, *, unanswered: bool) -> None:
        """Plan the next attempt: a cancellation spends nothing, so ask until there is an answer."""
        now = self._clock.now()
        pause = backoff(activation.cancel_attempts, RETRY_FIRST_SECONDS, RETRY_MOST_SECONDS)
        async with self._database.write() as connection:
            if not await activations.has_cancel_lease(connection, activation):
                return
            await activations.change(
                connection,
                activation.id,
                cancel_at=now + round(pause * 1000),
                cancel_lease_until=None,
                cancel_unanswered=unanswered,
                cancel_attempts=activation.cancel_attempts + 1,
            )
            if not activation.cancel_attempts:  # later ones change nothing that it shows
                await outbox.renew(connection, card(activation, Priority.CLOSED), now)

    async def later(self, activation: Activation, seconds: float | None, times: int) -> None:
        """Too early: wait on, and cancel by ourselves as soon as the provider allows.

        Args:
            activation: whose cancellation came too early.
            seconds: for how long the provider says to wait, None: it does not.
            times: how often it came too early before.
        """
        pause = seconds or backoff(times, EARLY_FIRST_SECONDS, EARLY_MOST_SECONDS)
        now = self._clock.now()
        latest = max(self._before_its_end(activation), now + round(EARLY_MOST_SECONDS * 1000))
        at = min(now + round(pause * 1000), latest)
        reason = activation.cancel_reason
        await self._back_to_waiting(activation, at, reason, None, cancel_attempts=times + 1)

    async def refused(self, activation: Activation, error: Declined) -> None:
        """Refused for good: the number stays, and is tried once more before its time is up."""
        self._meter.count("cancellations", outcome="refused")
        log.warning("activation %d: cancellation refused (%d)", activation.id, error.code)
        refusal = error.reason or str(error.code)
        at = self._before_its_end(activation)
        if activation.cancel_reason is CloseReason.EXPIRY:
            # Its reason stays: nobody is told of a refusal of what nobody has asked for.
            await self._back_to_waiting(activation, None, CloseReason.EXPIRY, refusal)
        elif at <= self._clock.now():
            await self._back_to_waiting(activation, None, None, refusal)
        else:
            await self._back_to_waiting(activation, at, CloseReason.EXPIRY, refusal)

    async def expired(self, activation: Activation) -> None:
        """Close a number whose time is over without a refund; look on for a while."""
        now = self._clock.now()
        async with self._database.write() as connection:
            moved = await activations.move(
                connection,
                activation.id,
                (State.WAITING,),
                State.EXPIRED,
                at=now,
                reason=activation.reason,
                closed_at=now,
                watch_until=grace_until(now),
            )
            if moved:
                await outbox.renew(connection, card(moved, Priority.CLOSED), now)
                await outbox.enqueue(connection, expired(moved), now)

    async def _cancelled(
        self, activation: Activation, look_at: int | None, *, confirmed: bool
    ) -> None:
        now = self._clock.now()
        plan = {} if look_at is None else {"next_poll_at": look_at}
        async with self._database.write() as connection:
            moved = await activations.move(
                connection,
                activation.id,
                (State.CANCELLING,),
                State.CANCELLED,
                at=now,
                reason=None if confirmed else "not confirmed",
                closed_at=now,
                watch_until=grace_until(now),
                cancel_at=None,
                **plan,
            )
            if moved is None:
                return
            await ledger.record(connection, moved, *await _refund(connection, moved), at=now)
            await outbox.renew(connection, card(moved, Priority.CLOSED), now)
            if moved.cancel_reason is CloseReason.EXPIRY:
                await outbox.enqueue(connection, expired(moved), now)
            if not confirmed:
                facts = {"activation_id": moved.id}
                notices = alerts(Alert.CANCEL_UNCONFIRMED, self._rules.owner_ids, moved.id, facts)
                await outbox.enqueue_all(connection, notices, now)

    async def _back_to_waiting(
        self,
        activation: Activation,
        cancel_at: int | None,
        cancel_reason: CloseReason | None,
        refusal: str | None,
        *,
        cancel_attempts: int = 0,
    ) -> None:
        """Watch on; a code that came meanwhile makes it `received`, and no refund is due."""
        now = self._clock.now()
        values: dict[str, object] = {
            "cancel_lease_until": None,
            "cancel_unanswered": False,
            "cancel_attempts": cancel_attempts,
        }
        async with self._database.write() as connection:
            if not await activations.has_cancel_lease(connection, activation):
                return
            if await activations.codes_of(connection, [activation.id]):
                target = State.RECEIVED
                values["watch_until"] = second_code_until(now, activation.expires_at or now)
                values |= {"cancel_at": None, "cancel_reason": None}
            else:
                target = State.WAITING
                values |= {"cancel_at": cancel_at, "cancel_reason": cancel_reason}
            moved = await activations.move(
                connection,
                activation.id,
                (State.CANCELLING,),
                target,
                at=now,
                reason=refusal,
                **values,
            )
            await outbox.renew(connection, card(moved or activation, Priority.CLOSED), now)

    def _before_its_end(self, activation: Activation) -> int:
        """Give when a number is given back that nobody has (epoch ms)."""
        return give_back_at(activation.expires_at or 0, self._rules.activation_ttl)


async def _refund(connection: AsyncConnection, activation: Activation) -> list[books.Entry]:
    """Give the chat its price back; the provider owes what it took, which may differ."""
    refund = books.refund(activation.chat_id, activation.price)
    difference = (await ledger.price_differences(connection, [activation.id])).get(activation.id)
    if difference is None:
        return [refund]
    return [refund, books.refund_difference(activation.price, activation.price + difference)]
