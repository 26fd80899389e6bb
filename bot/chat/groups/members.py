"""`/members` and `/audit`: who is in the group, what departed members left, who changed what."""

from typing import Final

from telegram import InlineKeyboardMarkup

from bot.chat import keyboards, keys, markup
from bot.chat.desk import Desk
from bot.chat.groups import words
from bot.chat.groups.buttons import (
    ChooseHeir,
    ClosePanel,
    HandOver,
    ShowChanges,
    ShowMembers,
    ShowPanel,
)
from bot.chat.groups.guard import Order, by_admin, pressed_by_admin
from bot.chat.keys import Row
from bot.chat.markup import bold, dollars
from bot.chat.message import Message
from bot.chat.replies import Press
from bot.domain.activation import Activation
from bot.domain.chat import PermissionKind
from bot.storage.members import Member
from bot.workflows.departures import HandedOver, NotAMember, StillThere

MEMBERS_ON_A_PAGE: Final = 15
HEIRS_ON_A_PAGE: Final = 10
NO_CHANGES: Final = "Nothing has been changed here yet."


@by_admin
async def members(order: Order) -> Message:
    """`/members`."""
    return await _members(order.desk, order.chat_id, 0)


@by_admin
async def audit(order: Order) -> Message:
    """`/audit`."""
    return await _changes(order.desk, order.chat_id, 0)


@pressed_by_admin
async def show_members(press: Press, desk: Desk, button: ShowMembers) -> None:
    """Show a page of the members."""
    await press.show(await _members(desk, press.scene.chat.id, button.page))


@pressed_by_admin
async def show_changes(press: Press, desk: Desk, button: ShowChanges) -> None:
    """Show a page of the log."""
    await press.show(await _changes(desk, press.scene.chat.id, button.page))


@pressed_by_admin
async def choose_heir(press: Press, desk: Desk, button: ChooseHeir) -> None:
    """Ask to whom a number is handed over."""
    chat_id = press.scene.chat.id
    left = {one.id: one for one in await desk.departures.left_open(chat_id)}
    if button.activation_id not in left:
        await press.alert("This number is not open any more, or no departed member's.")
        return
    await press.show(await _heirs(desk, left[button.activation_id], button.page))


@pressed_by_admin
async def hand_over(press: Press, desk: Desk, button: HandOver) -> None:
    """Hand a departed member's number over."""
    scene = press.scene
    outcome = await desk.departures.hand_over(
        button.activation_id, scene.chat.id, scene.user.id, button.user_id
    )
    match outcome:
        case HandedOver(activation=activation):
            name = (await desk.governance.names_of([button.user_id])).get(button.user_id, "?")
            number = markup.name(_number(activation))
            await press.show(Message(f"✅ {number} is {bold(name)}'s now."))
        case StillThere():
            await press.alert("It belongs to somebody who is in the group: it stays theirs.")
        case NotAMember():
            await press.alert("This person is not in the group any more.")
        case _:
            await press.alert("This number is not open any more.")


async def _members(desk: Desk, chat_id: int, page: int) -> Message:
    count = await desk.governance.count_members(chat_id)
    page, pages = keys.page_within(count, page, MEMBERS_ON_A_PAGE)
    shown = await desk.governance.members(
        chat_id, limit=MEMBERS_ON_A_PAGE, offset=page * MEMBERS_ON_A_PAGE
    )
    admins = await desk.admins.of(chat_id)
    rules = await desk.governance.rules_of(chat_id)
    said = {
        one.key: one.allowed
        for one in (rules.permissions if rules else ())
        if one.kind is PermissionKind.MEMBER
    }
    lines = [
        _member(one, said.get(str(one.user_id)), is_admin=one.user_id in admins) for one in shown
    ]
    left = await desk.departures.left_open(chat_id)
    handing = [
        [keys.button(f"🔁 Hand over {_number(one)}", ChooseHeir(one.id))] for one in left[:10]
    ]
    moves = keys.moves(page, pages, ShowMembers)
    html = "<b>Members I have met here</b>\n" + ("\n".join(lines) or "nobody yet")
    if left:
        html += "\n\nDeparted members have left numbers open:"
    rows = [*handing, *moves, _last_row()]
    return Message(html, InlineKeyboardMarkup(rows))


def _member(one: Member, allowed: bool | None, *, is_admin: bool) -> str:  # noqa: FBT001 - one of three
    marks = [
        "admin" * is_admin,
        "departed" * (one.departed_at is not None),
        {True: "listed", False: "forbidden", None: ""}[allowed],
    ]
    said = ", ".join(filter(None, marks))
    name = bold(one.name or str(one.user_id))
    return f"{name} · {markup.code(str(one.user_id))}{f' · {said}' if said else ''}"


async def _heirs(desk: Desk, activation: Activation, page: int) -> Message:
    chat_id = activation.chat_id
    count = await desk.governance.count_members(chat_id, present=True)
    page, pages = keys.page_within(count, page, HEIRS_ON_A_PAGE)
    shown = await desk.governance.members(
        chat_id, limit=HEIRS_ON_A_PAGE, offset=page * HEIRS_ON_A_PAGE, present=True
    )
    offered = [
        keys.button(one.name or str(one.user_id), HandOver(activation.id, one.user_id))
        for one in shown
    ]
    moves = keys.moves(page, pages, lambda to: ChooseHeir(activation.id, to))
    rows = [*keys.pairs(offered), *moves, _last_row()]
    return Message(
        f"To whom is {markup.name(_number(activation))} handed over? "
        f"It cost {dollars(activation.price)}; its code goes to whom you choose.",
        InlineKeyboardMarkup(rows),
    )


async def _changes(desk: Desk, chat_id: int, page: int) -> Message:
    found, has_more = await desk.governance.changes(chat_id, page)
    names = await desk.governance.names_of(words.people_in(found))
    lines = [words.change(one, names) for one in found]
    moves = keys.moves(page, page + 1 + has_more, ShowChanges)
    rows = [*moves, _last_row()]
    html = "<b>Changes</b>\n" + ("\n\n".join(lines) or NO_CHANGES)
    return Message(html, InlineKeyboardMarkup(rows))


def _number(activation: Activation) -> str:
    return f"#{activation.id} {keyboards.label(activation)}"


def _last_row() -> Row:
    return [keys.button("« Settings", ShowPanel()), keys.button("✖ Close", ClosePanel())]
