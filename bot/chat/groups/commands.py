"""What admins of a group type: about members by reply, by mention, by @username, or by id.

`/allow` and `/deny` also take the name of a service or country.
"""

from dataclasses import dataclass
from typing import Final

from telegram import InlineKeyboardMarkup
from telegram import Message as Posted
from telegram.constants import KeyboardButtonStyle

from bot.chat import keys, limits
from bot.chat.desk import Desk
from bot.chat.groups import words
from bot.chat.groups.buttons import ForbidMember, KeepMember, ShowPanel
from bot.chat.groups.guard import Order, by_admin, pressed_by_admin
from bot.chat.groups.world import Thing, is_service, meant
from bot.chat.markup import bold, counted, dollars
from bot.chat.message import Message
from bot.chat.policy_texts import decided
from bot.chat.replies import Press
from bot.chat.scene import Scene
from bot.chat.standings import may_be_cancelled
from bot.chat.subject import Named, id_in, named_or_counted, not_met
from bot.domain.activation import OPEN, CloseReason
from bot.domain.chat import EVERYBODY, ChatRules, PermissionKind, Scope
from bot.domain.policy import Reason, check_buyer
from bot.workflows.cancel import Cancelling
from bot.workflows.overview import View

NOT_THEIRS: Final = {Reason.SUSPENDED, Reason.NOT_APPROVED, Reason.ALL_PAUSED}
"""What stops purchases by the owner's decision, whatever a group's admins say."""
HOW_TO_LIMIT: Final = (
    "Type what and how much: <code>/limit daily 7.50</code> for the group, "
    "<code>/limit each daily 2</code> for each member, <code>/limit @name daily 2</code> or as a "
    "reply for one member; <code>off</code> lifts it. "
    "What: daily, weekly, monthly, price, open, hour."
)
NOT_KNOWN: Final = (
    "I know no such service or country, or more than one is called like that: /settings lists them."
)
HOW_TO_NAME: Final = (
    "Reply to somebody with this command, or type a mention or @name, an id, "
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """A limit as it was typed: of whom, which, how much; `value` None lifts it."""

    scope: Scope
    user_id: int
    name: str
    value: int | None


@by_admin
async def limit(order: Order) -> Message:
    """`/limit`, `/limit daily 7.50`, `/limit each daily 2`, `/limit @ann daily 2`, or by reply."""
    who = await named_or_counted(order.message, order.desk)
    if who.unmet:
        return Message(not_met(who.unmet))
    if not order.words:
        return await _limits_now(order)
    wanted = _wanted(who)
    if wanted is None:
        return Message(HOW_TO_LIMIT)
    rules = await order.desk.governance.set_limit(
        order.chat_id,
        order.actor_id,
        wanted.scope,
        wanted.user_id,
        name=wanted.name,
        value=wanted.value,
    )
    return await _limited(order, rules, wanted)


@by_admin
async def pause(order: Order) -> Message:
    """`/pause`."""
    if not await _set_paused(order, paused=True):
        return Message("⏸ Purchases are paused here already. /resume lets people buy again.")
    return Message(
        "⏸ Purchases are paused here. Open numbers go on. /resume lets people buy again."
    )


@by_admin
async def resume(order: Order) -> Message:
    """`/resume`; where somebody else's decision stops purchases as well, that is said."""
    changed = await _set_paused(order, paused=False)
    rules = await order.desk.governance.rules_of(order.chat_id)
    refusal = check_buyer(order.actor_id, rules, is_admin=True) if rules else None
    if refusal and refusal.reason in NOT_THEIRS:
        return Message(f"▶️ No pause by this group's admins is on. {decided(refusal.reason)}")
    if not changed:
        return Message("▶️ Purchases are on here already: nothing was changed.")
    return Message("▶️ Purchases are on again.")


@pressed_by_admin
async def keep(press: Press, _desk: Desk, _: KeepMember) -> None:
    """Take the question back."""
    await press.show(Message("Nothing was changed."))


@pressed_by_admin
async def forbid(press: Press, desk: Desk, button: ForbidMember) -> None:
    """Forbid a member to buy after the question, and give back what is open if that was chosen."""
    scene = press.scene
    name = await _name_of(desk, button.user_id)
    await _set_member(scene, desk, button.user_id, name, allowed=False)
    told = _member_told(name, allowed=False)
    if button.and_cancel:
        told += await _cancel_all(scene, desk, button.user_id)
    await press.show(Message(told))


async def _cancel_all(scene: Scene, desk: Desk, user_id: int) -> str:
    """Give back what a member has open here, and tell of how much that is so."""
    views = await _open_of(scene, desk, user_id)
    answers = [
        await desk.cancellations.request(
            view.activation.id, scene.user.id, scene.chat.id, CloseReason.ADMIN
        )
        for view in views
    ]
    given_back = sum(isinstance(answer, Cancelling) for answer in answers)
    told = f" {counted(given_back, 'number')} being cancelled for a refund."
    kept = len(views) - given_back
    return f"{told} {counted(kept, 'number')} cannot be cancelled." if kept else told


async def _permit(order: Order, *, allowed: bool) -> Message:
    who = await named_or_counted(order.message, order.desk)
    if who.unmet:
        return Message(not_met(who.unmet))
    if who.words and (who.is_reply or who.user_id is None):
        return await _permit_typed(order, " ".join(who.words), allowed=allowed)
    if who.words or who.user_id is None:
        return Message(HOW_TO_NAME)
    return await _permit_member(order, who.user_id, allowed=allowed)


async def _permit_typed(order: Order, text: str, *, allowed: bool) -> Message:
    """Allow or forbid by name or id; a number that a service is called by is one if met here."""
    user_id = id_in(text)
    if user_id is not None and (
        not await is_service(order.desk, text)
        or await order.desk.governance.has_met(order.chat_id, user_id)
    ):
        return await _permit_member(order, user_id, allowed=allowed)
    return await _permit_thing(order, text, allowed=allowed)


async def _permit_thing(order: Order, text: str, *, allowed: bool) -> Message:
    """Allow or forbid by name; what is forbidden is allowed again by taking that back."""
    governance = order.desk.governance
    thing = await meant(order.desk, text)
    before = await governance.rules_of(order.chat_id)
    if thing is None or before is None:
        return Message(f"{NOT_KNOWN} {HOW_TO_NAME}")
    said = {one.key: one.allowed for one in before.permissions if one.kind is thing.kind}
    is_lifted = allowed and said.get(thing.key) is False and not any(said.values())
    rules = await governance.permit(
        order.chat_id,
        order.actor_id,
        thing.kind,
        thing.key,
        name=thing.name,
        allowed=None if is_lifted else allowed,
    )
    begins = allowed and not is_lifted and not any(said.values())
    return _thing_told(rules, thing, allowed=allowed, begins_a_list=begins)


async def _permit_member(order: Order, user_id: int, *, allowed: bool) -> Message:
    scene, desk = order.scene, order.desk
    name = _name_in(order.message, user_id) or await _name_of(desk, user_id)
    if not allowed and (views := await _open_of(scene, desk, user_id)):
        return _ask_to_forbid(name, user_id, views)
    rules = await _set_member(scene, desk, user_id, name, allowed=allowed)
    is_admin = await desk.admins.include(scene.chat.id, user_id)
    refusal = check_buyer(user_id, rules, is_admin=is_admin) if rules else None
    if allowed and refusal:
        return Message(f"✅ {bold(name)} is listed here. {decided(refusal.reason)}")
    return Message(_member_told(name, allowed=allowed))


def _ask_to_forbid(name: str, user_id: int, views: list[View]) -> Message:
    open_ones = [view.activation for view in views]
    worth = dollars(sum(one.price for one in open_ones))
    what = f"{counted(len(open_ones), 'number')} open, {worth} in all"
    refundable = sum(one.price for one in open_ones if may_be_cancelled(one))
    and_cancel = keys.button(
        f"🚫 Forbid and cancel {dollars(refundable)}",
        ForbidMember(user_id, and_cancel=True),
        KeyboardButtonStyle.DANGER,
    )
    rows = [
        [keys.button("🚫 Forbid, keep the numbers", ForbidMember(user_id, and_cancel=False))],
        *([[and_cancel]] if refundable else []),
        [keys.button("✖ Close", KeepMember())],
    ]
    return Message(
        f"{bold(name)} has {what}. Forbid to buy here, and what about those?",
        InlineKeyboardMarkup(rows),
    )


async def _set_member(
    scene: Scene, desk: Desk, user_id: int, name: str, *, allowed: bool
) -> ChatRules | None:
    return await desk.governance.permit(
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


async def _set_paused(order: Order, *, paused: bool) -> bool:
    """Pause, or lift the pause; tell whether that was a change."""
    governance = order.desk.governance
    before = await governance.rules_of(order.chat_id)
    await governance.set_paused(order.chat_id, order.actor_id, paused=paused)
    return before is not None and before.paused is not paused


async def _limits_now(order: Order) -> Message:
    rules = await order.desk.governance.rules_of(order.chat_id)
    if rules is None:
        return Message(HOW_TO_LIMIT)
    button = keys.button("💵 Change limits", ShowPanel("limits"))
    return Message(words.all_limits(rules), InlineKeyboardMarkup([[button]]))


def _wanted(who: Named) -> Wanted | None:
    """Read a limit and whose it is, in either order; None where anything makes no sense."""
    typed = [word.lower() for word in who.words]
    at = next((place for place, word in enumerate(typed) if word in limits.TYPED), len(typed))
    name, value = [*typed[at : at + 2], "", ""][:2]
    whose = _whose(who, typed[:at] + typed[at + 2 :])
    meant = limits.read(name, value)
    return Wanted(*whose, *meant) if whose and meant else None


def _whose(who: Named, rest: list[str]) -> tuple[Scope, int] | None:
    """Give whose limit is meant by the words around it; None where they say anything else."""
    if rest == ["each"] and (who.is_reply or who.user_id is None):
        return Scope.MEMBER, EVERYBODY
    typed_id = id_in(rest[0]) if len(rest) == 1 else None
    if typed_id is not None and (who.is_reply or who.user_id is None):
        return Scope.MEMBER, typed_id
    if rest:
        return None
    return (Scope.MEMBER, who.user_id) if who.user_id else (Scope.CHAT, EVERYBODY)


async def _limited(order: Order, rules: ChatRules | None, wanted: Wanted) -> Message:
    if rules is None:
        return Message(HOW_TO_LIMIT)
    whose = words.SCOPES[wanted.scope]
    if wanted.user_id != EVERYBODY:
        known = _name_in(order.message, wanted.user_id)
        whose = bold(known or await _name_of(order.desk, wanted.user_id))
    value = rules.limits_of(wanted.scope, wanted.user_id).of(wanted.name)
    return Message(f"{limits.NAMES[wanted.name]} for {whose}: {limits.amount(wanted.name, value)}.")


def _name_in(message: Posted, user_id: int) -> str | None:
    """Give a person's name from a reply or a mention, where the bot has not met the person."""
    answered = message.reply_to_message
    people = [entity.user for entity in message.entities] + [answered and answered.from_user]
    return next((one.full_name for one in people if one and one.id == user_id), None)


async def _name_of(desk: Desk, user_id: int) -> str:
    return (await desk.governance.names_of([user_id])).get(user_id, str(user_id))


def _member_told(name: str, *, allowed: bool) -> str:
    if allowed:
        return f"✅ {bold(name)} may buy here."
    return f"🚫 {bold(name)} may not buy here any more."


def _thing_told(
    rules: ChatRules | None, thing: Thing, *, allowed: bool, begins_a_list: bool
) -> Message:
    kind = words.KINDS[thing.kind]
    now = words.permissions(rules, thing.kind) if rules else ""
    verb = "allowed" if allowed else "forbidden"
    others = f" All other {kind.lower()} are forbidden now." if begins_a_list else ""
    return Message(f"{bold(thing.name)} is {verb} here.{others} {kind}: {now}.")
