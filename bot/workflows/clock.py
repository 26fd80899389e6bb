"""Wall time that does not jump."""

import time
from collections.abc import Callable
from typing import Self

from bot.storage.database import Database
from bot.storage.newest import newest_at


class SteadyClock:
    """The wall time at the start plus what has passed since: a changed clock expires nothing.

    Args:
        not_before: epoch ms at which it begins at the earliest.
    """

    def __init__(
        self,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        *,
        not_before: int = 0,
    ) -> None:
        self._monotonic = monotonic
        self._start = max(wall(), not_before / 1000)
        self._passed_before = monotonic()

    @classmethod
    async def going_on(
        cls,
        database: Database,
        wall: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> Self:
        """Begin no earlier than what is written, of whatever kind.

        Where the machine's clock was set back between two processes, everything that the rows
        plan would otherwise lie as far in the future: no look for a code, no refund in time.
        """
        async with database.read() as connection:
            written = await newest_at(connection)
        return cls(wall, monotonic, not_before=written)

    def now(self) -> int:
        """Give UTC epoch ms."""
        return round((self._start + self._monotonic() - self._passed_before) * 1000)
