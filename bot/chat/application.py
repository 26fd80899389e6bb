"""Builds python-telegram-bot's Application: every handler, in the order in which they are asked."""

import logging
from typing import Any, Final

from telegram import Update
from telegram.ext import (
    Application,
    BaseRateLimiter,
    CallbackQueryHandler,
    ChatMemberHandler,
    MessageHandler,
    TypeHandler,
    filters,
)
from telegram.request import BaseRequest

from bot.chat import commands, outcomes, presses, toasts
from bot.chat.buttons import (
    AskAccess,
    AskOutcome,
    CancelNumber,
    DecideAccess,
    DecideOutcome,
    RefreshNumbers,
    Reveal,
    ShowMenu,
    ShowOutcome,
)
from bot.chat.connection import Connection
from bot.chat.conversation import build_conversation
from bot.chat.desk import Context
from bot.chat.entrance import admit, ask, decide, greet
from bot.chat.groups.handlers import handlers as group_handlers
from bot.chat.handlers import on_command, on_message, on_press
from bot.chat.insight.handlers import handlers as insight_handlers
from bot.chat.lanes import WIDTH
from bot.chat.owner.handlers import handlers as owner_handlers
from bot.chat.presence import note_presence, note_service_message
from bot.chat.replies import answer_query
from bot.workflows.deliver import SENDS_AT_ONCE

log = logging.getLogger(__name__)

BotApplication = Application[Any, Any, Any, Any, Any, Any]

ALLOWED_UPDATES: Final = (
    Update.MESSAGE,
    Update.CALLBACK_QUERY,
    Update.MY_CHAT_MEMBER,
    Update.CHAT_MEMBER,
)
"""The kinds of updates that the handlers use (Bot API, getUpdates `allowed_updates`)."""

ENTRANCE: Final = -2
PRESENCE: Final = -1
CONNECTIONS: Final = WIDTH + SENDS_AT_ONCE
"""So that no chat which hangs keeps another one from being answered, or from its code."""
READ_SECONDS: Final = 10.0

CAME_OR_LEFT: Final = filters.StatusUpdate.NEW_CHAT_MEMBERS | filters.StatusUpdate.LEFT_CHAT_MEMBER
PRIVATE_AND_WRITTEN: Final = filters.ChatType.PRIVATE & ~filters.StatusUpdate.ALL


def build_application(
    token: str,
    api_url: str,
    *,
    proxy: str | None = None,
    request: BaseRequest | None = None,
    rate_limiter: BaseRateLimiter[Any] | None = None,
) -> BotApplication:
    """Give the Application, without an Updater: intake is done elsewhere.

    Before the first update `bot.parts` puts a `Desk` into `bot_data["desk"]`.
    """
    request = request or Connection(CONNECTIONS, read_seconds=READ_SECONDS, proxy=proxy)
    api_url = api_url.rstrip("/")
    builder = (
        Application.builder()
        .token(token)
        .base_url(f"{api_url}/bot")
        .base_file_url(f"{api_url}/file/bot")
        .request(request)
        .get_updates_request(request)  # unused: else one of its own would be built
        .updater(None)
    )
    if rate_limiter is not None:
        builder = builder.rate_limiter(rate_limiter)
    application: BotApplication = builder.build()
    _add_handlers(application)
    return application


def _add_handlers(application: BotApplication) -> None:
    application.add_handler(TypeHandler(Update, admit), group=ENTRANCE)
    presence = ChatMemberHandler(note_presence, ChatMemberHandler.ANY_CHAT_MEMBER)
    came_or_left = MessageHandler(CAME_OR_LEFT, note_service_message)
    application.add_handlers([presence, came_or_left], group=PRESENCE)
    application.add_handlers(owner_handlers())
    application.add_handler(build_conversation())
    application.add_handlers(
        [
            on_command("start", commands.start),
            on_command("help", commands.explain),
            on_command("numbers", commands.numbers),
            on_command("balance", commands.balance),
            on_command("cancel", commands.cancel),
            on_press(presses.cancel, CancelNumber),
            on_press(presses.reveal, Reveal),
            on_press(presses.show_numbers, RefreshNumbers),
            on_press(presses.show_menu, ShowMenu),
            on_press(ask, AskAccess),
            on_press(decide, DecideAccess),
            on_press(outcomes.show, ShowOutcome),
            on_press(outcomes.ask, AskOutcome),
            on_press(outcomes.decide, DecideOutcome),
            *insight_handlers(),
            *group_handlers(),
            CallbackQueryHandler(_refuse),
            ChatMemberHandler(greet, ChatMemberHandler.MY_CHAT_MEMBER),
            on_message(commands.not_understood, PRIVATE_AND_WRITTEN),
        ]
    )
    application.add_error_handler(_note)


async def _refuse(update: Update, _: Context) -> None:
    """Answer a press on something that is no button of ours, or not any more."""
    if update.callback_query:
        await answer_query(update.callback_query, toasts.button_gone(), alert=True)


async def _note(_: object, context: Context) -> None:
    """Log an error of ours: whoever waits for an answer has been told by the handler."""
    log.error("an update could not be handled", exc_info=context.error)
