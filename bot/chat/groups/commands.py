"""What admins of a group type: about members by reply, by a mention that carries the id, or by id.

`/allow` and `/deny` also take the name of a service or country.
"""

from typing import Final

from telegram import InlineKeyboardMarkup
from telegram import Message as Posted
from telegram.constants import KeyboardButtonStyle

from bot.chat import keys
from bot.chat.cards import Message
from bot.chat.desk import Desk
from bot.chat.groups import words
from bot.chat.groups.buttons import ClosePanel, ForbidMember, ShowPanel
from bot.chat.groups.guard import Order, by_admin, pressed_by_admin
from bot.chat.groups.world import Thing, meant
from bot.chat.markup import bold, dollars
from bot.chat.replies import Press
from bot.chat.scene import Scene
from bot.chat.subject import named
from bot.domain.activation import OPEN, CloseReason
from bot.domain.chat import EVERYBODY, ChatRules, PermissionKind, Scope
from bot.domain.money import parse_dollars
from bot.workflows.governance import COUNTS
from bot.workflows.overview import View

NAMES: Final = {
    "daily": "daily", "day": "daily",
    "weekly": "weekly", "week": "weekly",
    "monthly": "monthly", "month": "monthly",
    "price": "highest_price", "highest": "highest_price",
    "open": "open_at_once", "once": "open_at_once",
    "hour": "per_hour", "hourly": "per_hour",
}  # fmt: skip
LIFTED: Final = {"off", "none", "no"}
HOW_TO_LIMIT: Final = (
    "Type what and how much: <code>/limit daily 7.50</code> for the group, "
    "<code>/limit each daily 2</code> for each member, as a reply for one member; "
    "<code>off</code> lifts it. What: daily, weekly, monthly, price, open, hour."
)
HOW_TO_NAME: Final = (
    "Reply to somebody with this command, mention somebody, type an id, "
    "or the name of a service or country."
)


@by_admin
async def allow(order: Order) -> Message:
    """`/allow`: list a member, or allow a service or country."""
    return await _permit(order, allowed=True)


@by_admin
async def deny(order: Order) -> Message:
    """`/deny`: forbid a member to buy, or a service or country."""
    return await _permit(order, allowed=False)


@by_admin
async def limit(order: Order) -> Message:
    """`/limit`, `/limit daily 7.50`, `/limit each daily 2`, `/limit daily 2` as a reply."""
    typed = [word.lower() for word in order.words]
    is_each = "each" in typed
    typed = [word for word in typed if word != "each"]
    if not typed:
        return await _limits_now(order)
    name = NAMES.get(typed[0])
    value = typed[1] if len(typed) > 1 else ""
    user_id = None if is_each else named(order.message, typed[2:])
    micros_or_count = read_value(name, value) if name else None
    if name is None or (micros_or_count is None and value not in LIFTED):
        return Message(HOW_TO_LIMIT)
    scope = Scope.MEMBER if is_each or user_id else Scope.CHAT
    rules = await order.desk.governance.set_limit(
        order.chat_id, order.actor_id, scope, user_id or EVERYBODY, name=name, value=micros_or_count
    )
    return await _limited(order, rules, scope, user_id, name)


@by_admin
async def pause(order: Order) -> Message:
    """`/pause`."""
    await order.desk.governance.set_paused(order.chat_id, order.actor_id, paused=True)
    return Message(
        "⏸ Purchases are paused here. Open numbers go on. /resume lets people buy again."
    )


@by_admin
async def resume(order: Order) -> Message:
    """`/resume`."""
    await order.desk.governance.set_paused(order.chat_id, order.actor_id, paused=False)
    return Message("▶️ Purchases are on again.")


@pressed_by_admin
async def forbid(press: Press, desk: Desk, button: ForbidMember) -> None:
    """Forbid a member to buy after the question, and give back what is open if that was chosen."""
    scene = press.scene
    name = await _name_of(desk, button.user_id)
    await _set_member(scene, desk, button.user_id, name, allowed=False)
    told = _member_told(name, allowed=False)
    if button.and_cancel:
        views = await _open_of(scene, desk, button.user_id)
        for view in views:
            await desk.cancellations.request(
                view.activation.id, scene.user.id, scene.chat.id, CloseReason.ADMIN
            )
        told += f" {_numbers(len(views))} being cancelled for a refund."
    await press.answer()
    await press.edit(Message(told))


async def _permit(order: Order, *, allowed: bool) -> Message:
    desk, scene, typed = order.desk, order.scene, order.words
    user_id = named(order.message, typed)
    if user_id is not None:
        return await _permit_member(order, user_id, allowed=allowed)
    if not typed:
        return Message(HOW_TO_NAME)
    thing = await meant(desk, " ".join(typed))
    if thing is None:
        return Message(f"I know no such service or country. {HOW_TO_NAME}")
    rules = await desk.governance.permit(
        scene.chat.id, scene.user.id, thing.kind, thing.key, name=thing.name, allowed=allowed
    )
    return _thing_told(rules, thing, allowed=allowed)


async def _permit_member(order: Order, user_id: int, *, allowed: bool) -> Message:
    scene, desk = order.scene, order.desk
    name = _name_in(order.message, user_id) or await _name_of(desk, user_id)
    if not allowed and (views := await _open_of(scene, desk, user_id)):
        return _ask_to_forbid(name, user_id, views)
    await _set_member(scene, desk, user_id, name, allowed=allowed)
    return Message(_member_told(name, allowed=allowed))


def _ask_to_forbid(name: str, user_id: int, views: list[View]) -> Message:
    worth = dollars(sum(view.activation.price for view in views))
    what = f"{_numbers(len(views))} open, {worth} in all"
    rows = [
        [keys.button("🚫 Forbid, keep the numbers", ForbidMember(user_id, and_cancel=False))],
        [
            keys.button(
                f"🚫 Forbid and cancel {worth}",
                ForbidMember(user_id, and_cancel=True),
                KeyboardButtonStyle.DANGER,
            )
        ],
        [keys.button("✖ Close", ClosePanel())],
    ]
    return Message(
        f"{bold(name)} has {what}. Forbid to buy here, and what about those?",
        InlineKeyboardMarkup(rows),
    )


async def _set_member(scene: Scene, desk: Desk, user_id: int, name: str, *, allowed: bool) -> None:
    await desk.governance.permit(
        scene.chat.id,
        scene.user.id,
        PermissionKind.MEMBER,
        str(user_id),
        name=name,
        allowed=allowed,
    )


async def _open_of(scene: Scene, desk: Desk, user_id: int) -> list[View]:
    views = await desk.overview.numbers(user_id, scene.chat.id)
    return [view for view in views if view.activation.state in OPEN]


async def _limits_now(order: Order) -> Message:
    rules = await order.desk.governance.rules_of(order.chat_id)
    if rules is None:
        return Message(HOW_TO_LIMIT)
    button = keys.button("💵 Change limits", ShowPanel("limits"))
    return Message(words.all_limits(rules), InlineKeyboardMarkup([[button]]))


async def _limited(
    order: Order, rules: ChatRules | None, scope: Scope, user_id: int | None, name: str
) -> Message:
    if rules is None:
        return Message(HOW_TO_LIMIT)
    whose = words.SCOPES[scope]
    if user_id:
        whose = bold(_name_in(order.message, user_id) or await _name_of(order.desk, user_id))
    value = rules.limits_of(scope, user_id or EVERYBODY).of(name)
    return Message(f"{words.LIMITS[name]} for {whose}: {words.amount(name, value)}.")


def _name_in(message: Posted, user_id: int) -> str | None:
    """Give a person's name from a reply or a mention, where the bot has not met the person."""
    answered = message.reply_to_message
    people = [entity.user for entity in message.entities] + [answered and answered.from_user]
    return next((one.full_name for one in people if one and one.id == user_id), None)


async def _name_of(desk: Desk, user_id: int) -> str:
    return (await desk.governance.names_of([user_id])).get(user_id, str(user_id))


def read_value(name: str, value: str) -> int | None:
    """Give micro-dollars, or a count; None for what is neither."""
    if name in COUNTS:
        return int(value) if value.isdecimal() and len(value) < 6 else None  # noqa: PLR2004 - digits
    try:
        return parse_dollars(value.removeprefix("$"))
    except ValueError:
        return None


def _member_told(name: str, *, allowed: bool) -> str:
    if allowed:
        return f"✅ {bold(name)} may buy here."
    return f"🚫 {bold(name)} may not buy here any more."


def _thing_told(rules: ChatRules | None, thing: Thing, *, allowed: bool) -> Message:
    now = words.permissions(rules, thing.kind) if rules else ""
    verb = "allowed" if allowed else "forbidden"
    return Message(f"{bold(thing.name)} is {verb} here. {words.KINDS[thing.kind]}: {now}.")


def _numbers(count: int) -> str:
    return "1 number" if count == 1 else f"{count} numbers"
