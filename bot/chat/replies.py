"""Interactive answers: what fails on its way to Telegram is logged, and nothing else depends on it.

What must arrive goes through the outbox instead.
"""

import asyncio
import itertools
import logging
from collections.abc import Awaitable
from typing import Self, TypeVar

from telegram import Bot, CallbackQuery, ForceReply, LinkPreviewOptions
from telegram import Message as Posted
from telegram.constants import ParseMode
from telegram.error import TelegramError

from bot.chat import toasts
from bot.chat.admins import Admins
from bot.chat.limiter import Postponed
from bot.chat.message import Message
from bot.chat.refusals import UNCHANGED, UNEDITABLE, says
from bot.chat.scene import ANONYMOUS, Scene
from bot.workflows.overview import Overview
from bot.workflows.purchase import Place

log = logging.getLogger(__name__)

Result = TypeVar("Result")

ANSWER_SECONDS = 1.5
"""A press is answered after this time even where its outcome is not known yet."""

NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
HARMLESS = (*UNCHANGED, "query is too old")


async def send(
    bot: Bot,
    place: Place,
    message: Message,
    *,
    reply_to: int | None = None,
    force_reply: ForceReply | None = None,
) -> None:
    """Write to a chat (Bot API, sendMessage)."""
    try:
        await bot.send_message(
            place.chat_id,
            message.html,
            parse_mode=ParseMode.HTML,
            message_thread_id=place.thread_id,
            reply_to_message_id=reply_to,
            allow_sending_without_reply=True if reply_to else None,
            reply_markup=force_reply or message.keyboard,
            link_preview_options=NO_PREVIEW,
        )
    except TelegramError as error:
        _note("an answer", error)


def reply_to_of(scene: Scene, message: Posted) -> int | None:
    """Give what an answer replies to: nothing where only one person writes anyway."""
    return None if scene.is_private else message.message_id


async def answer_query(query: CallbackQuery, text: str | None, *, alert: bool) -> None:
    """Answer a press (Bot API, answerCallbackQuery); without a text it only stops the waiting."""
    try:
        await query.answer(text, show_alert=alert)
    except TelegramError as error:
        _note("an answer to a press", error)


class Press:
    """A press on a button, answered exactly once; use it as a context that sees to that."""

    def __init__(
        self, bot: Bot, query: CallbackQuery, scene: Scene, admins: Admins, overview: Overview
    ) -> None:
        self._bot = bot
        self._admins = admins
        self._overview = overview
        self._query = query
        self._answered = False
        self.scene = scene

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            await self.answer()
        elif issubclass(kind, Exception):
            await self.alert(toasts.failed())

    @property
    def message_id(self) -> int | None:
        """Give the message that has this button; None where it has not: a forged or late press.

        Such a press must not change a message: it may be somebody else's.
        """
        message = self._query.message
        if not isinstance(message, Posted) or message.reply_markup is None:
            return None
        buttons = itertools.chain(*message.reply_markup.inline_keyboard)
        has_it = any(button.callback_data == self._query.data for button in buttons)
        return message.message_id if has_it else None

    async def is_by(self, owner: int) -> bool:
        """Tell whether a button's owner pressed it, for an anonymous admin's any admin."""
        if owner != ANONYMOUS:
            return owner == self.scene.actor
        return await self._admins.include(self.scene.chat.id, self.scene.actor)

    async def answer(self, text: str | None = None, *, alert: bool = False) -> bool:
        """Answer (Bot API, answerCallbackQuery) unless that is done; tell whether this did it."""
        if self._answered:
            return False
        self._answered = True
        await answer_query(self._query, text, alert=alert)
        return True

    async def alert(self, text: str) -> bool:
        """Answer with a text that the user must close."""
        return await self.answer(text, alert=True)

    async def patiently(self, work: Awaitable[Result], meanwhile: str | None = None) -> Result:
        """Give what the work gives; where it takes long, the press is answered meanwhile."""
        task = asyncio.ensure_future(work)
        try:
            done, _ = await asyncio.wait({task}, timeout=ANSWER_SECONDS)
            if not done:
                await self.answer(meanwhile)
            return await task
        finally:
            task.cancel()

    async def show(self, message: Message) -> None:
        """Answer without a text, and put this message in the place of the one with the button."""
        await self.answer()
        await self.edit(message)

    async def editable(self) -> int | None:
        """Give the message that has this button, unless it has become a number's card meanwhile."""
        message_id = self.message_id
        if message_id is None or await self._overview.is_card(self.scene.chat.id, message_id):
            return None
        return message_id

    async def edit(self, message: Message) -> None:
        """Change the message that the button is on; write a new one where that cannot be."""
        message_id = await self.editable()
        if message_id is None:
            await self.send(message)
            return
        try:
            await self._bot.edit_message_text(
                message.html,
                chat_id=self.scene.chat.id,
                message_id=message_id,
                parse_mode=ParseMode.HTML,
                reply_markup=message.keyboard,
                link_preview_options=NO_PREVIEW,
            )
        except TelegramError as error:
            if says(error, *UNEDITABLE):
                await self.send(message)
            else:
                _note("an edit", error)

    async def send(self, message: Message, *, force_reply: ForceReply | None = None) -> None:
        """Write a new message where the button is."""
        await send(self._bot, self.scene.place, message, force_reply=force_reply)


def _note(what: str, error: TelegramError) -> None:
    if isinstance(error, Postponed):
        log.info("%s goes out later", what)
    elif not says(error, *HARMLESS):
        log.warning("%s did not go out (%s: %s)", what, type(error).__name__, error)
