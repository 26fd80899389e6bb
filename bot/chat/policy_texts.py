"""Why a purchase is not allowed, and what may still be spent, in words. Telegram's HTML."""

from typing import Final

from bot.chat import markup
from bot.chat.markup import dollars
from bot.domain.chat import Scope
from bot.domain.policy import Bound, Reason, Refusal
from bot.workflows.overview import Account, Allowance

_DECIDED: Final = {
    Reason.SUSPENDED: "The owner of this bot has suspended this chat: it may not buy for now.",
    Reason.NOT_APPROVED: "The owner of this bot has not approved this chat: it may not buy.",
    Reason.PURCHASES_STOPPED: "Purchases are stopped at the moment. The owner knows.",
    Reason.RESTARTING: "The bot is being restarted. Please try again in a minute.",
    Reason.ALL_PAUSED: "The owner of this bot has paused all purchases. Please try again later.",
    Reason.CHAT_PAUSED: "Purchases are paused here. An admin of this group can resume them.",
    Reason.MEMBER_FORBIDDEN: "An admin of this group has decided that you may not buy here.",
    Reason.ADMINS_ONLY: "Only admins of this group may buy here.",
    Reason.NOT_LISTED: "Only members whom an admin has listed may buy here. Please ask one.",
    Reason.SERVICE_FORBIDDEN: "This service may not be bought here: an admin has decided so.",
    Reason.COUNTRY_FORBIDDEN: "This country may not be bought here: an admin has decided so.",
}
_PASSING: Final = {
    Reason.PURCHASES_STOPPED,
    Reason.RESTARTING,
    Reason.ALL_PAUSED,
    Reason.TOO_MANY_OPEN,
}
_WHOSE: Final = {Scope.OWNER: "the", Scope.CHAT: "this group's", Scope.MEMBER: "your"}
_PERIOD: Final = {
    Reason.DAILY_LIMIT: ("daily", "today"),
    Reason.WEEKLY_LIMIT: ("weekly", "this week"),
    Reason.MONTHLY_LIMIT: ("monthly", "this month"),
}
_SPENDING: Final = {"daily": "today", "weekly": "this week", "monthly": "this month"}


def not_allowed(refusal: Refusal, now: int) -> str:
    """Tell why a purchase is not allowed, and when it will be. `now` is epoch ms."""
    bound = refusal.bound
    why = _beyond(refusal.reason, bound) if bound else decided(refusal.reason)
    when = _when(refusal, now)
    return " ".join(part for part in (why, when, "Nothing was bought.") if part)


def passes(refusal: Refusal) -> bool:
    """Tell whether trying again makes sense before somebody has decided otherwise."""
    return refusal.until is not None or refusal.reason in _PASSING


def decided(reason: Reason) -> str:
    """Tell who has decided that nothing, or not this, may be bought."""
    return _DECIDED.get(reason, "This may not be bought here.")


def allowances(account: Account) -> list[str]:
    """Tell the limits in force, one a line; the chat's daily one stands above them."""
    return [
        _allowance(one)
        for one in account.allowances
        if (one.scope, one.name) != (Scope.OWNER, "daily")
    ]


def _beyond(reason: Reason, bound: Bound) -> str:
    whose, amount = _WHOSE[bound.scope], dollars(bound.limit)
    if reason in _PERIOD:
        period, present = _PERIOD[reason]
        left = f"{dollars(bound.left)} is left {present}"
        return f"This would pass {whose} {period} limit of {amount}: {left}."
    if reason is Reason.PRICE_TOO_HIGH:
        return f"This costs more than {whose} highest price of {amount} for a number."
    if not bound.limit:
        return f"No numbers may be bought here: {whose} limit is 0."
    is_own = bound.scope is Scope.MEMBER
    if reason is Reason.TOO_MANY_OPEN:
        who = "You have" if is_own else "This chat has"
        return (
            f"{who} too many open numbers: {bound.limit} at once is the limit. "
            "Wait for a code, or cancel one under /numbers; then buy again."
        )
    who = "You may" if is_own else "This chat may"
    return f"{who} buy {bound.limit} numbers an hour, and not one more."


def _when(refusal: Refusal, now: int) -> str:
    if refusal.until is None:
        is_money = refusal.reason in _PERIOD
        return "One number costs more than the whole limit." if is_money else ""
    when = markup.relative(refusal.until, now)
    if refusal.reason in _PERIOD:
        return f"The limit starts anew {when}."
    if refusal.reason is Reason.TOO_MANY_OPEN:
        return f"The time of the next one is over {when}."
    return f"The next one is possible {when}."


def _allowance(one: Allowance) -> str:
    whose = _WHOSE[one.scope].removeprefix("the").capitalize()
    if one.name in _SPENDING:
        what = f"limit {_SPENDING[one.name]}"
        amount = f"{dollars(one.left)} left of {dollars(one.limit)}"
    elif one.name == "highest_price":
        what, amount = "highest price for a number", dollars(one.limit)
    elif one.name == "open_at_once":
        what, amount = "open numbers", f"{one.used} of {one.limit}"
    else:
        what, amount = "purchases in the last hour", f"{one.used} of {one.limit}"
    named = f"{whose} {what}".strip()
    return f"{named[0].upper()}{named[1:]}: {amount}"
