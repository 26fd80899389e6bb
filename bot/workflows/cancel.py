"""Cancel and expire: give numbers back for their refund, when asked to or when time is nearly up.

The rows are the schedule: `cancel_at` says when to ask the provider, `cancel_reason` for whom.
"""

import logging
from dataclasses import dataclass
from functools import partial

from bot.domain.activation import Activation, CloseReason, State
from bot.domain.notice import Priority, card
from bot.provider import (
    AlreadyCancelled,
    Declined,
    NotFound,
    NotSent,
    ProviderError,
    TooEarly,
    TooFrequent,
    Unauthorized,
)
from bot.storage import activations, chats, outbox
from bot.workflows.close import Closing
from bot.workflows.health import ProviderHealth
from bot.workflows.kit import Kit
from bot.workflows.watch import Watch
from bot.workflows.worker import surely

log = logging.getLogger(__name__)

CALLS_AT_ONCE = 50
LEASE_SECONDS = 120.0
WRITING = "writing a cancellation"


@dataclass(frozen=True, slots=True)
class Cancelling:
    """The number is being given back; the card tells how it goes on. `at` (epoch ms) if later."""

    activation: Activation
    at: int | None = None


@dataclass(frozen=True, slots=True)
class NotCancellable:
    """This number cannot be cancelled as it stands."""

    activation: Activation


@dataclass(frozen=True, slots=True)
class NotFoundHere:
    """No such number, or not the asker's to cancel."""


CancelAnswer = Cancelling | NotCancellable | NotFoundHere


class Cancellations:
    """Asks the provider for refunds until it has answered."""

    def __init__(self, kit: Kit, health: ProviderHealth, watch: Watch) -> None:
        self._database = kit.database
        self._provider = kit.provider
        self._clock = kit.clock
        self._signals = kit.signals
        self._calls = kit.calls
        self._gate = kit.gate
        self._rules = kit.rules
        self._replica = kit.replica
        self._health = health
        self._watch = watch
        self._closing = Closing(kit)
        self._running: set[int] = set()
        self._stopping = False

    async def request(
        self, activation_id: int, user_id: int, chat_id: int, reason: CloseReason
    ) -> CancelAnswer:
        """Let the buyer, or an admin of the buyer's group, give a number back.

        A button of a group that has become a supergroup counts there.
        """
        now = self._clock.now()
        async with self._database.write() as connection:
            chat_id = await chats.present_id(connection, chat_id)
            activation = await activations.get(connection, activation_id)
            if activation is None or not _may_cancel(activation, user_id, chat_id, reason):
                return NotFoundHere()
            if activation.state is State.CANCELLING:
                return Cancelling(activation)
            if not activation.can_be_cancelled:
                return NotCancellable(activation)
            at = max(now, self._rules.cancellable_at(activation))
            scheduled = await activations.schedule_cancel(connection, activation.id, at, reason)
            if scheduled is None:
                return NotCancellable(activation)
            if at > now:
                await outbox.renew(connection, card(scheduled, Priority.CLOSED), now)
        self._signals.cancels.set()
        self._signals.outbox.set()
        return Cancelling(scheduled, at if at > now else None)

    async def recover(self, *, all_are_dead: bool) -> None:
        """Free the leases of a process that is gone (SQLite, at the start)."""
        if all_are_dead:
            async with self._database.write() as connection:
                await activations.free_cancel_leases(connection)

    async def step(self) -> None:
        """Ask for every refund that is due."""
        room = 0 if self._stopping else CALLS_AT_ONCE - len(self._running)
        if room <= 0 or not self._replica.is_alive:
            return
        now = self._clock.now()
        async with self._database.read() as connection:
            earliest = await activations.next_cancel_at(connection, now)
        if earliest is None or earliest > now:
            return
        lease = round((LEASE_SECONDS + 3 * self._rules.patience) * 1000)
        async with self._database.write() as connection:
            due = await activations.claim_cancels(connection, now, lease, room, by=self._replica.id)
        for activation in due:
            if activation.id not in self._running and not self._stopping:
                self._running.add(activation.id)
                self._calls.start(self._give_back(activation))

    async def expire(self) -> None:
        """End the numbers past their time that nothing will cancel: no id, or refused."""
        now = self._clock.now()
        async with self._database.read() as connection:
            overdue = await activations.overdue_without_refund(connection, now)
        for activation in overdue:
            await self._closing.expired(activation)
            self._signals.outbox.set()

    def stop(self) -> None:
        """Begin no more cancellations; what is due stays due."""
        self._stopping = True

    async def _give_back(self, activation: Activation) -> None:
        try:
            await self._look_then_cancel(activation)
        finally:
            self._running.discard(activation.id)
            self._signals.outbox.set()
            self._signals.cancels.set()

    async def _look_then_cancel(self, before: Activation) -> None:
        """A code that is there already is worth more than the refund, until that is asked for."""
        await self._watch.look_once_more(before)
        claiming = partial(self._claim, before)
        claimed = await surely(WRITING, claiming, gives_up=lambda: self._stopping)
        if claimed is None or claimed.rs_id is None:
            return
        async with self._gate.call(claimed.id):
            is_cancelled = await self._cancel(claimed, claimed.rs_id, before)
        if is_cancelled:
            await self._health.succeeded()

    async def _cancel(self, claimed: Activation, rs_id: str, before: Activation) -> bool:
        """Ask once for the refund, and write down how it went."""
        self._health.budget.take()
        try:
            await self._provider.cancel(rs_id)
        except ProviderError as error:
            await surely(WRITING, partial(self._not_cancelled, claimed, before, error))
            return False
        await surely(WRITING, partial(self._cancelled, claimed))
        return True

    async def _cancelled(self, activation: Activation, *, confirmed: bool = True) -> None:
        """A code may have crossed with the refund: look again as soon as one may."""
        look_at = self._watch.may_look_at(activation.id)
        await self._closing.cancelled(activation, look_at=look_at, confirmed=confirmed)

    async def _claim(self, activation: Activation) -> Activation | None:
        """Enter `cancelling` before the call, so that a crash leaves a trace of it."""
        now = self._clock.now()
        async with self._database.write() as connection:
            if not await activations.has_cancel_lease(connection, activation):
                return None
            claimed = await activations.move(
                connection,
                activation.id,
                (State.WAITING,),
                State.CANCELLING,
                at=now,
                cancel_unanswered=True,
                cancel_attempts=0,
            )
            if claimed:
                await outbox.renew(connection, card(claimed, Priority.CLOSED), now)
                return claimed
            await activations.change(connection, activation.id, cancel_unanswered=True)
            present = await activations.get(connection, activation.id)
        return present if present and present.state is State.CANCELLING else None

    async def _not_cancelled(
        self, activation: Activation, before: Activation, error: ProviderError
    ) -> None:
        """Split by what the answer means; after a silence, "not found" means that it worked.

        Unless a code has come: then it more likely means that there is nothing to give back.

        Args:
            activation: as it was claimed for this attempt.
            before: as it stood before.
            error: what came instead of a yes.
        """
        is_asked_again = before.state is State.CANCELLING
        asked_before = is_asked_again and before.cancel_unanswered
        match error:
            case TooEarly() if self._clock.now() < (activation.expires_at or 0):
                times = 0 if is_asked_again else before.cancel_attempts
                await self._closing.later(activation, error.retry_after, times)
            case NotSent():
                await self._closing.ask_again(activation, unanswered=asked_before)
            case TooFrequent() | Unauthorized():
                await self._closing.ask_again(activation, unanswered=asked_before)
                await self._health.failed(error)
            case AlreadyCancelled() if asked_before:
                await self._cancelled(activation, confirmed=False)
            case NotFound() if asked_before and not await self._has_code(activation):
                await self._cancelled(activation, confirmed=False)
            case Declined():
                await self._closing.refused(activation, error)
            case _:
                await self._closing.ask_again(activation, unanswered=True)
                await self._health.failed(error)

    async def _has_code(self, activation: Activation) -> bool:
        async with self._database.read() as connection:
            return bool(await activations.codes_of(connection, [activation.id]))


def _may_cancel(activation: Activation, user_id: int, chat_id: int, reason: CloseReason) -> bool:
    if reason is CloseReason.ADMIN:
        return activation.chat_id == chat_id
    in_own_chat = chat_id in {activation.chat_id, activation.user_id}
    return activation.user_id == user_id and in_own_chat
