"""The queue of updates: long poll, confirmation by offset, and what a webhook takes from it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice

from bot.sandbox.telegram.errors import ApiError, JsonObject, bad_request
from bot.sandbox.telegram.hub import Hub

ONLY_WHEN_ASKED = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds that ``allowed_updates`` must name (Bot API, getUpdates)."""

ANOTHER_CONSUMER = (
    "Conflict: terminated by other getUpdates request; "
    "make sure that only one bot instance is running"
)
WEBHOOK_WAS_SET = "Conflict: terminated by setWebhook request"
WEBHOOK_IS_SET = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


@dataclass
class Poll:
    """One open getUpdates call that has nothing to give yet."""

    arrival: asyncio.Future[None]


class UpdateQueue:
    """Updates that the bot has not confirmed, in order.

    ``allowed`` are the kinds asked for (empty: all but those that must be named); it acts on
    updates that come after it was set. ``history`` holds every update ever queued, by id; ``raw``
    are the ids of those that were fed as they are, perhaps malformed on purpose.
    """

    def __init__(self, hub: Hub, first_id: int = 1000) -> None:
        self._hub = hub
        self.allowed: list[str] = []
        self.pending: deque[JsonObject] = deque()
        self.history: dict[int, JsonObject] = {}
        self.raw: set[int] = set()
        self._again: list[JsonObject] = []
        self._next_id = first_id
        self._poll: Poll | None = None
        self._arrival = asyncio.Event()

    def put(self, kind: str, content: JsonObject) -> int | None:
        """Queue an update; gives its id, or None where the bot did not ask for this kind."""
        wanted = kind in self.allowed if self.allowed else kind not in ONLY_WHEN_ASKED
        return self._append({kind: content}) if wanted else None

    def feed(self, update: JsonObject) -> int:
        """Queue a raw update as it is, with the next ``update_id`` where it has none.

        Raises:
            ValueError: its ``update_id`` is no integer, which Telegram's always are.
        """
        if not isinstance(update.get("update_id", 0), int):
            raise ValueError("update_id must be an integer")
        update_id = self._append(update)
        self.raw.add(update_id)
        return update_id

    def _append(self, update: JsonObject) -> int:
        update = {"update_id": self._next_id} | update
        update_id: int = update["update_id"]
        self._next_id = max(self._next_id, update_id + 1)
        self.history[update_id] = update
        self.pending.append(update)
        self._wake()
        return update_id

    def redeliver(self, update_id: int) -> None:
        """Give an update once more, although the bot may have confirmed it.

        Raises:
            KeyError: there was no such update.
        """
        self._again.append(self.history[update_id])
        self._wake()

    async def take(
        self, offset: int, limit: int, seconds: float, alive: Callable[[], bool]
    ) -> list[JsonObject]:
        """What getUpdates answers, after at most ``seconds``; nothing to one that is not alive.

        Raises:
            ApiError: 409, when another consumer or a webhook took over meanwhile.
        """
        self.interrupt(ANOTHER_CONSUMER)
        self._confirm(offset)
        if seconds > 0 and not self.pending and not self._again:
            await self._wait(seconds)
        if not alive():
            return []
        again, self._again = self._again[:limit], self._again[limit:]
        return again + list(islice(self.pending, limit - len(again)))

    @property
    def polled(self) -> bool:
        """Whether a getUpdates call is open that has nothing to give yet."""
        return self._poll is not None

    def interrupt(self, reason: str) -> None:
        """End the open getUpdates call, if there is one, by a 409."""
        if self._poll is not None and not self._poll.arrival.done():
            self._poll.arrival.set_exception(ApiError(409, reason))
        self._poll = None

    async def first(self) -> JsonObject:
        """The oldest update, once there is one; it stays until ``done`` (for a webhook)."""
        while not self.pending and not self._again:
            self._arrival.clear()
            await self._arrival.wait()
        return self._again[0] if self._again else self.pending[0]

    def done(self, update: JsonObject) -> None:
        """Forget an update that the webhook took."""
        queue = self._again if any(one is update for one in self._again) else self.pending
        if update in queue:
            queue.remove(update)

    def clear(self) -> None:
        """Drop everything that waits (``drop_pending_updates``)."""
        self.pending.clear()
        self._again.clear()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            self.pending = deque(islice(self.pending, max(len(self.pending) + offset, 0), None))
        while offset > 0 and self.pending and self.pending[0]["update_id"] < offset:
            self.pending.popleft()

    async def _wait(self, seconds: float) -> None:
        poll = self._poll = Poll(asyncio.get_running_loop().create_future())
        self._hub.wake()
        try:
            async with asyncio.timeout(seconds):
                await poll.arrival
        except TimeoutError:
            pass
        finally:
            if self._poll is poll:
                self._poll = None

    def _wake(self) -> None:
        self._arrival.set()
        if self._poll is not None and not self._poll.arrival.done():
            self._poll.arrival.set_result(None)


def checked_kinds(kinds: Iterable[object] | None) -> list[str] | None:
    """The value of ``allowed_updates``; None keeps the former setting."""
    if kinds is None:
        return None
    if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
        raise bad_request("can't parse allowed_updates: Array of String expected")
    return kinds
