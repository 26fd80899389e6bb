"""Who wants to know that something happened: waiting tests and open web pages."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

from bot.sandbox.telegram.errors import JsonObject

Found = TypeVar("Found")


class Hub:
    """Passes every change of the sandbox to those who wait for one.

    A topic is what a waiter looks at: a chat's id, or a query's. It keeps ten thousand waiters
    from looking again whenever one chat changes.
    """

    def __init__(self) -> None:
        self._waiting: dict[object, set[asyncio.Future[None]]] = {}
        self._listeners: set[asyncio.Queue[JsonObject]] = set()

    def tell(self, event: JsonObject) -> None:
        """Give ``event`` to every listener, and wake those who wait for its chat or query."""
        for listener in self._listeners:
            listener.put_nowait(event)
        self.wake(event.get("chat_id"))
        self.wake(event.get("id"))
        self.wake()

    def wake(self, topic: object = None) -> None:
        """Let those who wait for ``topic`` look again; None is for any change at all."""
        for future in self._waiting.get(topic, ()):
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

    async def wait_for(
        self,
        look: Callable[[], Found | None],
        timeout: float,  # noqa: ASYNC109 - a test names its own patience
        topic: object = None,
    ) -> Found:
        """The first truthy value of ``look``, called now and after every change of ``topic``.

        Raises:
            TimeoutError: nothing truthy within ``timeout`` seconds.
        """
        async with asyncio.timeout(timeout):
            while not (found := look()):
                await self._change(topic)
            return found

    async def _change(self, topic: object) -> None:
        future = asyncio.get_running_loop().create_future()
        waiting = self._waiting.setdefault(topic, set())
        waiting.add(future)
        try:
            await future
        finally:
            waiting.discard(future)
            if not waiting and self._waiting.get(topic) is waiting:
                del self._waiting[topic]
