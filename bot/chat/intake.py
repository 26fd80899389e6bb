"""The inbox: updates are stored before Telegram is told that they arrived, and handled after."""

import asyncio
import heapq
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from bot.storage import inbox
from bot.storage.database import Database
from bot.storage.inbox import Update
from bot.workflows.ports import Clock
from bot.workflows.worker import PAUSE_SECONDS, patiently

log = logging.getLogger(__name__)

RawUpdate = dict[str, Any]
Lane = str

HIGHEST_ID = 2**63 - 1
MEMBERSHIP = frozenset({"my_chat_member", "chat_member"})
BATCH_SECONDS = 0.02


class AnyInbox(Protocol):
    """Keeps raw updates from the moment Telegram hands them over until they are handled."""

    async def store(self, raw_updates: Iterable[object]) -> list[int]:
        """Keep updates in one transaction; give the ids that may be confirmed to Telegram now.

        What has no usable `update_id` is logged, without its content, and skipped.

        Raises:
            DATABASE_ERRORS: nothing was stored.
        """
        ...

    async def arrivals(self) -> list[Lane]:
        """Wait for lanes in which updates wait, and give each once, until `next` ends it."""
        ...

    async def next(self, lane: Lane) -> Update | None:
        """Give the first update that waits in a lane; with None the lane has come to its end."""
        ...

    def close(self, update: Update, status: str) -> None:
        """Mark an update as handled or broken, together with others, in a moment."""
        ...

    async def end(self) -> None:
        """Write everything that was closed, and handle nothing more; `store` goes on."""
        ...


class Soon:
    """Does a step in a moment, once for all who ask for it meanwhile; again where it fails."""

    def __init__(self, step: Callable[[], Awaitable[None]]) -> None:
        self._step = step
        self._is_asked = False
        self._task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        """Have the step done, after now."""
        self._is_asked = True
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def flush(self) -> None:
        """Wait until all that was asked for is done."""
        if self._task is not None:
            await self._task

    async def _run(self) -> None:
        while self._is_asked:
            await asyncio.sleep(BATCH_SECONDS)
            self._is_asked = False
            try:
                await self._step()
            except Exception:
                log.exception("a step on the inbox fails, again soon")
                self._is_asked = True
                await asyncio.sleep(PAUSE_SECONDS)
        self._task = None


class Inbox:
    """The inbox of a process that is alone: it remembers which ids wait in which lane.

    An update that comes twice waits behind itself in its lane, and is handled by then.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._queues: dict[Lane, list[int]] = {}
        self._news: list[Lane] = []
        self._arrived = asyncio.Event()
        self._knows_backlog = False
        self._closing: dict[int, str] = {}
        self._soon = Soon(self._close_all)

    async def store(self, raw_updates: Iterable[object]) -> list[int]:
        """See `AnyInbox`."""
        updates = updates_of(raw_updates)
        async with self._database.write() as connection:
            await inbox.store(connection, updates, self._clock.now())
        for update in updates:
            self._put(update.update_id, update.lane)
        self._arrived.set()
        return [update.update_id for update in updates]

    async def arrivals(self) -> list[Lane]:
        """See `AnyInbox`; first comes what an earlier process left, in Telegram's order."""
        if self._knows_backlog:
            await self._arrived.wait()
        else:
            self._put_first(await self.backlog())
            self._knows_backlog = True
        self._arrived.clear()
        lanes, self._news = self._news, []
        return lanes

    async def backlog(self) -> Sequence[tuple[int, Lane]]:
        """Give (update_id, lane) of all that is not handled, in Telegram's order."""
        return await patiently("reading the inbox", self._waiting)

    async def next(self, lane: Lane) -> Update | None:
        """See `AnyInbox`; waits for the database."""
        queue = self._queues[lane]
        while queue:
            update_id = heapq.heappop(queue)
            body = await self.body(update_id)
            if body is not None:
                return Update(update_id, lane, body)
        del self._queues[lane]
        return None

    async def body(self, update_id: int) -> str | None:
        """Give an update's JSON text, None where it is handled; waits for the database."""
        if update_id in self._closing:
            return None
        return await patiently("reading the inbox", partial(self._body, update_id))

    def close(self, update: Update, status: str) -> None:
        """See `AnyInbox`."""
        self._closing[update.update_id] = status
        self._soon.ask()

    async def flush(self) -> None:
        """Wait until everything that was closed is written."""
        await self._soon.flush()

    async def end(self) -> None:
        """See `AnyInbox`."""
        await self.flush()

    def _put(self, update_id: int, lane: Lane) -> None:
        if lane not in self._queues:
            self._queues[lane] = []
            self._news.append(lane)
        heapq.heappush(self._queues[lane], update_id)

    def _put_first(self, backlog: Sequence[tuple[int, Lane]]) -> None:
        """Put what was left before what has come since; no lane has been given out yet."""
        since, self._news = self._news, []
        for update_id, lane in backlog:
            heapq.heappush(self._queues.setdefault(lane, []), update_id)
        self._news = list(dict.fromkeys([*(lane for _, lane in backlog), *since]))

    async def _waiting(self) -> Sequence[tuple[int, Lane]]:
        async with self._database.read() as connection:
            return await inbox.waiting(connection)

    async def _body(self, update_id: int) -> str | None:
        async with self._database.read() as connection:
            return await inbox.body(connection, update_id)

    async def _close_all(self) -> None:
        batch = dict(self._closing)
        await patiently("closing updates", partial(self._write, batch))
        for update_id in batch:
            del self._closing[update_id]

    async def _write(self, batch: Mapping[int, str]) -> None:
        async with self._database.write() as connection:
            for status in sorted(set(batch.values())):
                ids = [update_id for update_id in batch if batch[update_id] == status]
                await inbox.close(connection, ids, status, self._clock.now())


def updates_of(raw_updates: Iterable[object]) -> list[Update]:
    """Give what can be stored, each id once; what has no usable `update_id` is logged."""
    updates = dict(_usable(raw_updates))
    return [
        Update(number, lane_of(number, raw), json.dumps(raw)) for number, raw in updates.items()
    ]


def lane_of(update_id: int, raw: Mapping[str, Any]) -> Lane:
    """Give what keeps updates in order: their chat and user, else a lane of the update's own.

    Who comes into a group and goes is one lane, whoever lets them: the last word counts.
    """
    for kind, content in raw.items():
        if kind != "update_id" and isinstance(content, dict):
            chat = _id_in(content, "chat") or _id_in(content.get("message"), "chat")
            user = _id_in(content, "from") or _id_in(content, "user")
            if chat and chat < 0 and kind in MEMBERSHIP:
                return f"{chat}:members"
            if chat and user:
                return f"{chat}:{user}"
    return str(update_id)


def _id_in(content: object, part: str) -> int | None:
    thing = content.get(part) if isinstance(content, dict) else None
    number = thing.get("id") if isinstance(thing, dict) else None
    return number if isinstance(number, int) else None


def _usable(raw_updates: Iterable[object]) -> Iterable[tuple[int, RawUpdate]]:
    for raw in raw_updates:
        if isinstance(raw, dict) and _is_id(raw.get("update_id")):
            yield raw["update_id"], raw
        else:
            log.error("Telegram sent an update without a usable update_id; it is skipped")


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value <= HIGHEST_ID
