"""What a failure of the Bot API means for whoever has something to deliver."""

from typing import Final

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    RetryAfter,
    TelegramError,
)

from bot.chat.retry import seconds_of
from bot.workflows.ports import (
    ChatGone,
    ChatMoved,
    DeliveryError,
    Refused,
    TryLater,
    Unreachable,
)

UNCHANGED: Final = ("message is not modified",)
UNEDITABLE: Final = ("message to edit not found", "message can't be edited", "message_id_invalid")
NO_TOPIC: Final = ("message thread not found", "topic_closed", "topic_deleted")
CHAT_GONE: Final = (
    "chat not found",
    "user not found",
    "peer_id_invalid",
    "user is deactivated",
    "user_is_blocked",
    "group chat was deactivated",
    "bot was kicked",
    "bot is not a member",
    "need administrator rights",
    "not enough rights to send",
    "have no rights to send",
    "chat_write_forbidden",
    "chat_restricted",
    "chat_send_plain_forbidden",
    "chat_admin_required",
    *NO_TOPIC,
)
"""Refusals (400) after which a chat can be written to again only if something changes there."""


def says(error: TelegramError, *words: str) -> bool:
    """Tell whether this is a refusal (400) with one of these words."""
    text = error.message.lower()
    return isinstance(error, BadRequest) and any(one in text for one in words)


def delivery_error(error: TelegramError) -> DeliveryError:
    """Split by what the sender may do. `BadRequest` is a `NetworkError` by name only.

    A 400 or 403 that is not the Bot API's own JSON comes from something on the way to it: such an
    answer says nothing about the message.
    """
    is_telegrams_own = error.__cause__ is None
    match error:
        case RetryAfter():
            return TryLater(seconds_of(error))
        case ChatMigrated():
            return ChatMoved(error.new_chat_id)
        case Forbidden() if is_telegrams_own:
            return ChatGone(error.message)
        case BadRequest() if is_telegrams_own:
            gone = says(error, *CHAT_GONE)
            return ChatGone(error.message) if gone else Refused(error.message)
        case _:
            return Unreachable(type(error).__name__)
