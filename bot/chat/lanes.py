"""Lanes: updates of one user in one chat stay in order, all others run side by side."""

import asyncio
import heapq
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable

from bot.chat.intake import Arrival, Inbox, Lane, RawUpdate
from bot.chat.retry import unless
from bot.storage.inbox import BROKEN, HANDLED
from bot.workflows.ports import Meter

log = logging.getLogger(__name__)

Handle = Callable[[int, RawUpdate], Awaitable[None]]

WIDTH = 256
STOP_SECONDS = 2.0
FLUSH_SECONDS = 1.0


class Lanes:
    """Handles the inbox: at most `width` updates at once, one per lane, each lane in order.

    Only ids wait in memory; the inbox keeps the updates. One that comes twice waits behind itself
    in its lane, and is handled by then. One that was being handled when the process died is
    handled again.
    """

    def __init__(self, inbox: Inbox, handle: Handle, meter: Meter, *, width: int = WIDTH) -> None:
        self._inbox = inbox
        self._handle = handle
        self._meter = meter
        self._width = width
        self._queues: dict[Lane, list[int]] = {}
        self._ready: deque[Lane] = deque()
        self._running: set[asyncio.Task[None]] = set()
        self._stopped = asyncio.Event()

    async def run(self) -> None:
        """Handle what an earlier process left, then what arrives, until `stop`."""
        self._admit(await unless(self._stopped, self._inbox.backlog()) or [])
        while not self._stopped.is_set():
            self._admit(await unless(self._stopped, self._inbox.arrivals()) or [])

    async def stop(self, patience: float = STOP_SECONDS) -> None:
        """Begin nothing new, give what runs so many seconds to end, and write down what did."""
        self._stopped.set()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=patience)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        try:
            await asyncio.wait_for(self._inbox.flush(), FLUSH_SECONDS)
        except TimeoutError:
            log.warning("some updates could not be closed: they will be handled again")

    def _admit(self, arrivals: Iterable[Arrival]) -> None:
        for update_id, lane in arrivals:
            if lane not in self._queues:
                self._queues[lane] = []
                self._ready.append(lane)
            heapq.heappush(self._queues[lane], update_id)
        self._start_heads()

    def _start_heads(self) -> None:
        while self._ready and len(self._running) < self._width and not self._stopped.is_set():
            self._start(self._ready.popleft())

    def _start(self, lane: Lane) -> None:
        update_id = heapq.heappop(self._queues[lane])
        task = asyncio.create_task(self._work(update_id))
        self._running.add(task)
        task.add_done_callback(lambda done: self._ended(done, lane, update_id))

    def _ended(self, task: asyncio.Task[None], lane: Lane, update_id: int) -> None:
        self._running.discard(task)
        if self._queues[lane]:
            self._ready.append(lane)
        else:
            del self._queues[lane]
        if not task.cancelled() and (error := task.exception()):
            log.error("update %d stays in the inbox", update_id, exc_info=error)
        self._start_heads()

    async def _work(self, update_id: int) -> None:
        body = await self._inbox.body(update_id)
        if body is None:
            return
        try:
            await self._handle(update_id, json.loads(body))
        except Exception:
            log.exception("update %d cannot be handled; it is kept as broken", update_id)
            result = BROKEN
        else:
            result = HANDLED
        self._inbox.close(update_id, result)
        self._meter.count("updates", result=result)
