"""Invitations: a link of the owner's lets one chat in, once, without a question."""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chat import EVERYBODY, ChatAccess, Scope
from bot.domain.money import format_dollars
from bot.domain.times import DAY_MS
from bot.storage import changes, chats, invites, limits
from bot.storage.changes import Change
from bot.storage.chats import Chat
from bot.storage.invites import Invite
from bot.workflows.access import Visitor, change_access
from bot.workflows.kit import Kit

MOST_DAYS: Final = 30
NAMED_BY: Final = 6
"""The log names an invitation by so many letters: the whole id would let somebody in."""
SHUT_OUT: Final = frozenset({ChatAccess.DENIED, ChatAccess.SUSPENDED})


class NotRedeemed(Enum):
    """Why an invitation did nothing."""

    USED = "used"
    EXPIRED = "expired"
    FOR_A_GROUP = "for a group"
    FOR_A_PERSON = "for a person"
    ALREADY_IN = "already in"
    SHUT_OUT = "shut out"


@dataclass(frozen=True, slots=True)
class Redeemed:
    """The chat is in, by this invitation."""

    invite: Invite


class Invites:
    """Makes invitations and redeems them."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._rules = kit.rules
        self._new_id = kit.new_id

    async def create(
        self, owner_id: int, *, is_group: bool, days: int, daily: int | None
    ) -> Invite | None:
        """Make an invitation; None where it is not this person's to make.

        Args:
            owner_id: who makes it.
            is_group: it lets a group in, else a person.
            days: how long it is valid, 1 to `MOST_DAYS`.
            daily: the chat's limit a day in micro-dollars, None: the usual.

        Raises:
            ValueError: days or an amount that no invitation has.
        """
        if not 1 <= days <= MOST_DAYS or (daily is not None and daily < 0):
            raise ValueError(f"no invitation for {days} days and {daily} a day")
        if owner_id not in self._rules.owner_ids:
            return None
        now = self._clock.now()
        invite = Invite(
            id=self._new_id() + self._new_id(),
            created_by=owner_id,
            created_at=now,
            expires_at=now + days * DAY_MS,
            is_group=is_group,
            daily=daily,
        )
        async with self._database.write() as connection:
            await invites.add(connection, invite)
            await _log(connection, invite, owner_id, now, after=_worth(invite))
        return invite

    async def still_open(self) -> list[Invite]:
        """Give the invitations that may still be used, newest first; for owners' eyes alone."""
        async with self._database.read() as connection:
            return await invites.still_open(connection, self._clock.now())

    async def withdraw(self, invite_id: str, owner_id: int) -> Invite | None:
        """Make an invitation worthless; None where it is used, unknown, or not theirs to undo."""
        if owner_id not in self._rules.owner_ids:
            return None
        async with self._database.write() as connection:
            withdrawn = await invites.withdraw(connection, invite_id)
            if withdrawn:
                now = self._clock.now()
                await _log(connection, withdrawn, owner_id, now, before=_worth(withdrawn))
        return withdrawn

    async def redeem(self, invite_id: str, visitor: Visitor) -> Redeemed | NotRedeemed | None:
        """Let the visitor's chat in, with the limit that comes with it, all at once or not at all.

        None: there is no such invitation, or the chat is unknown.
        """
        now = self._clock.now()
        async with self._database.write() as connection:
            invite = await invites.get(connection, invite_id)
            if invite is None:
                return None
            chat = await chats.get(connection, visitor.chat_id, lock=True)
            if chat is None:
                return None
            refusal = _refusal(invite, chat, now)
            if refusal:
                return refusal
            used = await invites.use(
                connection, invite_id, chat_id=chat.id, user_id=visitor.user_id, at=now
            )
            if used is None:
                return NotRedeemed.USED
            await _let_in(connection, used, chat, visitor.user_id, now)
        return Redeemed(used)


def _refusal(invite: Invite, chat: Chat, now: int) -> NotRedeemed | None:
    """Tell why an invitation is not for a chat; nothing is used up by asking."""
    if invite.is_group is (chat.kind == "private"):
        return NotRedeemed.FOR_A_GROUP if invite.is_group else NotRedeemed.FOR_A_PERSON
    if invite.used_at is not None:
        return NotRedeemed.USED
    if invite.expires_at <= now:
        return NotRedeemed.EXPIRED
    if chat.access in SHUT_OUT:
        return NotRedeemed.SHUT_OUT
    return NotRedeemed.ALREADY_IN if chat.access is ChatAccess.APPROVED else None


async def _let_in(
    connection: AsyncConnection, invite: Invite, chat: Chat, user_id: int, at: int
) -> None:
    subject = _name(invite)
    await change_access(connection, chat, ChatAccess.APPROVED, by=user_id, at=at, subject=subject)
    if invite.daily is None:
        return
    before = await limits.put(
        connection, chat.id, Scope.OWNER, EVERYBODY, name="daily", value=invite.daily
    )
    change = Change(
        at=at,
        actor_id=invite.created_by,
        chat_id=chat.id,
        action="limit",
        subject=f"{Scope.OWNER} daily by {subject}",
        before=None if before is None else format_dollars(before),
        after=format_dollars(invite.daily),
    )
    await changes.add(connection, change)


async def _log(
    connection: AsyncConnection,
    invite: Invite,
    owner_id: int,
    at: int,
    *,
    before: str | None = None,
    after: str | None = None,
) -> None:
    change = Change(
        at=at,
        actor_id=owner_id,
        chat_id=None,
        action="invite",
        subject=_name(invite),
        before=before,
        after=after,
    )
    await changes.add(connection, change)


def _name(invite: Invite) -> str:
    return f"invitation {invite.id[:NAMED_BY]}"


def _worth(invite: Invite) -> str:
    """Tell what an invitation gives, for the log."""
    whom = "a group" if invite.is_group else "a person"
    daily = "usual limit" if invite.daily is None else f"{format_dollars(invite.daily)} a day"
    return f"{whom}, {daily}"
