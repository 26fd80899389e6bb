"""The inbox: updates are stored before Telegram is told that they arrived, and handled after."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot.storage import inbox
from bot.storage.database import Database
from bot.workflows.ports import Clock

log = logging.getLogger(__name__)

Result = TypeVar("Result")
RawUpdate = dict[str, Any]
Lane = tuple[int, ...]

DATABASE_ERRORS = (SQLAlchemyError, OSError)
HIGHEST_ID = 2**63 - 1
PAGE = 500
BATCH_SECONDS = 0.02
PAUSE_SECONDS = 1.0


class Arrival(NamedTuple):
    """An update that is stored and not handled, and the lane that it belongs to."""

    update_id: int
    lane: Lane


class Inbox:
    """Keeps raw updates from the moment Telegram hands them over until they are handled."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._arrivals: list[Arrival] = []
        self._arrived = asyncio.Event()
        self._closing: dict[int, str] = {}
        self._closer: asyncio.Task[None] | None = None

    async def store(self, raw_updates: Iterable[object]) -> list[int]:
        """Keep updates in one transaction; give the ids that may be confirmed to Telegram now.

        What has no usable `update_id` is logged, without its content, and skipped.

        Raises:
            SQLAlchemyError, OSError: nothing was stored.
        """
        updates = dict(_usable(raw_updates))
        bodies = {update_id: json.dumps(raw) for update_id, raw in updates.items()}
        async with self._database.write() as connection:
            await inbox.store(connection, bodies, self._clock.now())
        self._arrivals += [Arrival(number, lane_of(number, raw)) for number, raw in updates.items()]
        self._arrived.set()
        return list(updates)

    async def arrivals(self) -> list[Arrival]:
        """Wait for updates that were stored since the last call, and give them once."""
        await self._arrived.wait()
        self._arrived.clear()
        arrivals, self._arrivals = self._arrivals, []
        return arrivals

    async def backlog(self) -> list[Arrival]:
        """Give all that an earlier process left unhandled, in Telegram's order."""
        found: list[Arrival] = []
        after = -1
        while page := await _patiently("reading the inbox", partial(self._page, after)):
            found += [Arrival(number, _lane_of_text(number, body)) for number, body in page]
            after = found[-1].update_id
        return found

    async def body(self, update_id: int) -> str | None:
        """Give an update's JSON text, None where it is handled; waits for the database."""
        if update_id in self._closing:
            return None
        return await _patiently("reading the inbox", partial(self._body, update_id))

    def close(self, update_id: int, status: str) -> None:
        """Mark an update as handled or broken, together with others, in a moment."""
        self._closing[update_id] = status
        if self._closer is None:
            self._closer = asyncio.create_task(self._close_all())

    async def flush(self) -> None:
        """Wait until everything that was closed is written."""
        if self._closer is not None:
            await self._closer

    async def _page(self, after: int) -> Sequence[tuple[int, str]]:
        async with self._database.read() as connection:
            return await inbox.waiting(connection, PAGE, after=after)

    async def _body(self, update_id: int) -> str | None:
        async with self._database.read() as connection:
            return await inbox.body(connection, update_id)

    async def _close_all(self) -> None:
        while self._closing:
            await asyncio.sleep(BATCH_SECONDS)
            batch = dict(self._closing)
            await _patiently("closing updates", partial(self._write, batch))
            for update_id in batch:
                del self._closing[update_id]
        self._closer = None

    async def _write(self, batch: Mapping[int, str]) -> None:
        async with self._database.write() as connection:
            for status in sorted(set(batch.values())):
                ids = [update_id for update_id in batch if batch[update_id] == status]
                await inbox.close(connection, ids, status, self._clock.now())


def lane_of(update_id: int, raw: Mapping[str, Any]) -> Lane:
    """Give what keeps updates in order: their chat and user, else a lane of the update's own."""
    for kind, content in raw.items():
        if kind != "update_id" and isinstance(content, dict):
            chat = _id_in(content, "chat") or _id_in(content.get("message"), "chat")
            user = _id_in(content, "from") or _id_in(content, "user")
            if chat and user:
                return (chat, user)
    return (update_id,)


def _id_in(content: object, part: str) -> int | None:
    thing = content.get(part) if isinstance(content, dict) else None
    number = thing.get("id") if isinstance(thing, dict) else None
    return number if isinstance(number, int) else None


def _lane_of_text(update_id: int, body: str) -> Lane:
    try:
        return lane_of(update_id, json.loads(body))
    except (ValueError, AttributeError):
        return (update_id,)


def _usable(raw_updates: Iterable[object]) -> Iterable[tuple[int, RawUpdate]]:
    for raw in raw_updates:
        if isinstance(raw, dict) and _is_id(raw.get("update_id")):
            yield raw["update_id"], raw
        else:
            log.error("Telegram sent an update without a usable update_id; it is skipped")


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value <= HIGHEST_ID


async def _patiently(what: str, action: Callable[[], Awaitable[Result]]) -> Result:
    """Repeat an action until the database takes it."""
    while True:
        try:
            return await action()
        except DATABASE_ERRORS as error:
            log.warning("%s: the database fails (%s), again soon", what, type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)
