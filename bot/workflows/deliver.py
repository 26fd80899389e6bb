"""Deliver: drain the outbox, most urgent first, within Telegram's limits, at least once."""

import asyncio
import logging
from functools import partial

from bot.domain import notice
from bot.domain.activation import Activation
from bot.domain.chat import CodePlace
from bot.domain.notice import Notice, NoticeKind, card
from bot.domain.polling import backoff
from bot.storage import activations, chats, outbox
from bot.storage.outbox import OutboxRow
from bot.workflows.kit import Kit
from bot.workflows.ports import (
    ChatGone,
    ChatMoved,
    Messenger,
    Pacer,
    Refused,
    TryLater,
    Unreachable,
)
from bot.workflows.worker import surely

log = logging.getLogger(__name__)

SENDS_AT_ONCE = 64
RETRIES_AT_ONCE = 32
"""Chats that hang must leave room for those that do not."""
ROWS_AT_ONCE = 16
"""The pace lets few leave at once: reading all that waits each time would be in vain."""
RETRY_FIRST_SECONDS = 1.0
RETRY_MOST_SECONDS = 10.0
CHATS_THAT_MAKE_AN_OUTAGE = 2
OUTAGE_SECONDS = 1.0
"""Short: two chats may fail for reasons of their own, and a third must not wait for them."""
STOP_SECONDS = 2.0
_IN_PRIVATE = frozenset({NoticeKind.CODE, NoticeKind.HANDED_OVER})
"""What a group's member may be told in private."""
LOOK_BACK_SECONDS = 120.0
"""Telegram counts what a group got within a minute, whoever of our processes sent it."""


class Delivery:
    """Sends what the outbox holds. One chat's trouble delays no other chat."""

    def __init__(self, kit: Kit, messenger: Messenger, pacer: Pacer) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._signals = kit.signals
        self._meter = kit.meter
        self._replica = kit.replica
        self._messenger = messenger
        self._pacer = pacer
        self._sending: dict[int, asyncio.Task[None]] = {}
        self._retrying: set[int] = set()
        self._held_until: dict[int, int] = {}
        self._failing: set[int] = set()
        self._all_held_until = 0
        self._reign: int | None = None
        self._led_until = 0
        self._stopping = False

    async def recover(self) -> None:
        """Learn from the outbox what groups were sent just before this process began to lead."""
        now = self._clock.now()
        since = max(self._led_until, now - round(LOOK_BACK_SECONDS * 1000))
        async with self._database.read() as connection:
            sent = await outbox.sent_to_groups(connection, since)
        for chat_id, sent_at in sent:
            self._pacer.note_earlier(chat_id, (now - sent_at) / 1000)

    async def step(self) -> None:
        """Start sending all that may leave now; only the leader does."""
        if not self._replica.is_leader:
            return
        if self._reign != self._replica.reign:
            await self.recover()
            self._reign = self._replica.reign
        now = self._led_until = self._clock.now()
        room = min(ROWS_AT_ONCE, SENDS_AT_ONCE - len(self._sending))
        if now < self._all_held_until or room <= 0 or self._stopping:
            return
        self._held_until = {chat: until for chat, until in self._held_until.items() if until > now}
        busy = {*self._sending, *self._held_until}
        retries = self._may_retry()
        async with self._database.read() as connection:
            rows = await outbox.due(connection, now, room, except_chats=busy, retries=retries)
        for row in rows:
            if row.attempts and not self._may_retry():
                continue
            wait = self._pacer.wait_for_all()
            if wait > 0:  # nobody is held: whoever is most urgent then goes first
                self._ring_in(wait)
                return
            self._start(row)
        if len(rows) == room:  # others may wait behind those
            self._signals.outbox.set()

    async def unpark(self, chat_id: int) -> None:
        """Send what waited for a chat that could not be reached: it is there again."""
        async with self._database.read() as connection:
            if not await outbox.has_parked(connection, chat_id):
                return
        async with self._database.write() as connection:
            await outbox.unpark(connection, chat_id, self._clock.now())
        self._held_until.pop(chat_id, None)
        self._signals.outbox.set()

    async def move_chat(self, old_id: int, new_id: int) -> None:
        """A group has become a supergroup: everything that belongs to it moves along."""
        now = self._clock.now()
        async with self._database.write() as connection:
            old = await chats.get(connection, old_id, lock=True)
            if old and old.migrated_to != new_id:
                await chats.migrate(connection, old, new_id, now)
                for activation in await activations.open_in(connection, new_id):
                    await outbox.renew(connection, card(activation), now)
            await outbox.move_chat(connection, old_id, new_id)
        self._signals.outbox.set()

    async def stop(self) -> None:
        """Wait a little for what is being sent; the rest stays in the outbox."""
        self._stopping = True
        if self._sending:
            _, late = await asyncio.wait(self._sending.values(), timeout=STOP_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def _may_retry(self) -> bool:
        return len(self._retrying) < RETRIES_AT_ONCE

    def _start(self, row: OutboxRow) -> None:
        """Send unless the pace does not allow it yet: then ring when it does."""
        wait = self._pacer.wait_for(row.chat_id)
        if wait > 0:
            self._hold(row.chat_id, wait)
            return
        self._pacer.note_sent(row.chat_id)
        task = asyncio.create_task(self._send(row))
        self._sending[row.chat_id] = task
        if row.attempts:
            self._retrying.add(row.chat_id)
        task.add_done_callback(partial(self._ended, row.chat_id))

    async def _send(self, row: OutboxRow) -> None:
        if not self._replica.is_leader:
            return  # the process stood still, and another one may be sending this
        try:
            message_id = await self._messenger.deliver(row)
        except TryLater as error:
            self._pacer.note_flood(row.chat_id, error.seconds)
            self._meter.count("telegram_floods")
            await self._postpone(row, error.seconds, "flood")
        except Unreachable as error:
            if not row.attempts:  # that it fails again says nothing of the others
                self._note_outage(row.chat_id)
            await self._postpone(row, _pause(row.attempts), str(error))
        except ChatMoved as error:
            await self.move_chat(row.chat_id, error.chat_id)
        except ChatGone as error:
            await self._park(row, str(error))
        except Refused as error:
            await self._give_up(row, str(error))
        except Exception:
            log.exception("outbox row %d (%s) cannot be sent", row.id, row.kind)
            await self._set_aside(row)
        else:
            self._failing.clear()
            sent = partial(self._sent, row, message_id)
            await asyncio.shield(surely("noting a delivery", sent))

    async def _sent(self, row: OutboxRow, message_id: int | None) -> None:
        now = self._clock.now()
        async with self._database.write() as connection:
            # The activation first, as everybody does who renews its card: else each may wait for
            # what the other has locked.
            if row.kind is NoticeKind.CARD and row.activation_id and message_id:
                await activations.change(connection, row.activation_id, card_message_id=message_id)
            await outbox.settle(connection, row, outbox.SENT, now)
        self._meter.count("deliveries", result="sent")

    async def _postpone(self, row: OutboxRow, seconds: float, problem: str) -> None:
        """Try again later; the chat's other rows would meet the same trouble."""
        self._hold(row.chat_id, seconds)
        due_at = self._clock.now() + round(seconds * 1000)
        async with self._database.write() as connection:
            await outbox.postpone(connection, row, due_at, problem)

    async def _set_aside(self, row: OutboxRow) -> None:
        """Try again later a row that fails by a fault of our own: the chat's others go on."""
        due_at = self._clock.now() + round(_pause(row.attempts) * 1000)
        async with self._database.write() as connection:
            await outbox.postpone(connection, row, due_at, "an error of our own")

    async def _park(self, row: OutboxRow, problem: str) -> None:
        """Keep it until the chat comes back; what is about a group's number is told there too."""
        now = self._clock.now()
        async with self._database.write() as connection:
            await outbox.settle(connection, row, outbox.PARKED, now, problem)
            if row.kind in _IN_PRIVATE and row.activation_id:
                activation = await activations.get(connection, row.activation_id)
                if activation and activation.chat_id != row.chat_id:
                    await outbox.enqueue(connection, _instead(row, activation), now)
        self._meter.count("deliveries", result="parked")

    async def _give_up(self, row: OutboxRow, problem: str) -> None:
        log.error("Telegram refused outbox row %d (%s): %s", row.id, row.kind, problem)
        async with self._database.write() as connection:
            await outbox.settle(connection, row, outbox.FAILED, self._clock.now(), problem)
        self._meter.count("deliveries", result="refused")

    def _note_outage(self, chat_id: int) -> None:
        """Hold everything only where Telegram fails for more than one chat."""
        self._failing.add(chat_id)
        if len(self._failing) >= CHATS_THAT_MAKE_AN_OUTAGE:
            self._all_held_until = self._clock.now() + round(OUTAGE_SECONDS * 1000)
            self._failing.clear()

    def _hold(self, chat_id: int, seconds: float) -> None:
        self._held_until[chat_id] = self._clock.now() + round(seconds * 1000)
        self._ring_in(seconds)

    def _ring_in(self, seconds: float) -> None:
        asyncio.get_running_loop().call_later(seconds, self._signals.outbox.set)

    def _ended(self, chat_id: int, task: asyncio.Task[None]) -> None:
        del self._sending[chat_id]
        self._retrying.discard(chat_id)
        if not task.cancelled() and (error := task.exception()):
            log.error("sending failed", exc_info=error)
            self._hold(chat_id, RETRY_FIRST_SECONDS)
        self._signals.outbox.set()


def _instead(row: OutboxRow, activation: Activation) -> Notice:
    """Give what a group is told where its member cannot be reached in private."""
    if row.kind is NoticeKind.CODE:
        return notice.reveal(activation, row.facts["code_id"])
    return notice.handed_over(activation, row.facts["at"], CodePlace.GROUP)


def _pause(attempts: int) -> float:
    return backoff(attempts, RETRY_FIRST_SECONDS, RETRY_MOST_SECONDS)
