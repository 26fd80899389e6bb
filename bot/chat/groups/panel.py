"""`/settings`: one message that shows and changes the rules of a group, edited in place."""

import asyncio
from collections.abc import Sequence
from typing import Final

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat import keys, limits, toasts
from bot.chat.codec import matches
from bot.chat.desk import Desk
from bot.chat.groups import words
from bot.chat.groups.buttons import (
    ClosePanel,
    Permit,
    SetCodePlace,
    SetLimit,
    SetPaused,
    SetWhoMayBuy,
    ShowChanges,
    ShowKinds,
    ShowLimit,
    ShowMembers,
    ShowPanel,
)
from bot.chat.groups.guard import Order, by_admin, pressed_by_admin
from bot.chat.groups.world import Thing, things
from bot.chat.keys import Row
from bot.chat.message import Message
from bot.chat.replies import Press
from bot.domain.chat import (
    EVERYBODY,
    LIMIT_NAMES,
    ChatRules,
    CodePlace,
    PermissionKind,
    Scope,
    WhoMayBuy,
)

KINDS_ON_A_PAGE: Final = 14
NEXT: Final = {None: "forbidden", False: "allowed", True: ""}
SIGNS: Final = {None: "▫️", False: "🚫", True: "✅"}


@by_admin
async def settings(order: Order) -> Message:
    """`/settings`."""
    rules = await order.desk.governance.rules_of(order.chat_id)
    return _unknown() if rules is None else main(rules)


def main(rules: ChatRules) -> Message:
    """Show how a group is set, and the ways to change it."""
    pause = ("▶️ Resume", False) if rules.paused else ("⏸ Pause", True)
    rows = [
        [
            keys.button("👥 Who may buy", ShowPanel("who")),
            keys.button("💵 Limits", ShowPanel("limits")),
        ],
        [
            keys.button("📦 Services", ShowKinds(PermissionKind.SERVICE)),
            keys.button("🌍 Countries", ShowKinds(PermissionKind.COUNTRY)),
        ],
        [keys.button("✉️ Where codes go", ShowPanel("codes"))],
        [keys.button("🙋 Members", ShowMembers()), keys.button("📜 Changes", ShowChanges())],
        [keys.button(pause[0], SetPaused(pause[1])), keys.button("✖ Close", ClosePanel())],
    ]
    return Message(words.panel(rules), InlineKeyboardMarkup(rows))


@pressed_by_admin
async def show(press: Press, desk: Desk, button: ShowPanel) -> None:
    """Show a part of the settings."""
    rules = await desk.governance.rules_of(press.scene.chat.id)
    part = _PARTS.get(button.part)
    if rules is None or part is None:
        await press.alert(toasts.button_gone())
        return
    await press.show(part(rules))


@pressed_by_admin
async def set_who(press: Press, desk: Desk, button: SetWhoMayBuy) -> None:
    """Take the choice of who may buy."""
    if button.who not in set(WhoMayBuy):
        await press.alert(toasts.button_gone())
        return
    who = WhoMayBuy(button.who)
    scene = press.scene
    rules = await desk.governance.set_who_may_buy(scene.chat.id, scene.user.id, who)
    await press.show(_unknown() if rules is None else _who(rules))


@pressed_by_admin
async def set_code_place(press: Press, desk: Desk, button: SetCodePlace) -> None:
    """Take the choice of where codes go."""
    if button.place not in set(CodePlace):
        await press.alert(toasts.button_gone())
        return
    place = CodePlace(button.place)
    scene = press.scene
    rules = await desk.governance.set_code_place(scene.chat.id, scene.user.id, place)
    await press.show(_unknown() if rules is None else _codes(rules))


@pressed_by_admin
async def set_paused(press: Press, desk: Desk, button: SetPaused) -> None:
    """Stop purchases, or let them go on."""
    scene = press.scene
    rules = await desk.governance.set_paused(scene.chat.id, scene.user.id, paused=button.paused)
    await press.show(_unknown() if rules is None else main(rules))


@pressed_by_admin
async def show_limit(press: Press, desk: Desk, button: ShowLimit) -> None:
    """Offer amounts for one limit."""
    rules = await desk.governance.rules_of(press.scene.chat.id)
    if rules is None or button.scope not in words.SCOPES or button.name not in LIMIT_NAMES:
        await press.alert(toasts.button_gone())
        return
    await press.show(_limit(rules, Scope(button.scope), button.name))


@pressed_by_admin
async def set_limit(press: Press, desk: Desk, button: SetLimit) -> None:
    """Take the choice of a limit."""
    if button.scope not in words.SCOPES or button.name not in LIMIT_NAMES:
        await press.alert(toasts.button_gone())
        return
    scope = Scope(button.scope)
    scene = press.scene
    value = None if button.value == limits.NO_LIMIT else button.value
    try:
        rules = await desk.governance.set_limit(
            scene.chat.id, scene.user.id, scope, EVERYBODY, name=button.name, value=value
        )
    except ValueError:
        await press.alert(toasts.button_gone())
        return
    await press.show(_unknown() if rules is None else _limit(rules, scope, button.name))


@pressed_by_admin
async def show_kinds(press: Press, desk: Desk, button: ShowKinds) -> None:
    """List services or countries."""
    if button.kind not in words.KINDS:
        await press.alert(toasts.button_gone())
        return
    await _show_kinds(press, desk, PermissionKind(button.kind), button.page)


@pressed_by_admin
async def permit(press: Press, desk: Desk, button: Permit) -> None:
    """Take what is said of a service or country."""
    scene = press.scene
    verdicts = {"allowed": True, "forbidden": False, "": None}
    if button.kind not in words.KINDS or button.verdict not in verdicts:
        await press.alert(toasts.button_gone())
        return
    kind = PermissionKind(button.kind)
    listed = await press.patiently(_listed(desk, scene.chat.id, kind))
    thing = next((one for one in listed if matches(button.key, one.key)), None)
    if thing is None:
        await press.alert(toasts.button_gone())
        return
    await desk.governance.permit(
        scene.chat.id,
        scene.user.id,
        kind,
        thing.key,
        name=thing.name,
        allowed=verdicts[button.verdict],
    )
    await _show_kinds(press, desk, kind, button.page)


@pressed_by_admin
async def close(press: Press, _desk: Desk, _: ClosePanel) -> None:
    """Take the settings away."""
    await press.show(Message("Settings closed. /settings opens them again."))


def _who(rules: ChatRules) -> Message:
    rows = [
        [keys.button(keys.chosen(text, which is rules.who_may_buy), SetWhoMayBuy(which))]
        for which, text in words.WHO.items()
    ]
    return Message(words.who_may_buy(rules), InlineKeyboardMarkup([*rows, _back()]))


def _codes(rules: ChatRules) -> Message:
    rows = [
        [keys.button(keys.chosen(text, place is rules.code_place), SetCodePlace(place))]
        for place, text in words.PLACES.items()
    ]
    return Message(words.code_places(rules), InlineKeyboardMarkup([*rows, _back()]))


def _limits(rules: ChatRules) -> Message:
    rows = [
        [_limit_key(rules, scope, name) for scope in words.SCOPES] for name in limits.SHORT_NAMES
    ]
    return Message(words.all_limits(rules), InlineKeyboardMarkup([*rows, _back()]))


def _limit_key(rules: ChatRules, scope: Scope, name: str) -> InlineKeyboardButton:
    sign = "👥" if scope is Scope.CHAT else "👤"
    value = rules.limits_of(scope).of(name)
    told = "off" if value is None else limits.amount(name, value)
    return keys.button(f"{sign} {limits.SHORT_NAMES[name]}: {told}", ShowLimit(scope, name))


def _limit(rules: ChatRules, scope: Scope, name: str) -> Message:
    present = rules.limits_of(scope).of(name)
    rows = limits.picker(name, present, lambda value: SetLimit(scope, name, value))
    return Message(
        words.one_limit(rules, scope, name), InlineKeyboardMarkup([*rows, _back("limits")])
    )


async def _show_kinds(press: Press, desk: Desk, kind: PermissionKind, page: int) -> None:
    chat_id = press.scene.chat.id
    rules, listed = await press.patiently(
        asyncio.gather(desk.governance.rules_of(chat_id), _listed(desk, chat_id, kind))
    )
    await press.show(_unknown() if rules is None else _kinds(rules, kind, listed, page))


def _kinds(rules: ChatRules, kind: PermissionKind, listed: Sequence[Thing], page: int) -> Message:
    said = {one.key: one.allowed for one in rules.permissions if one.kind is kind}
    shown, page, pages = keys.page_of(listed, page, KINDS_ON_A_PAGE)
    offered = [
        keys.button(
            f"{SIGNS[said.get(one.key)]} {one.name}",
            Permit(kind, one.key, NEXT[said.get(one.key)], page),
        )
        for one in shown
    ]
    moves = keys.moves(page, pages, lambda to: ShowKinds(kind, to))
    rows = [*keys.pairs(offered), *moves, _back()]
    return Message(words.kinds(rules, kind), InlineKeyboardMarkup(rows))


async def _listed(desk: Desk, chat_id: int, kind: PermissionKind) -> list[Thing]:
    """Give what can be allowed or forbidden; first what is not sold any more, and still named."""
    rules = await desk.governance.rules_of(chat_id)
    known = await things(desk, kind)
    keys_known = {one.key for one in known}
    said = [one for one in rules.permissions if one.kind is kind] if rules else []
    gone = [Thing(kind, one.key, one.name) for one in said if one.key not in keys_known]
    return [*gone, *known]


def _back(part: str = "main") -> Row:
    return [keys.button("« Back", ShowPanel(part)), keys.button("✖ Close", ClosePanel())]


def _unknown() -> Message:
    return Message("I do not know this group yet. Type /start here first.")


_PARTS: Final = {"main": main, "who": _who, "codes": _codes, "limits": _limits}
