"""Answers that could not leave at once: they wait in the outbox for as long as somebody waits."""

from collections.abc import Mapping
from typing import Any, Final

from telegram import ForceReply, InlineKeyboardMarkup, ReplyParameters, TelegramObject

from bot.domain import notice
from bot.storage import outbox
from bot.workflows.kit import Kit

KEPT_SECONDS: Final = 120.0
"""Nobody waits longer for a menu."""

_PARTS: Final = ("text", "parse_mode", "message_thread_id", "reply_parameters", "reply_markup")


class LateAnswers:
    """Puts answers into the outbox."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit

    async def keep(self, chat_id: int, message: Mapping[str, Any]) -> None:
        """Keep a message, given by the parameters of sendMessage (Bot API)."""
        facts = {name: _json(message[name]) for name in _PARTS if message.get(name) is not None}
        late = notice.answer(chat_id, self._kit.new_id(), facts)
        async with self._kit.database.write() as connection:
            await outbox.enqueue(connection, late, self._kit.clock.now())
        self._kit.signals.outbox.set()


def parameters(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Give what was kept as python-telegram-bot's `send_message` takes it."""
    found = dict(facts)
    if "reply_parameters" in found:
        found["reply_parameters"] = ReplyParameters.de_json(found["reply_parameters"])
    if "reply_markup" in found:
        markup = found["reply_markup"]
        kind = InlineKeyboardMarkup if "inline_keyboard" in markup else ForceReply
        found["reply_markup"] = kind.de_json(markup)
    return found


def _json(value: object) -> object:
    return value.to_dict() if isinstance(value, TelegramObject) else value
