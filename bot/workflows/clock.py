"""Wall time that does not jump."""

import time


class SteadyClock:
    """The wall time at the start plus what has passed since: a changed clock expires nothing."""

    def __init__(self) -> None:
        self._start = time.time()
        self._passed_before = time.monotonic()

    def now(self) -> int:
        """Give UTC epoch ms."""
        return round((self._start + time.monotonic() - self._passed_before) * 1000)
