"""How many requests a second the provider gets: cut by failures, restored slowly by success."""

import time
from collections.abc import Callable
from dataclasses import replace
from math import ceil
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import budgets
from bot.storage.budgets import Budget

LEAST_RPS: Final = 1.0
CUT: Final = 0.5
CUT_EVERY_SECONDS: Final = 1.0
RESTORE_SHARE_PER_SECOND: Final = 0.05
FAILED_LEAST: Final = 3
FAILED_SHARE: Final = 0.2
"""So many answers that failed or were "too frequent" in a second, and such a share of those of this
second or the last one, mean all requests: a few numbers that fail must not make others slower."""
AHEAD_SECONDS: Final = 0.35
"""Polls are started that may begin so soon: longer than the beat, so that no time is left out."""
AT_ONCE_SECONDS: Final = 0.02
"""What falls into so short a time may begin at once."""
MOST_DEBT_SECONDS: Final = 60.0


class RateBudget:
    """Moments at which requests may begin, one after the other and never two at once.

    Money calls begin without waiting, and polls that much later. Many processes that share a
    budget settle it in the transactions in which they claim polls; in between, each goes by what
    it knows.
    """

    def __init__(self, most: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._monotonic = monotonic
        now = monotonic()
        self._budget = Budget(rate=most, free_at=now, cut_at=now, restored_at=now)
        self._turn_at = now
        self._ahead = 0.0
        self._taken = 0
        self._was_cut = self._was_restored = False
        self._counted_since = now
        self._answered = self._answered_before = self._failed = 0

    @property
    def rate(self) -> float:
        """Give the requests per second that are allowed at present."""
        return self._budget.rate

    def take(self) -> None:
        """Take for a money call, which begins at once; polls wait for as long as it takes."""
        self._taken += 1
        self._charge(1)

    def room(self) -> int:
        """Give how many polls may begin soon."""
        now = self._monotonic()
        seconds = now + AHEAD_SECONDS - self._free_at(now)
        return max(0, ceil(seconds * self._budget.rate))

    def reserve(self, count: int) -> list[float]:
        """Take for so many polls; give in how many seconds each may begin."""
        now = self._monotonic()
        first = self._free_at(now) - now
        self._charge(count)
        return [first + place / self._budget.rate for place in range(count)]

    def turn(self) -> float:
        """Take a turn for a poll whose moment has come; give in how many seconds it is.

        A process that stood still does not make good at once what it had reserved.
        """
        now = self._monotonic()
        turn = max(self._turn_at, now)
        self._turn_at = turn + 1 / self._budget.rate
        return turn - now if turn - now > AT_ONCE_SECONDS else 0.0

    def failed(self) -> None:
        """Count an answer that failed or was "too frequent"; many of them halve the rate."""
        self._count(failed=1)
        answered = max(self._answered, self._answered_before)
        if self._failed >= max(FAILED_LEAST, answered * FAILED_SHARE):
            self._cut()

    def _cut(self) -> None:
        """Halve the rate, at most once a second."""
        self._was_cut = True
        now = self._monotonic()
        if now - self._budget.cut_at >= CUT_EVERY_SECONDS:
            self._budget = replace(self._budget, cut_at=now, restored_at=now)
            self._set_rate(max(min(LEAST_RPS, self._most), self._budget.rate * CUT))

    def succeeded(self) -> None:
        """Restore a share of the full rate per second of success."""
        self._count()
        self._was_restored = True
        now = self._monotonic()
        if self._budget.rate == self._most:
            self._budget.restored_at = now
            return
        passed = min(1.0, now - self._budget.restored_at)
        rate = self._budget.rate + self._most * RESTORE_SHARE_PER_SECOND * passed
        self._budget.restored_at = now
        self._set_rate(min(self._most, rate))

    async def draw(self, connection: AsyncConnection, now: int) -> None:
        """Go by the budget that all share, with what this process has done since the last draw.

        Nobody else draws until `settle` and the end of the transaction. `now` is in epoch ms, of a
        clock that all share.
        """
        self._ahead = now / 1000 - self._monotonic()
        first = replace(self._budget, free_at=self._monotonic())
        shared = await budgets.lock(connection, first.later_by(self._ahead))
        self._budget = self._sane(shared.later_by(-self._ahead))
        self._charge(self._taken)
        if self._was_cut:
            self._cut()
        if self._was_restored:
            self.succeeded()
        self._taken = 0
        self._was_cut = self._was_restored = False

    async def settle(self, connection: AsyncConnection) -> None:
        """Let the others go by what is left."""
        await budgets.put(connection, self._budget.later_by(self._ahead))

    def _count(self, failed: int = 0) -> None:
        """Count an answer of the present second."""
        now = self._monotonic()
        passed = now - self._counted_since
        if passed >= CUT_EVERY_SECONDS:
            self._answered_before = self._answered if passed < 2 * CUT_EVERY_SECONDS else 0
            self._counted_since, self._answered, self._failed = now, 0, 0
        self._answered += 1
        self._failed += failed

    def _set_rate(self, rate: float) -> None:
        """What was taken ahead is owed in requests: at another rate it takes another time."""
        now = self._monotonic()
        owed = (self._free_at(now) - now) * self._budget.rate
        self._budget = replace(self._budget, rate=rate, free_at=now + owed / rate)

    def _free_at(self, now: float) -> float:
        return max(self._budget.free_at, now)

    def _charge(self, count: int) -> None:
        if count:
            free_at = self._free_at(self._monotonic())
            self._budget.free_at = free_at + count / self._budget.rate

    def _sane(self, shared: Budget) -> Budget:
        """Believe no moment that only a clock which was set can have written."""
        now = self._monotonic()
        return Budget(
            rate=min(shared.rate, self._most),
            free_at=shared.free_at if shared.free_at < now + MOST_DEBT_SECONDS else now,
            cut_at=min(shared.cut_at, now),
            restored_at=min(shared.restored_at, now),
        )
