"""Access: which chats may use the bot. A new chat asks, the owner decides."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chat import ChatAccess, may_spend
from bot.domain.notice import Notice, NoticeKind
from bot.storage import changes, chats, members, outbox
from bot.storage.changes import Change
from bot.storage.chats import Chat
from bot.workflows.kit import Kit

CHATS_PAGE: Final = 6
ASK_AGAIN_SECONDS = 600.0
INVITED_SECONDS: Final = 1.5
_LET_IN_ONCE = frozenset({ChatAccess.APPROVED, ChatAccess.SUSPENDED})


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who speaks, and where: `kind` is Telegram's chat type.

    Of an anonymous admin Telegram tells a user id that stands for all of them.
    """

    chat_id: int
    kind: str
    title: str
    user_id: int
    name: str
    username: str | None = None
    is_anonymous: bool = False


class Doorkeeper:
    """Knows the chats and asks the owner about new ones."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._signals = kit.signals
        self._rules = kit.rules
        self._asked: dict[int, int] = {}

    def is_owner(self, user_id: int) -> bool:
        """Tell whether this person runs the bot."""
        return user_id in self._rules.owner_ids

    def may_use(self, access: ChatAccess) -> bool:
        """Tell whether a chat may buy."""
        return may_spend(access, open_to_all=self._rules.open_to_all)

    async def admit(self, visitor: Visitor) -> ChatAccess:
        """Remember who speaks, and tell what the chat may do; an owner's own chat may all."""
        async with self._database.read() as connection:
            chat = await chats.get(connection, visitor.chat_id)
            is_as_known = chat and await self._is_as_known(connection, visitor, chat)
        if not is_as_known:
            await self._remember(visitor)
            chat = await self.chat(visitor.chat_id)
        return chat.access if chat else ChatAccess.NEW

    async def ask(self, visitor: Visitor) -> ChatAccess:
        """Ask the owner to let a chat in, again after a while; where an owner asks, it is in."""
        now = self._clock.now()
        async with self._database.write() as connection:
            chat = await chats.get(connection, visitor.chat_id, lock=True)
            if chat is None:
                return ChatAccess.NEW
            if chat.access is ChatAccess.SUSPENDED:
                return chat.access  # only a decision at the desk ends that
            if self.is_owner(visitor.user_id):
                wanted = ChatAccess.APPROVED
            elif chat.access is ChatAccess.NEW or self._may_ask_again(chat, now):
                wanted = ChatAccess.REQUESTED
            else:
                return chat.access
            self._asked[chat.id] = now
            await change_access(connection, chat, wanted, by=visitor.user_id, at=now)
            if wanted is ChatAccess.REQUESTED:
                due_at = now + round(_patience_with(visitor) * 1000)
                for owner_id in self._rules.owner_ids:
                    await outbox.enqueue(connection, _request(visitor, owner_id, now), due_at)
        self._signals.outbox.set()
        return wanted

    def _may_ask_again(self, chat: Chat, now: int) -> bool:
        pause = round(ASK_AGAIN_SECONDS * 1000)
        return (
            chat.access is ChatAccess.REQUESTED
            and now - self._asked.setdefault(chat.id, now) > pause
        )

    async def decide(self, chat_id: int, owner_id: int, *, approve: bool) -> Chat | None:
        """Let a chat in or not, and tell it; None where it is unknown or not the owner's say."""
        return await self._decide(
            chat_id, owner_id, ChatAccess.APPROVED if approve else ChatAccess.DENIED
        )

    async def answer(self, chat_id: int, owner_id: int, *, approve: bool) -> Chat | None:
        """Decide about a request; a chat that has been let in since, or suspended, stays as it is.

        Every owner has the request, and it may be old. None as in `decide`.
        """
        access = ChatAccess.APPROVED if approve else ChatAccess.DENIED
        return await self._decide(chat_id, owner_id, access, but_not=_LET_IN_ONCE)

    async def suspend(self, chat_id: int, owner_id: int) -> Chat | None:
        """Stop a chat's purchases, and tell it; what is open goes on. None as in `decide`."""
        return await self._decide(chat_id, owner_id, ChatAccess.SUSPENDED)

    async def chats(self, access: ChatAccess, page: int = 0) -> tuple[list[Chat], bool]:
        """Give a page of the chats of which this was decided, newest first; and if it goes on.

        The caller has made sure that they are shown to owners alone.
        """
        async with self._database.read() as connection:
            found = await chats.with_access(
                connection, access, limit=CHATS_PAGE + 1, offset=page * CHATS_PAGE
            )
        return found[:CHATS_PAGE], len(found) > CHATS_PAGE

    async def _decide(
        self,
        chat_id: int,
        owner_id: int,
        access: ChatAccess,
        but_not: Collection[ChatAccess] = (),
    ) -> Chat | None:
        """Decide about a chat, unless this has been decided about it by now."""
        if not self.is_owner(owner_id):
            return None
        now = self._clock.now()
        async with self._database.write() as connection:
            present_id = await chats.present_id(connection, chat_id, lock=True)
            chat = await chats.get(connection, present_id, lock=True)
            if chat and chat.access not in {access, *but_not}:
                await change_access(connection, chat, access, by=owner_id, at=now)
                await outbox.enqueue(connection, _decided(chat.id, access, now), now)
            decided = await chats.get(connection, present_id)
        self._signals.outbox.set()
        return decided

    async def chat(self, chat_id: int) -> Chat | None:
        """Give a chat as it is known, a group that has become a supergroup as that."""
        async with self._database.read() as connection:
            return await chats.get(connection, await chats.present_id(connection, chat_id))

    async def _is_as_known(self, connection: AsyncConnection, visitor: Visitor, chat: Chat) -> bool:
        """Tell whether nothing about a visitor is new, be it a return that nobody has told."""
        if (chat.kind, chat.title, chat.left_at) != (visitor.kind, visitor.title, None):
            return False
        if visitor.is_anonymous:
            return True
        names = (visitor.name, visitor.username)
        if visitor.kind == "private":
            is_let_in = chat.access in _LET_IN_ONCE or not self.is_owner(visitor.user_id)
            return is_let_in and await chats.person(connection, visitor.user_id) == names
        member = await members.get(connection, visitor.chat_id, visitor.user_id)
        if member is None or member.departed_at is not None:
            return False
        return (member.name, member.username) == names

    async def _remember(self, visitor: Visitor) -> None:
        now = self._clock.now()
        async with self._database.write() as connection:
            await chats.remember_chat(connection, visitor.chat_id, visitor.kind, visitor.title, now)
            await chats.remember_user(
                connection, visitor.user_id, visitor.name, visitor.username, now
            )
            if visitor.kind != "private" and not visitor.is_anonymous:
                await members.remember(connection, visitor.chat_id, visitor.user_id, now)
            if visitor.kind == "private" and self.is_owner(visitor.user_id):
                await chats.set_access(
                    connection, visitor.chat_id, ChatAccess.APPROVED, visitor.user_id, now
                )


async def change_access(
    connection: AsyncConnection,
    chat: Chat,
    access: ChatAccess,
    *,
    by: int,
    at: int,
    subject: str | None = None,
) -> None:
    """Write what was asked or decided about a locked chat, and log a decision.

    Args:
        connection: a transaction.
        chat: as it was.
        access: what it is from now on.
        by: who asked or decided.
        at: epoch ms.
        subject: by what, for the log: an invitation.
    """
    await chats.set_access(connection, chat.id, access, by, at)
    if access in {ChatAccess.REQUESTED, chat.access}:
        return
    change = Change(
        at=at,
        actor_id=by,
        chat_id=chat.id,
        action="access",
        subject=subject,
        before=chat.access,
        after=access,
    )
    await changes.add(connection, change)


def _patience_with(visitor: Visitor) -> float:
    """Give the seconds before the owner is asked: a group's invitation comes after the bot does."""
    return 0 if visitor.kind == "private" else INVITED_SECONDS


def _decided(chat_id: int, access: ChatAccess, at: int) -> Notice:
    return Notice(
        key=f"access:{chat_id}:{at}",
        chat_id=chat_id,
        kind=NoticeKind.ACCESS_DECIDED,
        facts={
            "approved": access is ChatAccess.APPROVED,
            "suspended": access is ChatAccess.SUSPENDED,
        },
    )


def _request(visitor: Visitor, owner_id: int, at: int) -> Notice:
    return Notice(
        key=f"request:{visitor.chat_id}:{owner_id}:{at}",
        chat_id=owner_id,
        kind=NoticeKind.ACCESS_REQUEST,
        facts={
            "chat_id": visitor.chat_id,
            "kind": visitor.kind,
            "title": visitor.title,
            "name": visitor.name,
            "username": visitor.username,
            "user_id": visitor.user_id,
        },
    )
