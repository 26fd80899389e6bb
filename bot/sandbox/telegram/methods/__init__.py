"""The Bot API's methods, as far as they are emulated."""

from bot.sandbox.telegram.methods import chats, files, intake, messages, profile, questions
from bot.sandbox.telegram.methods.registry import METHODS, run

__all__ = ["METHODS", "chats", "files", "intake", "messages", "profile", "questions", "run"]
