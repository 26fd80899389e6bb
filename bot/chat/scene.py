"""Who acts, and where: what the handlers need to know of an update."""

from dataclasses import dataclass
from typing import Self

from telegram import Chat, Update, User
from telegram.constants import ChatID, ChatType

from bot.workflows.access import Visitor
from bot.workflows.purchase import Place

ANONYMOUS = 0
"""Stands for an anonymous admin, whose user id Telegram does not tell."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One person in one chat.

    Attributes:
        actor: the user's id, or `ANONYMOUS`.
        thread_id: the topic, in a group that has topics.
    """

    chat: Chat
    user: User
    actor: int
    thread_id: int | None

    @classmethod
    def of(cls, update: Update) -> Self | None:
        """Give who acts, or None where it is no person: a channel, another bot."""
        chat, user, message = update.effective_chat, update.effective_user, update.effective_message
        if chat is None or user is None or chat.type == ChatType.CHANNEL:
            return None
        written = update.message
        speaks_as = written.sender_chat if written else None
        if speaks_as is not None and speaks_as.id != chat.id:
            return None
        is_anonymous = speaks_as is not None or user.id == ChatID.ANONYMOUS_ADMIN
        if user.is_bot and not is_anonymous:
            return None
        in_topic = message is not None and message.is_topic_message
        thread_id = message.message_thread_id if message is not None and in_topic else None
        return cls(chat, user, ANONYMOUS if is_anonymous else user.id, thread_id)

    @property
    def is_private(self) -> bool:
        """Tell whether the chat is one person's alone."""
        return self.chat.type == ChatType.PRIVATE

    @property
    def place(self) -> Place:
        """Give where an answer belongs."""
        return Place(self.chat.id, self.thread_id)

    @property
    def name(self) -> str:
        """Give the person's whole name; whoever has none is called by their id."""
        return self.user.full_name or str(self.user.id)

    @property
    def first_name(self) -> str:
        """Give what the person is addressed by."""
        return self.user.first_name or self.name

    @property
    def visitor(self) -> Visitor:
        """Give what is remembered of chat and person."""
        return Visitor(
            chat_id=self.chat.id,
            kind=self.chat.type,
            title=self.chat.effective_name or str(self.chat.id),
            user_id=self.user.id,
            name=self.name,
            username=self.user.username,
            is_anonymous=self.actor == ANONYMOUS,
        )
