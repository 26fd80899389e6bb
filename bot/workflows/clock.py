"""Wall time that does not jump."""

import time
from collections.abc import Callable


class SteadyClock:
    """The wall time at the start plus what has passed since: a changed clock expires nothing."""

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._monotonic = monotonic
        self._start = wall()
        self._passed_before = monotonic()

    def now(self) -> int:
        """Give UTC epoch ms."""
        return round((self._start + self._monotonic() - self._passed_before) * 1000)
