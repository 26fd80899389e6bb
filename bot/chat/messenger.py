"""Puts what the outbox holds into words, and sends or edits it through the Bot API."""

import html
from collections.abc import Callable
from typing import Any

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.chat import late, markup, notices, outcomes
from bot.chat.cards import card
from bot.chat.late import KEPT_SECONDS
from bot.chat.limiter import PACED
from bot.chat.message import Message
from bot.chat.refusals import NO_TOPIC, UNCHANGED, UNEDITABLE, delivery_error, says
from bot.chat.replies import NO_PREVIEW
from bot.domain.activation import Activation, State
from bot.domain.chat import ChatAccess
from bot.domain.notice import NoticeKind
from bot.storage import chats
from bot.storage.chats import Chat
from bot.storage.database import Database
from bot.storage.outbox import OutboxRow
from bot.workflows.outcome import Outcomes
from bot.workflows.overview import Overview, View
from bot.workflows.ports import Clock, Refused

Dress = Callable[[Message], Message]


class TelegramMessenger:
    """The `Messenger` of the workflows. The bot needs a rate limiter that knows `PACED`."""

    def __init__(
        self, bot: ExtBot[Any], overview: Overview, database: Database, clock: Clock
    ) -> None:
        self._bot = bot
        self._overview = overview
        self._database = database
        self._clock = clock
        self._outcomes = Outcomes(database, clock)

    async def deliver(self, row: OutboxRow) -> int | None:
        """Send or edit what a row tells; give the id of a new message, None where there is none.

        What Telegram refuses goes once more, plainly. What has become pointless since it was
        enqueued counts as delivered.

        Raises:
            DeliveryError: it did not go out.
        """
        try:
            return await self._deliver(row, _as_it_is)
        except TelegramError as error:
            problem = delivery_error(error)
            if not isinstance(problem, Refused):
                raise problem from error
        try:
            return await self._deliver(row, plainly)
        except TelegramError as error:
            raise delivery_error(error) from error

    async def _deliver(self, row: OutboxRow, dress: Dress) -> int | None:
        if row.kind is NoticeKind.ANSWER:
            return await self._answer(row)
        if row.activation_id is None:
            is_moot = await self._is_decided(row)
            return None if is_moot else await self._send(row.chat_id, dress(_about_chats(row)))
        view = await self._overview.view(row.activation_id)
        if view is None:
            return None
        if row.kind is NoticeKind.CARD:
            return await self._show_card(view, row.chat_id, dress)
        message = await self._about_number(view, row)
        return await self._send(row.chat_id, dress(message), view.activation) if message else None

    async def _answer(self, row: OutboxRow) -> int | None:
        if self._clock.now() - row.created_at > KEPT_SECONDS * 1000:
            return None
        posted = await self._bot.send_message(
            row.chat_id,
            **late.parameters(row.facts),
            link_preview_options=NO_PREVIEW,
            rate_limit_args=PACED,
        )
        return posted.message_id

    async def _about_number(self, view: View, row: OutboxRow) -> Message | None:
        """Put a message about one number into words; None where it has become pointless."""
        match row.kind:
            case NoticeKind.CODE | NoticeKind.REVEAL:
                return await self._about_code(view, row)
            case NoticeKind.EXPIRED:
                is_over = view.activation.state in {State.CANCELLED, State.EXPIRED}
                return notices.closed(view) if is_over else None
            case NoticeKind.UNKNOWN | NoticeKind.UNKNOWN_OWNER | NoticeKind.UNDECIDED:
                return await self._about_unknown(view, row)
            case NoticeKind.KNOWN:
                return notices.known(view)
            case NoticeKind.HANDED_OVER:
                return await self._about_handing_over(view, row)
            case _:
                return _about_chats(row)

    async def _about_code(self, view: View, row: OutboxRow) -> Message:
        code_id = row.facts["code_id"]
        item = next((one for one in view.codes if one.id == code_id), None)
        if item is None:
            return notices.code_erased(view)
        if row.kind is NoticeKind.REVEAL:
            return notices.reveal(view, code_id)
        if row.chat_id == view.activation.chat_id:
            return notices.code(view, item)
        group = await self._chat(view.activation.chat_id)
        return notices.code(view, item, group.title if group else "")

    async def _about_handing_over(self, view: View, row: OutboxRow) -> Message | None:
        activation = view.activation
        if row.facts["user_id"] != activation.user_id:
            return None
        is_in_private = row.chat_id != activation.chat_id
        group = await self._chat(activation.chat_id) if is_in_private else None
        return notices.handed_over(view, group.title if group else "")

    async def _about_unknown(self, view: View, row: OutboxRow) -> Message | None:
        if view.activation.state is not State.UNKNOWN:
            return None
        if row.kind is NoticeKind.UNKNOWN:
            return notices.unknown(view)
        chat = await self._chat(view.activation.chat_id)
        if row.kind is NoticeKind.UNKNOWN_OWNER:
            return notices.unknown_for_owner(view, chat)
        evidence = await self._outcomes.evidence(view.activation)
        return outcomes.question(view, chat, evidence, self._clock.now())

    async def _is_decided(self, row: OutboxRow) -> bool:
        """Tell whether a row asks for what was decided since: an invitation came after it."""
        if row.kind is not NoticeKind.ACCESS_REQUEST:
            return False
        chat = await self._chat(row.facts["chat_id"])
        return chat is not None and chat.access not in {ChatAccess.NEW, ChatAccess.REQUESTED}

    async def _chat(self, chat_id: int) -> Chat | None:
        async with self._database.read() as connection:
            return await chats.get(connection, chat_id)

    async def _show_card(self, view: View, chat_id: int, dress: Dress) -> int | None:
        """Edit the card in place; where there is none to edit, a new message takes its place."""
        message = dress(card(view, self._clock.now()))
        card_id = view.activation.card_message_id
        if card_id is None:
            return await self._send(chat_id, message, view.activation)
        try:
            await self._bot.edit_message_text(
                message.html,
                chat_id=chat_id,
                message_id=card_id,
                parse_mode=ParseMode.HTML,
                reply_markup=message.keyboard,
                link_preview_options=NO_PREVIEW,
                rate_limit_args=PACED,
            )
        except TelegramError as error:
            if says(error, *UNEDITABLE, *NO_TOPIC):
                return await self._send(chat_id, message, view.activation)
            if not says(error, *UNCHANGED):
                raise
        return None

    async def _send(
        self, chat_id: int, message: Message, activation: Activation | None = None
    ) -> int:
        """Send to the topic of the activation, as a reply to its card, if it is the same chat."""
        is_same_chat = activation is not None and activation.chat_id == chat_id
        thread_id = activation.thread_id if activation and is_same_chat else None
        card_id = activation.card_message_id if activation and is_same_chat else None
        try:
            return await self._post(chat_id, message, thread_id, card_id)
        except TelegramError as error:
            if thread_id is None or not says(error, *NO_TOPIC):
                raise
        # A reply to the card would lead into the same topic.
        return await self._post(chat_id, message, None, None)

    async def _post(
        self, chat_id: int, message: Message, thread_id: int | None, reply_to: int | None
    ) -> int:
        reply = ReplyParameters(reply_to, allow_sending_without_reply=True) if reply_to else None
        posted = await self._bot.send_message(
            chat_id,
            message.html,
            parse_mode=ParseMode.HTML,
            message_thread_id=thread_id,
            reply_parameters=reply,
            reply_markup=message.keyboard,
            link_preview_options=NO_PREVIEW,
            rate_limit_args=PACED,
        )
        return posted.message_id


def plainly(message: Message) -> Message:
    """Give a message without anything that an older or stricter Bot API may refuse."""
    return Message(html.escape(markup.plain(message.html)), _bare(message.keyboard))


def _as_it_is(message: Message) -> Message:
    return message


def _bare(keyboard: InlineKeyboardMarkup | None) -> InlineKeyboardMarkup | None:
    """Leave the buttons that do something here, without colours."""
    if keyboard is None:
        return None
    rows = [
        [
            InlineKeyboardButton(button.text, callback_data=button.callback_data)
            for button in row
            if button.callback_data
        ]
        for row in keyboard.inline_keyboard
    ]
    return InlineKeyboardMarkup([row for row in rows if row]) if any(rows) else None


def _about_chats(row: OutboxRow) -> Message:
    """Put into words what is about no number.

    Raises:
        Refused: a row that nothing in this program writes.
    """
    match row.kind:
        case NoticeKind.ACCESS_REQUEST:
            return notices.access_request(row.facts)
        case NoticeKind.ACCESS_DECIDED:
            return notices.access_decided(row.facts)
        case NoticeKind.ALERT:
            return notices.alert(row.facts)
        case _:
            raise Refused(f"a {row.kind} without an activation")
