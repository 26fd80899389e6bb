"""Wall time that does not jump, and that all processes on one database agree on."""

import time
from collections.abc import Callable
from typing import Final, Self

from bot.storage import replicas
from bot.storage.database import Database
from bot.storage.newest import newest_at

CORRECTION_SECONDS: Final = 10.0
"""What a clock is wrong by is made good in so long,"""
MOST_CORRECTION: Final = 0.05
"""but time passes by so much faster or slower at most."""


def boot_time() -> float:
    """Give monotonic seconds which pass while the machine sleeps, too, where it can tell."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class SteadyClock:
    """The wall time at the start plus what has passed since: a changed clock expires nothing.

    On PostgreSQL the time is the database's, for all processes.

    Args:
        not_before: epoch ms at which it begins at the earliest.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = boot_time,
        *,
        not_before: int = 0,
    ) -> None:
        self._monotonic = monotonic
        self._start = max(wall(), not_before / 1000)
        self._passed_before = monotonic()
        self._rate = 1.0

    @classmethod
    async def going_on(
        cls,
        database: Database,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = boot_time,
    ) -> Self:
        """Begin with the leader's time, if there is one, and else no earlier than what is written.

        Where the machine's clock was set back between two processes, everything that the rows
        plan would otherwise lie as far in the future: no look for a code, no refund in time.
        """
        async with database.read() as connection:
            written = await newest_at(connection)
            if database.is_sqlite:
                return cls(wall, monotonic, not_before=written)
            time = await replicas.time(connection)
            not_before = written if time.ahead is None else 0
            now = time.now + (time.ahead or 0)
            return cls(lambda: now / 1000, monotonic, not_before=not_before)

    def now(self) -> int:
        """Give UTC epoch ms."""
        return round(self._now() * 1000)

    def follow(self, error: int, *, at_once: bool = False) -> None:
        """Make good what the clock is wrong by, little by little; it never goes back.

        Args:
            error: by how many ms the right time is later than `now()`, or earlier (negative).
            at_once: go forward in one leap: what waited for this process has gone on without it.
        """
        self._start, self._passed_before = self._now(), self._monotonic()
        if at_once and error > 0:
            self._start += error / 1000
            error = 0
        wanted = error / 1000 / CORRECTION_SECONDS
        self._rate = 1 + max(-MOST_CORRECTION, min(MOST_CORRECTION, wanted))

    def _now(self) -> float:
        return self._start + (self._monotonic() - self._passed_before) * self._rate
