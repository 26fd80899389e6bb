"""What the bot writes: the one record that every part of the chat makes and sends."""

from dataclasses import dataclass

from telegram import InlineKeyboardMarkup


@dataclass(frozen=True, slots=True)
class Message:
    """What a message shows: Telegram's HTML, and what can be pressed under it."""

    html: str
    keyboard: InlineKeyboardMarkup | None = None
