"""Many open numbers, a provider that has no codes, and the watches that look."""

import asyncio
import time
from bisect import bisect_left
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select

from bot.ops import Metrics
from bot.storage.database import Database
from bot.storage.tables import activations
from bot.workflows.clock import SteadyClock
from bot.workflows.health import ProviderHealth
from bot.workflows.kit import Kit
from bot.workflows.received import Received
from bot.workflows.watch import Watch
from bot.workflows.worker import Calls, Signals, Worker
from tests.integration.reconcile.shop import RULES

BEAT_SECONDS = 0.1


@dataclass
class Silence:
    """A provider that has no code for anybody, and notes who asked when (monotonic seconds)."""

    asked: list[tuple[float, str]] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)

    async def get_message(self, number: str, pid: str, rs_id: str | None) -> None:
        del pid, rs_id
        self.asked.append((time.monotonic(), number))
        self.more.set()

    async def until_asked(self, times: int) -> None:
        """Wait until so many looks were made."""
        while len(self.asked) < times:
            self.more.clear()
            await self.more.wait()

    def most_in_a_second(self) -> int:
        """Give the most requests of any second."""
        times = [at for at, _ in self.asked]
        return max(bisect_left(times, at + 1) - place for place, at in enumerate(times))


def watch(database: Database, provider: Any, max_rps: float) -> tuple[Watch, Signals]:  # noqa: ANN401 - one method of it
    """Give a process's watch, and its bells."""
    kit = Kit(
        database=database,
        provider=provider,
        clock=SteadyClock(),
        signals=Signals(),
        calls=Calls(),
        meter=Metrics(),
        rules=replace(RULES, max_rps=max_rps),
    )
    return Watch(kit, ProviderHealth(kit), Received(kit)), kit.signals


@asynccontextmanager
async def watching(*watches: tuple[Watch, Signals]) -> AsyncIterator[None]:
    """Let them look, each with a beat, until the end."""
    workers = [Worker("watching", signals.polls, one.step) for one, signals in watches]
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    beats = [asyncio.create_task(_beat(signals)) for _, signals in watches]
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        for beat in beats:
            beat.cancel()
        await asyncio.gather(*tasks, *beats, return_exceptions=True)
        await asyncio.gather(*(one.stop() for one, _ in watches))


async def _beat(signals: Signals) -> None:
    while True:
        signals.beat()
        await asyncio.sleep(BEAT_SECONDS)


async def next_looks(database: Database) -> Sequence[int]:
    """Give when each number is to be looked at next (epoch ms)."""
    async with database.read() as connection:
        return (await connection.scalars(select(activations.c.next_poll_at))).all()
