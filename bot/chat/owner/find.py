"""Find: any purchase by number, id, buyer or day of its code. Codes stay with their buyers."""

import re
from datetime import UTC, datetime
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram import Message as Posted
from telegram.ext import filters

from bot.chat import keyboards, keys, toasts
from bot.chat.desk import Context
from bot.chat.insight.proof import proof_of
from bot.chat.message import Message
from bot.chat.owner import words
from bot.chat.owner.buttons import AskWhat, CloseDesk, ShowChat, ShowFound
from bot.chat.owner.guard import Seat, by_owner, pressed_by_owner
from bot.chat.questions import question, question_of
from bot.chat.replies import Press
from bot.storage.supervision import Sought

EXAMPLE: Final = "+12025550123"
ASKED: Final = "asked_what_to_find"
"""The key of the note that the newest open question of this chat is what to find."""
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ID: Final = re.compile(r"#(\d{1,18})", re.ASCII)
_DIGITS: Final = re.compile(r"\+?[\d\s().-]{1,30}", re.ASCII)


class AnswersFind(filters.MessageFilter):
    """A reply to the desk's question what to find."""

    def filter(self, message: Posted) -> bool:
        """Tell whether a message is one (python-telegram-bot, MessageFilter)."""
        return isinstance(question_of(message), AskWhat)


@pressed_by_owner
async def ask(press: Press, seat: Seat, button: AskWhat) -> None:
    """Ask what to find, in a message that is to be replied to."""
    asked = question(words.WHAT_TO_FIND, press.scene, seat.link, button)
    seat.notes[ASKED] = True
    await press.answer()
    await press.send(Message(asked), force_reply=keyboards.search_prompt(EXAMPLE))


@by_owner
async def answer(seat: Seat, typed: str) -> Message:
    """Find what was typed as a reply, or just so."""
    seat.notes.pop(ASKED, None)
    return await found(seat, typed)


def is_asked(context: Context) -> bool:
    """Tell whether a text in private answers what to find, even where it is no reply."""
    return ASKED in (context.chat_data or {})


def drop_question(context: Context) -> None:
    """Note that another question is the newest one."""
    if context.chat_data is not None:
        context.chat_data.pop(ASKED, None)


@pressed_by_owner
async def show(press: Press, seat: Seat, button: ShowFound) -> None:
    """Show the proof of a purchase; its SMS only where it is the owner's own."""
    proof = await seat.desk.history.proof(button.activation_id)
    if proof is None:
        await press.alert(toasts.button_gone())
        return
    activation = proof.view.activation
    is_own = activation.user_id == seat.owner_id
    titles = await seat.desk.supervision.chats_of({activation.chat_id})
    shown = proof_of(proof, with_codes=is_own)
    rows = [[keys.button("👥 Its chat", ShowChat(activation.chat_id))], [_close()]]
    await press.answer()
    await press.send(
        Message(f"{shown.html}\n\n{words.whose(proof.view, titles)}", InlineKeyboardMarkup(rows))
    )


async def found(seat: Seat, text: str) -> Message:
    """List what fits, newest first."""
    sought = sought_in(text)
    if sought is None:
        return Message(words.HELP)
    views, has_more = await seat.desk.supervision.find(sought)
    titles = await seat.desk.supervision.chats_of({view.activation.chat_id for view in views})
    chosen = [
        keys.button(
            f"#{view.activation.id} {view.activation.service_name}", ShowFound(view.activation.id)
        )
        for view in views
    ]
    rows = [*keys.pairs(chosen), [_close()]]
    return Message(words.found(views, titles, has_more=has_more), InlineKeyboardMarkup(rows))


def sought_in(text: str) -> Sought | None:
    """Understand what was typed; None where nothing can be found by it."""
    text = " ".join(text.split())
    if _DAY.fullmatch(text):
        return _day(text)
    named = _ID.fullmatch(text)
    if named:
        return Sought(activation_id=int(named[1]))
    digits = "".join(character for character in text if character.isdecimal())
    if digits and _DIGITS.fullmatch(text):
        number = None if text.startswith("+") else int(digits)
        return Sought(activation_id=number, user_id=number, digits=digits)
    return Sought(name=text) if text.strip("@ ") else None


def _day(text: str) -> Sought | None:
    try:
        begin = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Sought(coded_on=round(begin.timestamp() * 1000))


def _close() -> InlineKeyboardButton:
    return keys.button("✖ Close", CloseDesk())
