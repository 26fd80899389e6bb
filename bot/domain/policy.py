"""Who may spend what: one pure function that answers with its reason.

All that applies must allow a purchase. Of several refusals the most final is told: one that only
somebody's decision lifts, else the one that lasts longest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.domain.chat import (
    ChatAccess,
    ChatRules,
    Limits,
    PermissionKind,
    Scope,
    WhoMayBuy,
)
from bot.domain.times import (
    DAY_MS,
    HOUR_MS,
    WEEK_MS,
    start_of_day,
    start_of_month,
    start_of_week,
)


class Reason(StrEnum):
    """Why a purchase is not allowed; the most final ones come first."""

    SUSPENDED = "suspended"
    NOT_APPROVED = "not_approved"
    PURCHASES_STOPPED = "purchases_stopped"
    RESTARTING = "restarting"
    ALL_PAUSED = "all_paused"
    CHAT_PAUSED = "chat_paused"
    MEMBER_FORBIDDEN = "member_forbidden"
    ADMINS_ONLY = "admins_only"
    NOT_LISTED = "not_listed"
    SERVICE_FORBIDDEN = "service_forbidden"
    COUNTRY_FORBIDDEN = "country_forbidden"
    PRICE_TOO_HIGH = "price_too_high"
    MONTHLY_LIMIT = "monthly_limit"
    WEEKLY_LIMIT = "weekly_limit"
    DAILY_LIMIT = "daily_limit"
    TOO_MANY_OPEN = "too_many_open"
    TOO_MANY_PER_HOUR = "too_many_per_hour"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What somebody wants to buy; `price` is micro-dollars.

    `is_admin` is true in a private chat, whose person decides for it.
    """

    user_id: int
    is_admin: bool
    service_id: str
    country_code: str
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a chat, or a member in it, has used up; held money counts.

    Attributes:
        daily, weekly, monthly: micro-dollars in the current UTC day, ISO week, calendar month.
        open_until: for each open activation when its time is over (epoch ms, None: nobody knows).
        bought_at: when purchases were begun (epoch ms), of the last 60 minutes at least.
    """

    daily: int = 0
    weekly: int = 0
    monthly: int = 0
    open_until: tuple[int | None, ...] = ()
    bought_at: tuple[int, ...] = ()

    def of(self, name: str) -> int:
        """Give what is used up of a limit, by the limit's name."""
        counted = {
            "daily": self.daily,
            "weekly": self.weekly,
            "monthly": self.monthly,
            "open_at_once": len(self.open_until),
            "per_hour": len(self.bought_at),
        }
        return counted.get(name, 0)


@dataclass(frozen=True, slots=True)
class Usages:
    """What is used up of the chat's limits, and of the member's."""

    chat: Usage
    member: Usage


@dataclass(frozen=True, slots=True)
class Bound:
    """A limit that stands in the way: whose, how much it allows, and how much of it is left."""

    scope: Scope
    limit: int
    left: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no, its reason, and when it becomes a yes by itself.

    Attributes:
        until: epoch ms, if nothing else changes; None: only when somebody decides or acts.
        bound: the limit, where there is one.
    """

    reason: Reason
    until: int | None = None
    bound: Bound | None = None


def check_purchase(request: Request, rules: ChatRules, usages: Usages, now: int) -> Refusal | None:
    """Tell why a purchase is not allowed, or None where it is.

    Args:
        request: who wants to buy what, at which price.
        rules: the chat's.
        usages: posted and held money both count, on the day of the purchase.
        now: epoch ms; days, weeks and months are UTC's.
    """
    refusals = [
        *_about_buyer(request.user_id, rules, is_admin=request.is_admin),
        *_about_choice(request, rules),
    ]
    for scope, limits in rules.limits_for(request.user_id).items():
        usage = usages.member if scope is Scope.MEMBER else usages.chat
        refusals += _by_price(request.price, scope, limits)
        refusals += _by_money(request.price, scope, limits, usage, now)
        refusals += _by_count(scope, limits, usage, now)
    return max(refusals, key=_lasting, default=None)


def check_buyer(user_id: int, rules: ChatRules, *, is_admin: bool) -> Refusal | None:
    """Tell why somebody may buy nothing at all here, or None where they may.

    Args:
        user_id: theirs.
        rules: the chat's.
        is_admin: true in a private chat, whose person decides for it.
    """
    return next(_about_buyer(user_id, rules, is_admin=is_admin), None)


WINDOWS: Final = {
    "daily": (Reason.DAILY_LIMIT, start_of_day, DAY_MS),
    "weekly": (Reason.WEEKLY_LIMIT, start_of_week, WEEK_MS),
    "monthly": (Reason.MONTHLY_LIMIT, start_of_month, 31 * DAY_MS),
}
"""Limits of money: what a refusal is called, where the window begins, its greatest length."""


def start_of(name: str, now: int) -> int:
    """Give the epoch ms at which the present window of a limit of `WINDOWS` began."""
    return WINDOWS[name][1](now)


def end_of(name: str, now: int) -> int:
    """Give the epoch ms at which the present window of a limit of `WINDOWS` ends."""
    _, start, longest = WINDOWS[name]
    return start(start(now) + longest + DAY_MS - 1)


def _about_buyer(user_id: int, rules: ChatRules, *, is_admin: bool) -> Iterator[Refusal]:
    """Give what owner and admins have decided against whoever buys."""
    may = rules.permissions
    said = {one.key: one.allowed for one in may if one.kind is PermissionKind.MEMBER}
    listed = said.get(str(user_id))
    who = rules.who_may_buy
    decided = {
        Reason.SUSPENDED: rules.access is ChatAccess.SUSPENDED,
        Reason.NOT_APPROVED: not rules.may_spend,
        Reason.ALL_PAUSED: rules.all_paused,
        Reason.CHAT_PAUSED: rules.paused,
        Reason.MEMBER_FORBIDDEN: listed is False,
        Reason.ADMINS_ONLY: who is WhoMayBuy.ADMINS and not is_admin,
        Reason.NOT_LISTED: who is WhoMayBuy.LISTED and not listed,
    }
    return (Refusal(reason) for reason, stands in decided.items() if stands)


def _about_choice(request: Request, rules: ChatRules) -> Iterator[Refusal]:
    """Give what they have decided against what is bought."""
    if not rules.allows(PermissionKind.SERVICE, request.service_id):
        yield Refusal(Reason.SERVICE_FORBIDDEN)
    if not rules.allows(PermissionKind.COUNTRY, request.country_code):
        yield Refusal(Reason.COUNTRY_FORBIDDEN)


def _by_price(price: int, scope: Scope, limits: Limits) -> Iterator[Refusal]:
    highest = limits.highest_price
    if highest is not None and price > highest:
        yield Refusal(Reason.PRICE_TOO_HIGH, bound=Bound(scope, highest, highest))


def _by_money(
    price: int, scope: Scope, limits: Limits, usage: Usage, now: int
) -> Iterator[Refusal]:
    """Give the windows that it does not fit in; the next one is empty."""
    for name, (reason, _, _) in WINDOWS.items():
        limit, spent = limits.of(name), usage.of(name)
        if limit is not None and spent + price > limit:
            until = end_of(name, now) if price <= limit else None
            yield Refusal(reason, until, Bound(scope, limit, max(0, limit - spent)))


def _by_count(scope: Scope, limits: Limits, usage: Usage, now: int) -> Iterator[Refusal]:
    """Give the counts that are reached: each goes down as what it counts grows old."""
    open_until = (None if end is None or end <= now else end for end in usage.open_until)
    leaving = tuple(at + HOUR_MS for at in usage.bought_at if at + HOUR_MS > now)
    for reason, limit, ends in (
        (Reason.TOO_MANY_OPEN, limits.open_at_once, tuple(open_until)),
        (Reason.TOO_MANY_PER_HOUR, limits.per_hour, leaving),
    ):
        if limit is not None and len(ends) >= limit:
            yield Refusal(reason, _nth_end(ends, len(ends) - limit), Bound(scope, limit, 0))


def _nth_end(ends: tuple[int | None, ...], number: int) -> int | None:
    """Give the end by which `number` others are over; None: it is not known, or never comes."""
    known = sorted(end for end in ends if end is not None)
    return known[number] if number < len(known) else None


def _lasting(refusal: Refusal) -> tuple[bool, int]:
    return refusal.until is None, refusal.until or 0
