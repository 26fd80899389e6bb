"""Departures: whoever leaves, or blocks the bot, leaves numbers behind that others pay for.

After a grace period they are cancelled for their refund, with a last look for a code as ever;
an admin can hand them over to somebody who is there.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation, CloseReason
from bot.domain.notice import Priority, card, handed_over
from bot.domain.polling import give_back_at
from bot.storage import activations, changes, chats, departures, members, outbox
from bot.storage.changes import Change
from bot.workflows.kit import Kit

GRACE_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The number is the other member's now."""

    activation: Activation


@dataclass(frozen=True, slots=True)
class StillThere:
    """Whose it is, the buyer or an heir, is in the group: it stays theirs."""


@dataclass(frozen=True, slots=True)
class NotAMember:
    """Nobody has seen this person in the group."""


@dataclass(frozen=True, slots=True)
class NotOpen:
    """There is no such open number in this group."""


HandOver = HandedOver | StillThere | NotAMember | NotOpen


class Departures:
    """Notes who is gone, and sees to what they have left open."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._signals = kit.signals
        self._rules = kit.rules
        self._replica = kit.replica

    async def bot_is_gone(self, chat_id: int) -> None:
        """Note that the bot was removed from a group, or blocked by a person."""
        now = self._clock.now()
        async with self._database.write() as connection:
            chat = await chats.get(connection, chat_id, lock=True)
            if chat and chat.left_at is None:
                await chats.change(connection, chat_id, left_at=now)

    async def bot_is_there(self, chat_id: int) -> None:
        """Note that the bot can write to a chat again."""
        async with self._database.write() as connection:
            chat = await chats.get(connection, chat_id, lock=True)
            if chat and chat.left_at is not None:
                await chats.change(connection, chat_id, left_at=None)

    async def member_changed(self, chat_id: int, user_id: int, *, is_there: bool) -> None:
        """Note what Telegram tells of somebody in a group (Bot API, ChatMemberUpdated)."""
        now = self._clock.now()
        async with self._database.write() as connection:
            if await chats.get(connection, chat_id, lock=True) is None:
                return
            departed_at = None if is_there else now
            await members.note(connection, chat_id, user_id, departed_at=departed_at, at=now)

    async def step(self) -> None:
        """Let the numbers be cancelled whose buyers have been gone for the grace period."""
        if not self._replica.is_leader:
            return
        now = self._clock.now()
        before = now - round(GRACE_SECONDS * 1000)
        async with self._database.read() as connection:
            left = await departures.abandoned(connection, before)
        if not left:
            return
        async with self._database.write() as connection:
            for chat_id in sorted({activation.chat_id for activation in left}):
                await chats.get(connection, chat_id, lock=True)
            # Somebody may have come back, or taken a number over, since it was read.
            for activation in await departures.abandoned(connection, before):
                at = max(now, self._rules.cancellable_at(activation))
                await activations.schedule_cancel(
                    connection, activation.id, at, CloseReason.DEPARTURE
                )
        self._signals.cancels.set()

    async def left_open(self, chat_id: int) -> list[Activation]:
        """Give the open numbers of a group whose buyers are gone."""
        async with self._database.read() as connection:
            return await departures.open_of_departed(connection, chat_id)

    async def hand_over(
        self, activation_id: int, chat_id: int, admin_id: int, user_id: int
    ) -> HandOver:
        """Give a departed member's open number to another member, once; the caller is an admin.

        What comes for it from now on goes to the new one, and counts against the new one's limits.
        """
        now = self._clock.now()
        async with self._database.write() as connection:
            chat = await chats.get(connection, chat_id, lock=True)
            activation = await activations.get(connection, activation_id)
            if chat is None or activation is None or activation.chat_id != chat_id:
                return NotOpen()
            if await _is_there(connection, chat_id, activation.user_id):
                is_done = activation.user_id == user_id
                return HandedOver(activation) if is_done else StillThere()
            if not await _is_there(connection, chat_id, user_id):
                return NotAMember()
            expiry_at = give_back_at(activation.expires_at or now, self._rules.activation_ttl)
            given = await departures.hand_over(connection, activation, user_id, expiry_at=expiry_at)
            if given is None:
                return NotOpen()
            change = Change(
                at=now,
                actor_id=admin_id,
                chat_id=chat_id,
                action="hand_over",
                subject=f"number #{activation_id}",
                before=f"member {activation.user_id}",
                after=f"member {user_id}",
            )
            await changes.add(connection, change)
            await outbox.renew(connection, card(given, Priority.CLOSED), now)
            await outbox.enqueue(connection, handed_over(given, now, chat.code_place), now)
        self._signals.outbox.set()
        return HandedOver(given)


async def _is_there(connection: AsyncConnection, chat_id: int, user_id: int) -> bool:
    member = await members.get(connection, chat_id, user_id)
    return member is not None and member.departed_at is None
