"""One run of the bot: the real workflows on the real storage, put together as `bot.app` does."""

import asyncio
import contextvars
import random
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from telegram.ext import ExtBot

import bot.workflows.worker
from bot.chat.limiter import InteractiveLimiter
from bot.chat.messenger import TelegramMessenger
from bot.chat.pacing import Pacing
from bot.domain.activation import Activation
from bot.storage.outbox import OutboxRow
from bot.workflows.access import Doorkeeper
from bot.workflows.cancel import Cancellations
from bot.workflows.catalogue import Catalogue
from bot.workflows.clock import SteadyClock
from bot.workflows.deliver import Delivery
from bot.workflows.health import ProviderHealth
from bot.workflows.kit import Kit
from bot.workflows.maintain import Maintenance
from bot.workflows.overview import Overview
from bot.workflows.purchase import Purchases
from bot.workflows.received import Received
from bot.workflows.reconcile import Reconciliation
from bot.workflows.rules import Rules
from bot.workflows.verify import LedgerCheck
from bot.workflows.watch import Watch
from bot.workflows.worker import Calls, Signals, Worker
from tests.simulation.clockwork import TASKS, VirtualLoop
from tests.simulation.spotsms import BUYING, SpotSmsClient, SpotSmsWorld
from tests.simulation.storage import Gate, SimulatedDatabase
from tests.simulation.telegram_world import DELIVERING, SimulatedRequest, TelegramWorld
from tests.simulation.weather import Weather

BEAT_SECONDS = 2.0
IDLE_SECONDS = 4.0
"""Slower than the product's, whose workers look around each second: virtual hours pass sooner."""

bot.workflows.worker.IDLE_SECONDS = IDLE_SECONDS


class CountingMeter:
    """Counts into the simulation's own counters: which branch was taken how often."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather

    def count(self, name: str, **labels: str) -> None:
        """Count one."""
        self._weather.note(name, " ".join(labels.values()) or "yes")

    def observe(self, name: str, value: float) -> None:
        """Leave measured values alone."""


class TracedPurchases(Purchases):
    """The product's purchases; the truth learns which confirmation a call belongs to."""

    async def _call(self, activation: Activation) -> None:
        BUYING.set(activation.id)
        await super()._call(activation)


class TracedMessenger(TelegramMessenger):
    """The product's messenger; the truth learns which row a message belongs to."""

    async def deliver(self, row: OutboxRow) -> int | None:
        DELIVERING.set(row)
        return await super().deliver(row)


class Process:
    """The bot between its start and its death."""

    def __init__(
        self,
        loop: VirtualLoop,
        gate: Gate,
        path: Path,
        *,
        provider: SpotSmsWorld,
        telegram: TelegramWorld,
        rules: Rules,
        rng: random.Random,
        wall: Callable[[], float],
        on_commit: Callable[[], None],
    ) -> None:
        self.loop = loop
        self.gate = gate
        self.is_running = False
        self.tasks: dict[asyncio.Task[Any], None] = {}
        self.context = contextvars.copy_context()
        self.context.run(TASKS.set, self.tasks)
        self.database = SimulatedDatabase(path, gate, on_commit)
        self._provider = provider
        self._telegram = telegram
        self._rules = rules
        self._random = rng
        self._wall = wall

    def _put_together(self, clock: SteadyClock) -> None:
        loop, rng = self.loop, self._random
        meter = CountingMeter(self._provider.weather)
        client = SpotSmsClient(self._provider, self.gate)
        self.kit = Kit(
            database=self.database,
            provider=client,
            clock=clock,
            signals=Signals(),
            calls=Calls(),
            meter=meter,
            rules=self._rules,
            monotonic=loop.time,
            random=rng.random,
            new_id=lambda: f"{rng.getrandbits(64):016x}",
        )
        pacing = Pacing(loop.time)
        health = ProviderHealth(self.kit)
        self.catalogue = Catalogue(client, self.kit.clock)
        self.watch = Watch(self.kit, health, Received(self.kit))
        self.purchases = TracedPurchases(self.kit, self.catalogue, health)
        self.cancellations = Cancellations(self.kit, health, self.watch)
        self.doorkeeper = Doorkeeper(self.kit)
        self.bot: ExtBot[Any] = ExtBot(
            "100:TEST",
            request=SimulatedRequest(self._telegram, self.gate),
            get_updates_request=SimulatedRequest(self._telegram, self.gate),
            rate_limiter=InteractiveLimiter(pacing, meter),
        )
        overview = Overview(self.kit)
        messenger = TracedMessenger(self.bot, overview, self.database, self.kit.clock)
        self.delivery = Delivery(self.kit, messenger, pacing)
        self.maintenance = Maintenance(
            self.kit, self.purchases, self.cancellations, self.watch, health
        )
        self.reconciliation = Reconciliation(self.kit)
        signals = self.kit.signals
        self._workers = [
            Worker("watching", signals.polls, self.watch.step),
            Worker("cancelling", signals.cancels, self.cancellations.step),
            Worker("delivering", signals.outbox, self.delivery.step),
            Worker("maintenance", asyncio.Event(), self.maintenance.step),
            Worker("reconciling", asyncio.Event(), self.reconciliation.step),
            Worker("verifying", asyncio.Event(), LedgerCheck(self.kit).step),
        ]

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run something inside the process."""
        return self.context.run(self.loop.create_task, work)

    async def bury(self) -> None:
        """Take away what is left of a process whose gate is closed."""
        self.gate.is_open = False
        self.database.die()
        while self.tasks:
            for task in list(self.tasks):
                if not _gives_back_a_connection(task):
                    task.cancel()
            await asyncio.wait(list(self.tasks), timeout=0.001)
        self.database.forget()

    async def stop(self) -> None:
        """End as SIGTERM does."""
        self.purchases.stop()
        self.cancellations.stop()
        for worker in self._workers:
            worker.stop()
        await self.watch.stop()
        await self.delivery.stop()
        await self.kit.calls.drain()

    async def start(self) -> None:
        """Begin, as `bot.app` does: recover first, then work. Run it inside the process."""
        await self.database.__aenter__()
        clock = await SteadyClock.going_on(self.database, self._wall, self.loop.time)
        self._put_together(clock)
        await self.maintenance.recover(all_are_dead=True)
        for worker in self._workers:
            self.loop.create_task(worker.run())
        self.loop.create_task(self._beat())

    async def _beat(self) -> None:
        while True:
            self.kit.signals.beat()
            await asyncio.sleep(BEAT_SECONDS)


def _gives_back_a_connection(task: asyncio.Task[Any]) -> bool:
    """SQLAlchemy closes connections in tasks of its own, which end by themselves."""
    code = getattr(task.get_coro(), "cr_code", None)
    return code is not None and "sqlalchemy" in code.co_filename
