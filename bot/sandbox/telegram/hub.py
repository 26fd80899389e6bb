"""Who wants to know that something happened: waiting tests and open web pages."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.sandbox.telegram.errors import JsonObject

Found = TypeVar("Found")


class Hub:
    """Passes every change of the sandbox to those who wait for one."""

    def __init__(self) -> None:
        self._waiting: set[asyncio.Future[None]] = set()
        self._listeners: set[asyncio.Queue[JsonObject]] = set()

    def tell(self, event: JsonObject) -> None:
        """Give ``event`` to every listener and wake whoever waits for a change."""
        for listener in self._listeners:
            listener.put_nowait(event)
        for future in self._waiting:
            if not future.done():
                future.set_result(None)

    def listen(self) -> asyncio.Queue[JsonObject]:
        """A queue that gets every event from now on, until ``forget``."""
        queue: asyncio.Queue[JsonObject] = asyncio.Queue()
        self._listeners.add(queue)
        return queue

    def forget(self, queue: asyncio.Queue[JsonObject]) -> None:
        """Stop filling ``queue``."""
        self._listeners.discard(queue)

    async def wait_for(self, look: Callable[[], Found | None], timeout: float) -> Found:  # noqa: ASYNC109 - a test names its own patience
        """The first truthy value of ``look``, called now and after every change.

        Raises:
            TimeoutError: nothing truthy within ``timeout`` seconds.
        """
        async with asyncio.timeout(timeout):
            while not (found := look()):
                await self._change()
            return found

    async def _change(self) -> None:
        future = asyncio.get_running_loop().create_future()
        self._waiting.add(future)
        try:
            await future
        finally:
            self._waiting.discard(future)
