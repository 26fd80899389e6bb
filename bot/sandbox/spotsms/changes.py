"""Lets tasks wait for the next change of something instead of for time."""

import asyncio


class Changes:
    """Counts changes; ``version`` is how many there were."""

    def __init__(self) -> None:
        self.version = 0
        self._waiting: list[asyncio.Future[None]] = []

    def mark(self) -> None:
        """Tells everyone who waits that something has changed."""
        self.version += 1
        waiting, self._waiting = self._waiting, []
        for future in waiting:
            if not future.done():
                future.set_result(None)

    async def after(self, version: int) -> None:
        """Returns as soon as there were more changes than that."""
        if self.version > version:
            return
        future = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        await future
