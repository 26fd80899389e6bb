"""Requests and chats: who may spend the owner's money, and how much."""

import asyncio
from collections import Counter
from typing import Final

from telegram import InlineKeyboardMarkup
from telegram.constants import KeyboardButtonStyle

from bot.chat import keys, limits, toasts
from bot.chat.groups.words import change as change_words
from bot.chat.groups.words import people_in
from bot.chat.keys import Row
from bot.chat.markup import dollars
from bot.chat.message import Message
from bot.chat.owner import words
from bot.chat.owner.buttons import (
    CloseDesk,
    DecideChat,
    SetChatLimit,
    ShowChat,
    ShowChatLimit,
    ShowChats,
    ShowDesk,
)
from bot.chat.owner.guard import Seat, pressed_by_owner
from bot.chat.replies import Press
from bot.domain.chat import EVERYBODY, LIMIT_NAMES, ChatAccess, Scope
from bot.storage.chats import Chat
from bot.storage.supervision import OpenNumbers

SHOWN_CHANGES: Final = 3
UNKNOWN: Final = "I do not know this chat."
DECISIONS: Final = {
    ChatAccess.APPROVED: ("✅ Approve", KeyboardButtonStyle.SUCCESS),
    ChatAccess.SUSPENDED: ("⏸ Suspend", KeyboardButtonStyle.DANGER),
    ChatAccess.DENIED: ("🚫 Deny", KeyboardButtonStyle.DANGER),
}
"""What the owner may decide, and the button that says so."""


@pressed_by_owner
async def show_list(press: Press, seat: Seat, button: ShowChats) -> Message | None:
    """Show a page of the chats of which something was decided."""
    if button.access not in set(ChatAccess):
        await press.alert(toasts.button_gone())
        return None
    return await _listed(seat, ChatAccess(button.access), button.page)


@pressed_by_owner
async def show_one(_: Press, seat: Seat, button: ShowChat) -> Message:
    """Show one chat."""
    return await one(seat, button.chat_id)


@pressed_by_owner
async def decide(press: Press, seat: Seat, button: DecideChat) -> Message | None:
    """Take a decision; what stops purchases is asked once more."""
    chat = await seat.desk.doorkeeper.chat(button.chat_id)
    if chat is None or button.access not in set(DECISIONS):
        await press.alert(toasts.button_gone())
        return None
    access = ChatAccess(button.access)
    if not button.sure and access is not ChatAccess.APPROVED:
        open_here = (await seat.desk.supervision.sums(chat.id)).open
        may_buy = seat.desk.doorkeeper.may_use(chat.access)
        if open_here.count or may_buy or access is ChatAccess.SUSPENDED:
            return _sure(chat, access, open_here, button.then)
    decided = await _decide(seat, button)
    goes_on = button.then == "requests" and decided is not None and decided.access is access
    return await (requests(seat) if goes_on else one(seat, chat.id))


@pressed_by_owner
async def show_limit(press: Press, seat: Seat, button: ShowChatLimit) -> Message | None:
    """Offer amounts for one limit."""
    if button.name not in LIMIT_NAMES:
        await press.alert(toasts.button_gone())
        return None
    return await _limit(seat, button.chat_id, button.name)


@pressed_by_owner
async def set_limit(press: Press, seat: Seat, button: SetChatLimit) -> Message | None:
    """Take the choice of a limit."""
    value = None if button.value == limits.NO_LIMIT else button.value
    try:
        await seat.desk.governance.set_limit(
            button.chat_id, seat.owner_id, Scope.OWNER, EVERYBODY, name=button.name, value=value
        )
    except ValueError:
        await press.alert(toasts.button_gone())
        return None
    return await _limit(seat, button.chat_id, button.name)


async def requests(seat: Seat) -> Message:
    """List who asks to be let in, with Approve and Deny for each."""
    asking, goes_on = await seat.desk.doorkeeper.chats(ChatAccess.REQUESTED)
    rows = [
        row
        for chat in asking
        for row in keys.pairs(
            [
                keys.button(
                    f"{DECISIONS[access][0]} {chat.title}",
                    DecideChat(chat.id, access, sure=False, then="requests"),
                    DECISIONS[access][1],
                )
                for access in (ChatAccess.APPROVED, ChatAccess.DENIED)
            ]
        )
    ]
    more = [[keys.button("More", ShowChats(ChatAccess.REQUESTED, 1))]] if goes_on else []
    return Message(words.requests(asking), InlineKeyboardMarkup([*rows, *more, last_row()]))


async def one(seat: Seat, chat_id: int) -> Message:
    """Show one chat, and what can be decided about it."""
    desk = seat.desk
    rules = await desk.governance.rules_of(chat_id)
    chat = await desk.doorkeeper.chat(rules.chat_id) if rules else None
    if chat is None or rules is None:
        return Message(UNKNOWN, InlineKeyboardMarkup([last_row()]))
    sums, present, (found, _) = await asyncio.gather(
        desk.supervision.sums(chat.id),
        desk.governance.count_members(chat.id, present=True),
        desk.governance.changes(chat.id),
    )
    shown = found[:SHOWN_CHANGES]
    names = await desk.governance.names_of(people_in(shown))
    log = [change_words(change, names) for change in shown]
    limit_keys = [
        keys.button(
            f"{text}: {limits.amount(name, rules.given.of(name))}", ShowChatLimit(chat.id, name)
        )
        for name, text in limits.NAMES.items()
    ]
    rows = [*keys.pairs(limit_keys), *_decisions(seat, chat), last_row(ShowChats(chat.access))]
    return Message(words.chat(chat, rules, sums, present, log), InlineKeyboardMarkup(rows))


def last_row(to: ShowDesk | ShowChats | ShowChat | None = None) -> Row:
    """Give the way back, to the desk unless it leads elsewhere, and Close."""
    return [keys.button("« Back", to or ShowDesk()), keys.button("✖ Close", CloseDesk())]


async def _listed(seat: Seat, access: ChatAccess, page: int) -> Message:
    found, goes_on = await seat.desk.doorkeeper.chats(access, page)
    sums = [await seat.desk.supervision.sums(chat.id) for chat in found]
    html = words.chats(access, list(zip(found, sums, strict=True)), page)
    titles = Counter(chat.title for chat in found)
    chosen = [
        keys.button(
            chat.title if titles[chat.title] == 1 else f"{chat.title} · {chat.id}",
            ShowChat(chat.id),
        )
        for chat in found
    ]
    states = [
        keys.button(keys.chosen(text, state is access), ShowChats(state))
        for state, text in words.ACCESS.items()
    ]
    moves = keys.moves(page, page + 1 + goes_on, lambda to: ShowChats(access, to))
    rows = [*keys.pairs(chosen), *moves, states[:3], states[3:], last_row()]
    return Message(html, InlineKeyboardMarkup(rows))


async def _decide(seat: Seat, button: DecideChat) -> Chat | None:
    """Decide; a list of requests may be old, so that what it offers unasked is but an answer."""
    doorkeeper, access = seat.desk.doorkeeper, ChatAccess(button.access)
    if access is ChatAccess.SUSPENDED:
        return await doorkeeper.suspend(button.chat_id, seat.owner_id)
    is_answer = button.then == "requests" and not button.sure
    say = doorkeeper.answer if is_answer else doorkeeper.decide
    return await say(button.chat_id, seat.owner_id, approve=access is ChatAccess.APPROVED)


def _decisions(seat: Seat, chat: Chat) -> list[Row]:
    """Offer what can be decided; an owner's own chat is always in."""
    if seat.desk.doorkeeper.is_owner(chat.id):
        return []
    useless = {chat.access}
    if chat.access is ChatAccess.DENIED:
        useless.add(ChatAccess.SUSPENDED)
    return [
        [
            keys.button(text, DecideChat(chat.id, access, sure=False, then="chat"), style)
            for access, (text, style) in DECISIONS.items()
            if access not in useless
        ]
    ]


def _sure(chat: Chat, access: ChatAccess, open_here: OpenNumbers, then: str) -> Message:
    text, style = DECISIONS[access]
    worth = f", {dollars(open_here.worth)} open" if open_here.count else ""
    yes = keys.button(
        f"{text} {chat.title}{worth}", DecideChat(chat.id, access, sure=True, then=then), style
    )
    back = last_row(ShowDesk("requests") if then == "requests" else ShowChat(chat.id))
    return Message(words.sure(chat, access, open_here), InlineKeyboardMarkup([[yes], back]))


async def _limit(seat: Seat, chat_id: int, name: str) -> Message:
    rules = await seat.desk.governance.rules_of(chat_id)
    chat = await seat.desk.doorkeeper.chat(rules.chat_id) if rules else None
    if chat is None or rules is None:
        return Message(UNKNOWN, InlineKeyboardMarkup([last_row()]))
    usual = rules.defaults.daily if name == "daily" else None
    rows = limits.picker(
        name,
        rules.limits_of(Scope.OWNER).of(name),
        lambda value: SetChatLimit(chat_id, name, value),
        lifted="No limit" if usual is None else f"Usual, {dollars(usual)}",
    )
    hint = f"\n\nAny amount: <code>/admin limit {chat.id} daily 12.50</code>"
    return Message(
        words.limit(chat, rules, name) + hint,
        InlineKeyboardMarkup([*rows, last_row(ShowChat(chat_id))]),
    )
