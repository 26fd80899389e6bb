"""Telegram on loopback: the Bot API and the people who use the bot.

sandbox = TelegramSandbox(token="100:TEST")
sandbox.add_user(1, "Ann")
async with serve(sandbox.application()) as url:
    sandbox.say(1, 1, "/start")
    message = await sandbox.wait_message(1, contains="Welcome")
    press = sandbox.press_button(1, 1, "Buy")
    answer = await press.answered()
"""

from bot.sandbox.telegram.errors import JsonObject
from bot.sandbox.telegram.exchange import Check, Exchange
from bot.sandbox.telegram.faults import TelegramFault
from bot.sandbox.telegram.model import GROUP_ANONYMOUS_BOT, Chat, Member, User
from bot.sandbox.telegram.queries import Answer, InlineQuestion, Press
from bot.sandbox.telegram.sandbox import TelegramSandbox

__all__ = [
    "GROUP_ANONYMOUS_BOT",
    "Answer",
    "Chat",
    "Check",
    "Exchange",
    "InlineQuestion",
    "JsonObject",
    "Member",
    "Press",
    "TelegramFault",
    "TelegramSandbox",
    "User",
]
