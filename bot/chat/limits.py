"""Limits as people meet them: what they are called, how they are typed, told and picked."""

import re
from collections.abc import Callable
from typing import Final

from bot.chat import keys
from bot.chat.codec import Button
from bot.chat.markup import dollars
from bot.domain.chat import Limits
from bot.domain.money import MICROS_PER_DOLLAR, parse_dollars
from bot.workflows.governance import COUNTS

NAMES: Final = {
    "daily": "Per day",
    "weekly": "Per week",
    "monthly": "Per month",
    "highest_price": "Highest price",
    "open_at_once": "Open at once",
    "per_hour": "Numbers per hour",
}
SHORT_NAMES: Final = NAMES | {
    "highest_price": "Price",
    "open_at_once": "Open",
    "per_hour": "Per hour",
}
"""The limits in so few letters that the value can be read in half a row of a phone."""
TYPED: Final = {
    "daily": "daily", "day": "daily",
    "weekly": "weekly", "week": "weekly",
    "monthly": "monthly", "month": "monthly",
    "price": "highest_price", "highest": "highest_price",
    "open": "open_at_once", "once": "open_at_once",
    "hour": "per_hour", "hourly": "per_hour",
}  # fmt: skip
LIFTING_WORDS: Final = {"off", "none", "no"}
NO_LIMIT: Final = -1
"""What a button carries that lifts a limit."""
_AMOUNTS: Final = tuple(
    round(one * MICROS_PER_DOLLAR) for one in (0.5, 1, 2, 5, 10, 20, 50, 100, 500)
)
_PRICES: Final = tuple(round(one * MICROS_PER_DOLLAR) for one in (0.1, 0.2, 0.5, 1, 2, 5))
_COUNTS: Final = (1, 2, 3, 5, 10, 20, 50)
_IN_A_ROW: Final = 3
_DECIMAL_COMMA: Final = re.compile(r",(?=\d{1,2}$)", re.ASCII)


def read(word: str, value: str) -> tuple[str, int | None] | None:
    """Give the name and value of a limit that two typed words mean; None where they mean none.

    The value is micro-dollars or a count, and None where the limit is lifted.
    """
    name = TYPED.get(word)
    if name is None:
        return None
    if value in LIFTING_WORDS:
        return name, None
    number = _count(value) if name in COUNTS else _micros(value)
    return None if number is None else (name, number)


def amount(name: str, value: int | None) -> str:
    """Write a limit's value."""
    if value is None:
        return "no limit"
    return str(value) if name in COUNTS else dollars(value)


def in_one_line(given: Limits) -> str:
    """Name the limits that there are."""
    parts = [
        f"{words.lower()} {amount(name, value)}"
        for name, words in NAMES.items()
        if (value := given.of(name)) is not None
    ]
    return ", ".join(parts) or "no limit of its own"


def picker(
    name: str, present: int | None, to: Callable[[int], Button], *, lifted: str = "No limit"
) -> list[keys.Row]:
    """Offer values for a limit, and below them none; the present one is marked.

    `to` gives the button that sets a value, in micro-dollars or as a count, or NO_LIMIT.
    """
    offered = [
        keys.button(keys.chosen(amount(name, value), value == present), to(value))
        for value in _choices(name)
    ]
    rows = [offered[start : start + _IN_A_ROW] for start in range(0, len(offered), _IN_A_ROW)]
    return [*rows, [keys.button(keys.chosen(lifted, present is None), to(NO_LIMIT))]]


def _choices(name: str) -> tuple[int, ...]:
    if name in COUNTS:
        return _COUNTS
    return _PRICES if name == "highest_price" else _AMOUNTS


def _count(value: str) -> int | None:
    return int(value) if value.isdecimal() and len(value) < 6 else None  # noqa: PLR2004 - digits


def _micros(value: str) -> int | None:
    """Give an amount of dollars as it was typed; `1,50` is one as well."""
    try:
        return parse_dollars(_DECIMAL_COMMA.sub(".", value.removeprefix("$")))
    except ValueError:
        return None
