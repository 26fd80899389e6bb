"""The inbox that replicas share: whoever holds a lane handles its updates, one at a time."""

import asyncio
import contextlib
from collections.abc import Collection, Iterable, Mapping
from functools import partial

from bot.chat.intake import Lane, Soon, updates_of
from bot.storage import inbox, lanes
from bot.storage.database import Database
from bot.storage.inbox import Update
from bot.workflows.ports import Clock
from bot.workflows.replica import Replica
from bot.workflows.worker import patiently

LOOK_SECONDS = 0.25
MOST_LANES = 256


class SharedInbox:
    """An inbox on PostgreSQL for any number of replicas; see `AnyInbox` for its methods.

    A lane is held from the transaction that stores an update in it, unless somebody holds it, and
    given back when nothing waits in it. The holder reads the lane anew before each update: what
    another replica has stored in it is handled in its turn. A lane that is free though updates
    wait in it (its holder died) is found by a look four times a second. A replica that was fenced
    has lost its rows in `lanes`: it gets no update and closes none.
    """

    def __init__(self, database: Database, clock: Clock, replica: Replica) -> None:
        self._database = database
        self._clock = clock
        self._replica = replica
        self._out: set[Lane] = set()  # given by `arrivals`, not ended by `next`
        self._idle: set[Lane] = set()  # to be given back
        self._news: list[Lane] = []
        self._bell = asyncio.Event()
        self._look_at = 0.0
        self._is_handling = False  # from the first `arrivals` to the end
        self._closing: dict[int, tuple[Lane, str]] = {}
        self._soon = Soon(self._settle)
        # A look beside a release would give out a lane that is just being given back.
        self._one_at_a_time = asyncio.Lock()

    async def store(self, raw_updates: Iterable[object]) -> list[int]:
        """Keep updates, and take their lanes where they are free."""
        updates = updates_of(raw_updates)
        found: list[Lane] = []
        async with self._database.write() as connection:
            await inbox.store(connection, updates, self._clock.now())
            wanted = dict.fromkeys(update.lane for update in updates)
            if self._is_handling:
                held = await lanes.hold(connection, self._replica.id, wanted)
                found = [lane for lane in wanted if lane in held]
        self._announce(found)
        return [update.update_id for update in updates]

    async def arrivals(self) -> list[Lane]:
        """Give lanes in which updates wait, from own stores at once, from others by looking."""
        self._is_handling = True
        loop = asyncio.get_running_loop()
        while True:
            if loop.time() >= self._look_at:
                await patiently("reading the inbox", self._look)
                self._look_at = loop.time() + LOOK_SECONDS
            if self._news:
                found, self._news = self._news, []
                return found
            self._bell.clear()
            # Not wait_for: up to Python 3.11 it forgets a cancellation that comes with the bell.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(self._look_at):
                    await self._bell.wait()

    async def next(self, lane: Lane) -> Update | None:
        """Give the first update of a lane while the lane and this replica's lease last."""
        me = self._replica.id
        update = await patiently("reading the inbox", partial(self._first, me, lane))
        if update is None or me != self._replica.id or not self._replica.is_alive:
            self._out.discard(lane)
            self._idle.add(lane)
            self._soon.ask()
            return None
        return update

    def close(self, update: Update, status: str) -> None:
        """Mark an update; it is handled again by others where its lane was lost meanwhile."""
        self._closing[update.update_id] = (update.lane, status)
        self._soon.ask()

    async def flush(self) -> None:
        """Wait until everything is written and given back that can be."""
        await self._soon.flush()

    async def end(self) -> None:
        """Write what was handled, and leave all lanes to others at once."""
        self._is_handling = False
        await self.flush()
        await patiently("giving back lanes", self._release_all)

    def _announce(self, found: Iterable[Lane]) -> None:
        """Give out lanes that are held and that nobody works on."""
        if not self._replica.is_alive:
            return
        fresh = [lane for lane in found if lane not in self._out]
        self._out.update(fresh)
        self._idle.difference_update(fresh)
        self._news += fresh
        self._bell.set()

    async def _look(self) -> None:
        """Take free lanes in which updates wait, and find own ones that nobody works on."""
        if not self._replica.is_alive:
            return
        me = self._replica.id
        async with self._one_at_a_time, self._database.write() as connection:
            await lanes.claim(connection, me, max(MOST_LANES - len(self._out), 0))
            found = await lanes.with_updates(connection, me)
        self._announce(found)

    async def _release_all(self) -> None:
        async with self._database.write() as connection:
            await lanes.release_all(connection, self._replica.id)

    async def _first(self, me: str, lane: Lane) -> Update | None:
        done = [number for number, (where, _) in self._closing.items() if where == lane]
        async with self._database.read() as connection:
            return await lanes.first(connection, me, lane, done)

    async def _settle(self) -> None:
        """Write what was handled, and give back the lanes that have come to their end."""
        async with self._one_at_a_time:
            closing, idle = dict(self._closing), self._idle
            self._idle = set()
            kept = await patiently("closing updates", partial(self._write, closing, idle))
        for update_id in closing:
            del self._closing[update_id]
        self._announce(kept)

    async def _write(
        self, closing: Mapping[int, tuple[Lane, str]], idle: Collection[Lane]
    ) -> set[Lane]:
        """Do all in one transaction; give the idle lanes that something has come to."""
        me, now = self._replica.id, self._clock.now()
        async with self._database.write() as connection:
            for status in sorted({status for _, status in closing.values()}):
                ids = [number for number, (_, its) in closing.items() if its == status]
                await lanes.close(connection, me, ids, status, now)
            return await lanes.release(connection, me, idle)
