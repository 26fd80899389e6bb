"""`/admin`: one message, edited in place, that shows the installation and leads on."""

import asyncio
from typing import Final

from telegram import InlineKeyboardMarkup
from telegram.constants import KeyboardButtonStyle

from bot.chat import keys, limits, toasts
from bot.chat.buttons import ShowOutcome
from bot.chat.groups.words import people_in
from bot.chat.listings import fitting
from bot.chat.markup import dollars
from bot.chat.message import Message
from bot.chat.owner import chats, find, words
from bot.chat.owner.buttons import (
    AskWhat,
    CloseDesk,
    PauseAll,
    ShowAllChanges,
    ShowChats,
    ShowDesk,
)
from bot.chat.owner.guard import Seat, by_owner, pressed_by_owner
from bot.chat.owner.invitations import PLAN
from bot.chat.replies import Press
from bot.domain.chat import EVERYBODY, ChatAccess, Scope

MOST_OUTCOMES: Final = 20


@by_owner
async def admin(seat: Seat, typed: str) -> Message:
    """`/admin`, `/admin find …`, `/admin chat <id>`, `/admin limit <id> daily 12.50`."""
    what, _, rest = typed.partition(" ")
    match what.lower():
        case "":
            return await main(seat)
        case "find" if rest.strip():
            return await find.found(seat, rest)
        case "chat":
            chat_id = _chat_id(rest)
            return await chats.one(seat, chat_id) if chat_id else Message(words.HELP)
        case "limit":
            return await _limit(seat, rest.lower().split())
        case _:
            return Message(words.HELP)


@pressed_by_owner
async def show(press: Press, seat: Seat, button: ShowDesk) -> Message | None:
    """Show a part of the desk."""
    part = _PARTS.get(button.part)
    if part is None:
        await press.alert(toasts.button_gone())
        return None
    return await part(seat)


@pressed_by_owner
async def pause(_: Press, seat: Seat, button: PauseAll) -> Message | None:
    """Stop all purchases after asking once more, or let them go on."""
    if not button.paused:
        await seat.desk.governance.resume_everything(seat.owner_id)
    elif button.sure:
        await seat.desk.governance.pause_everything(seat.owner_id)
    else:
        return await _sure(seat)
    return await main(seat)


@pressed_by_owner
async def changes(_: Press, seat: Seat, button: ShowAllChanges) -> Message:
    """Show a page of the log."""
    found, goes_on = await seat.desk.governance.changes(None, button.page)
    names = await seat.desk.governance.names_of(people_in(found))
    ids = {one.chat_id for one in found if one.chat_id is not None}
    titles = await seat.desk.supervision.chats_of(ids)
    lines = [words.change(one, names, titles) for one in found]
    moves = keys.moves(button.page, button.page + 1 + goes_on, ShowAllChanges)
    html = fitting("<b>Audit</b>", lines or ["Nothing has been changed yet."])
    return Message(html, InlineKeyboardMarkup([*moves, chats.last_row()]))


@pressed_by_owner
async def close(_: Press, __: Seat, ___: CloseDesk) -> Message:
    """Take the desk away."""
    return Message("Desk closed. /admin opens it again.")


async def main(seat: Seat) -> Message:
    """Sum up, and offer everything."""
    summary, paused = await asyncio.gather(
        seat.desk.supervision.summary(), seat.desk.governance.is_paused_everywhere()
    )
    asking = summary.by_access.get(ChatAccess.REQUESTED, 0)
    pausing = (
        keys.button("▶️ Resume everything", PauseAll(paused=False, sure=True))
        if paused
        else keys.button("⏸ Pause everything", PauseAll(paused=True, sure=False))
    )
    rows = [
        [
            keys.button(_counted("🙋 Requests", asking), ShowDesk("requests")),
            keys.button("👥 Chats", ShowChats(ChatAccess.APPROVED)),
        ],
        [
            keys.button("💵 Balance", ShowDesk("balance")),
            keys.button("🔌 Provider", ShowDesk("api")),
        ],
        [keys.button(_counted("❔ Unknown outcomes", summary.unknown), ShowDesk("outcomes"))],
        [keys.button("🔍 Find", AskWhat()), keys.button("✉️ Invite", PLAN)],
        [keys.button("📜 Audit", ShowAllChanges()), keys.button("🔄 Refresh", ShowDesk())],
        [pausing],
        [keys.button("✖ Close", CloseDesk())],
    ]
    html = words.desk(summary, seat.desk.health, paused=paused)
    return Message(html, InlineKeyboardMarkup(rows))


async def _balance(seat: Seat) -> Message:
    html = words.balance(await seat.desk.supervision.funds(), seat.desk.rules)
    return Message(html, InlineKeyboardMarkup([chats.last_row()]))


async def _outcomes(seat: Seat) -> Message:
    unknown = await seat.desk.supervision.unknown()
    rows = [
        [keys.button(f"#{one.id} {one.service_name} · {dollars(one.price)}", ShowOutcome(one.id))]
        for one in unknown[:MOST_OUTCOMES]
    ]
    return Message(words.outcomes(unknown), InlineKeyboardMarkup([*rows, chats.last_row()]))


async def _provider(seat: Seat) -> Message:
    html = words.provider(seat.desk.health, seat.desk.rules)
    again = [keys.button("🔄 Refresh", ShowDesk("api"))]
    return Message(html, InlineKeyboardMarkup([again, chats.last_row()]))


async def _sure(seat: Seat) -> Message:
    open_everywhere = await seat.desk.supervision.open_numbers()
    count = open_everywhere.count
    stop = keys.button(
        f"⏸ Pause everything, {count} open" if count else "⏸ Pause everything",
        PauseAll(paused=True, sure=True),
        KeyboardButtonStyle.DANGER,
    )
    rows = [[stop], chats.last_row()]
    return Message(words.sure_to_pause(open_everywhere), InlineKeyboardMarkup(rows))


async def _limit(seat: Seat, typed: list[str]) -> Message:
    if len(typed) != 3:  # noqa: PLR2004 - chat, name, value
        return Message(words.HELP)
    chat_id, meant = _chat_id(typed[0]), limits.read(typed[1], typed[2])
    if chat_id is None or meant is None:
        return Message(words.HELP)
    name, value = meant
    rules = await seat.desk.governance.set_limit(
        chat_id, seat.owner_id, Scope.OWNER, EVERYBODY, name=name, value=value
    )
    return await chats.one(seat, chat_id) if rules else Message(chats.UNKNOWN)


def _chat_id(text: str) -> int | None:
    digits = text.strip().removeprefix("-")
    is_id = digits.isascii() and digits.isdecimal() and len(digits) < 16  # noqa: PLR2004 - Telegram's ids are shorter
    return int(text) if is_id else None


def _counted(text: str, count: int) -> str:
    return f"{text} · {count}" if count else text


_PARTS: Final = {
    "main": main,
    "requests": chats.requests,
    "balance": _balance,
    "outcomes": _outcomes,
    "api": _provider,
}
