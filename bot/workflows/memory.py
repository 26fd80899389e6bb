"""What costs the database much, and may be a little old, is looked up once for all."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

Key = TypeVar("Key")
Value = TypeVar("Value")


class Memory(Generic[Key, Value]):
    """Looks things up, and gives the same answer for a while.

    Args:
        look: gives what belongs to a key.
        seconds: for how long.
        monotonic: seconds.
    """

    def __init__(
        self,
        look: Callable[[Key], Awaitable[Value]],
        seconds: float,
        monotonic: Callable[[], float],
    ) -> None:
        self._look = look
        self._seconds = seconds
        self._monotonic = monotonic
        # Of many who ask at once one reads: the database's other readers are for the rest.
        self._looking = asyncio.Lock()
        self._known: dict[Key, tuple[float, Value]] = {}

    async def get(self, key: Key) -> Value:
        """Give what belongs to a key."""
        if not self._knows(key):
            async with self._looking:
                if not self._knows(key):
                    value = await self._look(key)
                    self._known[key] = self._monotonic() + self._seconds, value
        return self._known[key][1]

    def _knows(self, key: Key) -> bool:
        return key in self._known and self._monotonic() < self._known[key][0]
