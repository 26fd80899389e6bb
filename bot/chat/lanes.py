"""Lanes: updates of one user in one chat stay in order, all others run side by side."""

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial

from bot.chat.intake import AnyInbox, Lane, RawUpdate
from bot.chat.retry import unless
from bot.storage.inbox import BROKEN, HANDLED, Update
from bot.workflows.ports import Meter

log = logging.getLogger(__name__)

Handle = Callable[[int, RawUpdate], Awaitable[None]]

WIDTH = 256
STOP_SECONDS = 2.0
FLUSH_SECONDS = 1.0


class Lanes:
    """Handles the inbox: at most `width` updates at once, one per lane, each lane in order.

    Only lanes wait in memory; the inbox keeps the updates. One that was being handled when the
    process died is handled again.
    """

    def __init__(
        self, inbox: AnyInbox, handle: Handle, meter: Meter, *, width: int = WIDTH
    ) -> None:
        self._inbox = inbox
        self._handle = handle
        self._meter = meter
        self._width = width
        self._ready: deque[Lane] = deque()
        self._running: set[asyncio.Task[bool]] = set()
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Handle what was left, then what arrives, until `stop`."""
        while not self._stopped.is_set():
            self._ready += await unless(self._stopped, self._inbox.arrivals()) or []
            self._start_heads()

    async def stop(self, patience: float = STOP_SECONDS) -> None:
        """Begin nothing new, give what runs so many seconds to end, and write down what did."""
        self._stopped.set()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await asyncio.wait_for(self._inbox.end(), FLUSH_SECONDS)
        except TimeoutError:
            log.warning("some updates could not be closed: they will be handled again")

    def _start_heads(self) -> None:
        while self._ready and len(self._running) < self._width and not self._stopped.is_set():
            self._start(self._ready.popleft())

    def _start(self, lane: Lane) -> None:
        task = asyncio.create_task(self._work(lane))
        self._running.add(task)
        task.add_done_callback(partial(self._ended, lane))

    def _ended(self, lane: Lane, task: asyncio.Task[bool]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            if error := task.exception():
                log.error("a lane ended: the rest of it stays in the inbox", exc_info=error)
            elif task.result():
                self._ready.append(lane)
        self._start_heads()

    async def _work(self, lane: Lane) -> bool:
        """Handle the next update of a lane; tell whether there was one."""
        update = await self._inbox.next(lane)
        if update is None:
            return False
        result = HANDLED if await self._is_handled(update) else BROKEN
        self._inbox.close(update, result)
        self._meter.count("updates", result=result)
        return True

    async def _is_handled(self, update: Update) -> bool:
        try:
            await self._handle(update.update_id, json.loads(update.body))
        except (Exception, asyncio.CancelledError):
            if _is_cancelled():
                raise
            log.exception("update %d cannot be handled; it is kept as broken", update.update_id)
            return False
        return True


def _is_cancelled() -> bool:
    """Tell whether the present task itself is to end, not something that it has waited for."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
