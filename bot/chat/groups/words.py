"""What the settings of a group are called, and how they are told. Telegram's HTML."""

import re
from collections.abc import Iterable
from typing import Final

from bot.chat import limits, markup
from bot.chat.markup import bold
from bot.domain.chat import (
    ChatRules,
    CodePlace,
    Permission,
    PermissionKind,
    Scope,
    WhoMayBuy,
)
from bot.storage.changes import THE_BOT, Change

WHO: Final = {
    WhoMayBuy.EVERYONE: "Everyone",
    WhoMayBuy.ADMINS: "Admins only",
    WhoMayBuy.LISTED: "Listed members only",
}
PLACES: Final = {
    CodePlace.PRIVATE: "Private: to the buyer alone",
    CodePlace.REVEAL: "Reveal: a button shows it to the buyer",
    CodePlace.GROUP: "Group: everybody here can read it",
}
SCOPES: Final = {Scope.CHAT: "the whole group", Scope.MEMBER: "each member"}
_FOR_WHOM: Final = {scope: f"for {whom}" for scope, whom in SCOPES.items()} | {
    Scope.OWNER: "from the owner"
}
KINDS: Final = {PermissionKind.SERVICE: "Services", PermissionKind.COUNTRY: "Countries"}
ACTIONS: Final = {
    "who_may_buy": "Who may buy",
    "code_place": "Where codes go",
    "pause": "Purchases",
    "resume": "Purchases",
    "pause_all": "All purchases",
    "resume_all": "All purchases",
    "hand_over": "",
}
"""What a change was about; where it says all by its subject, nothing."""
VALUES: Final = {
    "who_may_buy": {str(who): text for who, text in WHO.items()},
    "code_place": {str(place): text.partition(":")[0] for place, text in PLACES.items()},
} | {action: {"running": "on"} for action in ("pause", "resume", "pause_all", "resume_all")}
"""How the values of a change are told, by its action; others stand as they are logged."""
_MOST_NAMED: Final = 10
_NAME_UNITS: Final = 64
"""With these four lists and all limits fit into one message, which has at most 4096 units."""
_LIMIT: Final = re.compile(r"(chat|member|owner)(?: (\d+))? ([a-z_]+)(.*)", re.ASCII)
_PERMIT: Final = re.compile(r"(?:member|service|country) (\S+)(?: (.*))?")
_OWNERS_DAY: Final = f"{Scope.OWNER} daily"
_MEMBER: Final = re.compile(r"member (\d+)(?!\S)", re.ASCII)


def panel(rules: ChatRules) -> str:
    """Sum up how a group is set."""
    state = "⏸ Purchases are paused." if rules.paused else "Purchases are on."
    if rules.all_paused:
        state = "⚠️ The owner of the bot has paused all purchases."
    if not rules.may_spend:
        state = "⚠️ The owner of the bot has not let this group buy."
    return (
        f"<b>Settings of this group</b>\n{state}\n"
        f"Who may buy: {WHO[rules.who_may_buy]}\n"
        f"Codes go: {PLACES[rules.code_place]}\n"
        f"👥 The group: {limits.in_one_line(rules.limits_of(Scope.CHAT))}\n"
        f"👤 Each member: {limits.in_one_line(rules.limits_of(Scope.MEMBER))}\n"
        f"Services: {permissions(rules, PermissionKind.SERVICE)}\n"
        f"Countries: {permissions(rules, PermissionKind.COUNTRY)}\n\n"
        f"From the owner of the bot: {limits.in_one_line(rules.given)}."
    )


def permissions(rules: ChatRules, kind: PermissionKind) -> str:
    """Name what is allowed and forbidden of a kind."""
    said = [one for one in rules.permissions if one.kind is kind]
    allowed, forbidden = _names(said, allowed=True), _names(said, allowed=False)
    parts = [f"only {allowed}"] * bool(allowed) + [f"not {forbidden}"] * bool(forbidden)
    return "; ".join(parts) or "all"


def who_may_buy(rules: ChatRules) -> str:
    """Head the choice of who may buy, with the members named so far."""
    said = [one for one in rules.permissions if one.kind is PermissionKind.MEMBER]
    allowed, forbidden = _names(said, allowed=True), _names(said, allowed=False)
    return (
        f"<b>Who may buy here?</b>\nNow: {WHO[rules.who_may_buy]}\n"
        f"Listed: {allowed or 'nobody'}\nForbidden: {forbidden or 'nobody'}\n\n"
        "Reply to somebody with /allow or /deny, or name them: <code>/allow @name</code>."
    )


def code_places(rules: ChatRules) -> str:
    """Head the choice of where codes go."""
    return (
        f"<b>Where do codes go?</b>\nNow: {PLACES[rules.code_place]}\n\n"
        "A buyer who never wrote to me in private gets a button in the group instead."
    )


def all_limits(rules: ChatRules) -> str:
    """Head the choice of a limit."""
    return (
        "<b>Limits</b>\n"
        f"👥 The group: {limits.in_one_line(rules.limits_of(Scope.CHAT))}\n"
        f"👤 Each member: {limits.in_one_line(rules.limits_of(Scope.MEMBER))}\n"
        f"From the owner: {limits.in_one_line(rules.given)}\n\n"
        "Any amount: <code>/limit daily 7.50</code> for the group, "
        "<code>/limit each daily 2</code> for each member, <code>/limit @name daily 2</code> "
        "or as a reply for one member; "
        "<code>off</code> lifts it."
    )


def one_limit(rules: ChatRules, scope: Scope, name: str) -> str:
    """Head the choice of one limit's value."""
    now = limits.amount(name, rules.limits_of(scope).of(name))
    return f"<b>{limits.NAMES[name]}</b> for {SCOPES[scope]}\nNow: {now}"


def kinds(rules: ChatRules, kind: PermissionKind) -> str:
    """Head the list of services or countries."""
    example = "whatsapp" if kind is PermissionKind.SERVICE else "turkey"
    return (
        f"<b>{KINDS[kind]}</b>\nNow: {permissions(rules, kind)}\n\n"
        "🚫 forbidden · ✅ allowed: where any is ✅, all without it are forbidden · ▫️ neither. "
        f"Each tap goes one further. Or type <code>/allow {example}</code>, "
        f"<code>/deny {example}</code>."
    )


def people_in(found: Iterable[Change]) -> set[int]:
    """Give the ids of all whom changes name: for `change` to call them by their names."""
    found = list(found)
    told = [part or "" for one in found for part in (one.subject, one.before, one.after)]
    met = (_MEMBER.match(part) for part in told)
    return {one.actor_id for one in found} | {int(match[1]) for match in met if match}


def change(one: Change, names: dict[int, str]) -> str:
    """Tell one change: when, who, what, from what to what."""
    who = "the bot" if one.actor_id == THE_BOT else _called(one.actor_id, names)
    what = markup.name(_about(one, names))
    before, after = (markup.name(_value(one, value, names)) for value in (one.before, one.after))
    return f"{markup.moment(one.at)} · {bold(who)}\n{what}: {before} → {after}"


def _about(one: Change, names: dict[int, str]) -> str:
    """Tell what was changed, in the words of the settings."""
    subject = one.subject or ""
    if one.action == "limit" and (limit := _LIMIT.fullmatch(subject)):
        scope, user_id, name, how = limit.groups()
        whose = f"for {_called(int(user_id), names)}" if user_id else _FOR_WHOM[Scope(scope)]
        return f"{limits.NAMES.get(name, name)} {whose}{how}"
    if one.action == "permit" and (permit := _PERMIT.fullmatch(subject)):
        key, name = permit.groups()
        return name or (_called(int(key), names) if key.isdecimal() else key)
    text = " ".join(filter(None, (ACTIONS.get(one.action, one.action), subject)))
    return text[:1].upper() + text[1:]


def _value(one: Change, value: str | None, names: dict[int, str]) -> str:
    if value is None:
        if one.action != "limit":
            return "nothing"
        return "the usual limit" if (one.subject or "").startswith(_OWNERS_DAY) else "no limit"
    if member := _MEMBER.fullmatch(value):
        return _called(int(member[1]), names)
    return VALUES.get(one.action, {}).get(value, value)


def _called(user_id: int, names: dict[int, str]) -> str:
    return names.get(user_id, str(user_id))


def _names(said: list[Permission], *, allowed: bool) -> str:
    """Name the first of what is allowed, or forbidden, and count the others."""
    meant = [one.name for one in said if one.allowed is allowed]
    shown = [markup.name(markup.cut(name, _NAME_UNITS)) for name in meant[:_MOST_NAMED]]
    more = [f"… and {len(meant) - len(shown)} more"] if len(meant) > len(shown) else []
    return ", ".join([*shown, *more])
