"""What works where: how often a code came, how long it took, and how sure that is.

An activation is a *case* once it tells something about service and country:

- a code came, in whatever state and however late: a success;
- no code came, and the number was closed after it had waited `FAIR_CHANCE_SECONDS` at least: a
  failure.

No case is what never had a chance: a purchase that was declined, lost or is unknown, a number that
still waits, one that was cancelled sooner than that. A rate out of few cases says little, so it is
always joined by its interval.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import Final, TypeVar

from bot.domain.activation import State
from bot.domain.times import DAY_MS

FAIR_CHANCE_SECONDS: Final = 120.0
"""How long a number must have waited before its silence counts."""

SILENT: Final = frozenset({State.CANCELLED, State.EXPIRED})
"""States of numbers that were closed and may have brought no code."""

ENOUGH_CASES: Final = 5
"""From so many cases on a rate is shown as one percentage."""

HALF: Final = 0.5
_Z_95: Final = 1.959964
"""The quantile of the normal distribution that leaves out 5 %."""

Item = TypeVar("Item")


class Window(StrEnum):
    """How far back to look."""

    WEEK = "7d"
    MONTH = "30d"
    ALL = "all"

    def since(self, now: int) -> int:
        """Give the epoch ms from which on purchases are counted."""
        days = {Window.WEEK: 7, Window.MONTH: 30}.get(self)
        return now - days * DAY_MS if days else 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the cases tell; `median_wait` is milliseconds to the first code, None without one."""

    cases: int = 0
    successes: int = 0
    median_wait: int | None = None

    @property
    def rate(self) -> float:
        """Give the share of cases in which a code came, 0 without cases."""
        return self.successes / self.cases if self.cases else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Give the bounds between which the true rate lies, 95 times out of 100."""
        return wilson(self.successes, self.cases)

    @property
    def is_enough(self) -> bool:
        """Tell whether the rate may be shown without its interval."""
        return self.cases >= ENOUGH_CASES


@dataclass(frozen=True, slots=True)
class Tally:
    """What was bought of one thing, or of all things together.

    Attributes:
        key: the service's id, the country's code; empty for all together.
        name: as people know it.
        bought: numbers that the provider gave.
        spent: micro-dollars posted, less what was refunded.
    """

    key: str
    name: str
    bought: int
    spent: int
    evidence: Evidence

    @property
    def codes(self) -> int:
        """Give how many of the numbers brought a code."""
        return self.evidence.successes


def wilson(successes: int, cases: int) -> tuple[float, float]:
    """Give the Wilson score interval at 95 %; without a case anything is possible.

    Unlike the plain one it stays within 0 and 1, and is honest for few cases: three of three are
    44 to 100 %.
    """
    if not cases:
        return 0.0, 1.0
    rate, square = successes / cases, _Z_95**2
    middle = (rate + square / (2 * cases)) / (1 + square / cases)
    spread = sqrt(rate * (1 - rate) / cases + square / (4 * cases**2))
    reach = _Z_95 / (1 + square / cases) * spread
    return max(0.0, middle - reach), min(1.0, middle + reach)


def best_first(items: Iterable[Item], evidence_of: Callable[[Item], Evidence]) -> list[Item]:
    """Put first what surely works more often than not, and last what surely does not.

    Both are ordered by the lower bound. In between stays, as it was, what nobody knows: without
    cases, or with an interval that holds one half.
    """
    return sorted(items, key=lambda item: _rank(evidence_of(item)))


def _rank(evidence: Evidence) -> tuple[int, float]:
    low, high = evidence.interval
    if low >= HALF:
        return 0, -low
    if high < HALF:
        return 2, -low
    return 1, 0.0
