"""What the settings of a group are called, and how they are told. Telegram's HTML."""

from typing import Final

from bot.chat import markup
from bot.chat.markup import bold, dollars
from bot.domain.chat import (
    ChatRules,
    CodePlace,
    Limits,
    Permission,
    PermissionKind,
    Scope,
    WhoMayBuy,
)
from bot.storage.changes import THE_BOT, Change
from bot.workflows.governance import COUNTS

WHO: Final = {
    WhoMayBuy.EVERYONE: "Everyone",
    WhoMayBuy.ADMINS: "Admins only",
    WhoMayBuy.LISTED: "Listed members only",
}
PLACES: Final = {
    CodePlace.PRIVATE: "Private: to the buyer alone",
    CodePlace.REVEAL: "Reveal: a button in the group shows it to the buyer",
    CodePlace.GROUP: "Group: everybody here can read it",
}
LIMITS: Final = {
    "daily": "Per day",
    "weekly": "Per week",
    "monthly": "Per month",
    "highest_price": "Highest price",
    "open_at_once": "Open at once",
    "per_hour": "Numbers per hour",
}
SCOPES: Final = {Scope.CHAT: "the whole group", Scope.MEMBER: "each member"}
KINDS: Final = {PermissionKind.SERVICE: "Services", PermissionKind.COUNTRY: "Countries"}
ACTIONS: Final = {
    "who_may_buy": "who may buy",
    "code_place": "where codes go",
    "pause": "purchases",
    "resume": "purchases",
    "pause_all": "all purchases",
    "resume_all": "all purchases",
    "hand_over": "handed over",
}


def panel(rules: ChatRules) -> str:
    """Sum up how a group is set."""
    state = "⏸ Purchases are paused." if rules.paused else "Purchases are on."
    if not rules.may_spend:
        state = "⚠️ The owner of the bot has not let this group buy."
    return (
        f"<b>Settings of this group</b>\n{state}\n"
        f"Who may buy: {WHO[rules.who_may_buy]}\n"
        f"Codes go: {PLACES[rules.code_place]}\n"
        f"The group: {limits(rules.limits_of(Scope.CHAT))}\n"
        f"Each member: {limits(rules.limits_of(Scope.MEMBER))}\n"
        f"Services: {permissions(rules, PermissionKind.SERVICE)}\n"
        f"Countries: {permissions(rules, PermissionKind.COUNTRY)}\n\n"
        f"From the owner of the bot: {_given(rules)}."
    )


def limits(given: Limits) -> str:
    """Name the limits in one line."""
    parts = [
        f"{words.lower()} {amount(name, value)}"
        for name, words in LIMITS.items()
        if (value := given.of(name)) is not None
    ]
    return ", ".join(parts) or "no limit of its own"


def amount(name: str, value: int | None) -> str:
    """Write a limit's value."""
    if value is None:
        return "no limit"
    return str(value) if name in COUNTS else dollars(value)


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
        "Reply to somebody with /allow or /deny, or name the id: <code>/allow 12345</code>."
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
        f"The group: {limits(rules.limits_of(Scope.CHAT))}\n"
        f"Each member: {limits(rules.limits_of(Scope.MEMBER))}\n"
        f"From the owner: {_given(rules)}\n\n"
        "Any amount: <code>/limit daily 7.50</code> for the group, "
        "<code>/limit each daily 2</code> for each member, or as a reply for one member; "
        "<code>off</code> lifts it."
    )


def one_limit(rules: ChatRules, scope: Scope, name: str) -> str:
    """Head the choice of one limit's value."""
    now = amount(name, rules.limits_of(scope).of(name))
    return f"<b>{LIMITS[name]}</b> for {SCOPES[scope]}\nNow: {now}"


def kinds(rules: ChatRules, kind: PermissionKind) -> str:
    """Head the list of services or countries."""
    example = "whatsapp" if kind is PermissionKind.SERVICE else "turkey"
    return (
        f"<b>{KINDS[kind]}</b>\nNow: {permissions(rules, kind)}\n\n"
        "A tap goes from ▫️ (nothing said) to 🚫 (forbidden) to ✅ (where any is ✅, only those). "
        f"Or type <code>/allow {example}</code>, <code>/deny {example}</code>."
    )


def change(one: Change, names: dict[int, str]) -> str:
    """Tell one change: when, who, what, from what to what."""
    who = "the bot" if one.actor_id == THE_BOT else names.get(one.actor_id, str(one.actor_id))
    what = " ".join(filter(None, (ACTIONS.get(one.action, one.action), one.subject)))
    before, after = one.before or "nothing", one.after or "nothing"
    return (
        f"{markup.moment(one.at)} · {bold(who)}\n"
        f"{markup.name(what)}: {markup.name(before)} → {markup.name(after)}"
    )


def _given(rules: ChatRules) -> str:
    given = rules.limits_of(Scope.OWNER).or_else(Limits(daily=rules.defaults.daily))
    return limits(given)


def _names(said: list[Permission], *, allowed: bool) -> str:
    return ", ".join(markup.name(one.name) for one in said if one.allowed is allowed)
