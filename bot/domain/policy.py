"""Who may spend what: one pure function that answers with its reason."""

from dataclasses import dataclass
from enum import StrEnum

DAY_MS = 86_400_000


class Reason(StrEnum):
    """Why a purchase is not allowed."""

    NOT_APPROVED = "not_approved"
    PURCHASES_STOPPED = "purchases_stopped"
    DAILY_LIMIT = "daily_limit"
    TOO_MANY_OPEN = "too_many_open"


@dataclass(frozen=True, slots=True)
class Limits:
    """What a chat and each of its members are given; amounts in micro-dollars."""

    daily: int
    open_per_user: int


@dataclass(frozen=True, slots=True)
class Usage:
    """What is used up: spent and held in the chat's current day, open activations of the buyer."""

    spent_today: int
    open_of_user: int


@dataclass(frozen=True, slots=True)
class Refusal:
    """A no, its reason, and when it may become a yes by itself (epoch ms, None: unknown)."""

    reason: Reason
    until: int | None = None


def check_purchase(price: int, limits: Limits, usage: Usage, now: int) -> Refusal | None:
    """Tell why a purchase at `price` (micro-dollars) is not allowed, or None where it is.

    Args:
        price: what the quote says.
        limits: what the chat was given.
        usage: posted and held money both count.
        now: epoch ms; the day is UTC's.
    """
    if usage.open_of_user >= limits.open_per_user:
        return Refusal(Reason.TOO_MANY_OPEN)
    if usage.spent_today + price > limits.daily:
        return Refusal(Reason.DAILY_LIMIT, until=start_of_day(now) + DAY_MS)
    return None


def start_of_day(now: int) -> int:
    """Give the epoch ms at which the UTC day of `now` began."""
    return now - now % DAY_MS
