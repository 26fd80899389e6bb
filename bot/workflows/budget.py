"""How many requests a second the provider gets: cut by failures, restored slowly by success."""

import time
from collections.abc import Callable

LEAST_RPS = 1.0
CUT = 0.5
CUT_EVERY_SECONDS = 1.0
RESTORE_SHARE_PER_SECOND = 0.05
BURST_SECONDS = 0.25


class RateBudget:
    """A bucket of requests. Money calls take without waiting, polls only what is left."""

    def __init__(self, most: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._rate = most
        self._monotonic = monotonic
        self._filled_at = self._cut_at = self._restored_at = monotonic()
        self._tokens = self._capacity

    @property
    def rate(self) -> float:
        """Give the requests per second that are allowed at present."""
        return self._rate

    def take(self) -> None:
        """Take for one request; a money call may take what is not there yet, and polls wait."""
        self._fill()
        self._tokens -= 1

    def room(self) -> int:
        """Give how many polls could be started now without waiting."""
        self._fill()
        return max(0, int(self._tokens))

    def failed(self) -> None:
        """Halve the rate, at most once a second."""
        now = self._monotonic()
        if now - self._cut_at >= CUT_EVERY_SECONDS:
            self._cut_at = self._restored_at = now
            self._rate = max(min(LEAST_RPS, self._most), self._rate * CUT)

    def succeeded(self) -> None:
        """Restore a share of the full rate per second of success."""
        now = self._monotonic()
        passed = min(1.0, now - self._restored_at)
        self._restored_at = now
        self._rate = min(self._most, self._rate + self._most * RESTORE_SHARE_PER_SECOND * passed)

    @property
    def _capacity(self) -> float:
        return max(1.0, self._rate * BURST_SECONDS)

    def _fill(self) -> None:
        now = self._monotonic()
        self._tokens = min(self._capacity, self._tokens + (now - self._filled_at) * self._rate)
        self._filled_at = now
