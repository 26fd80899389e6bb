"""One run of the bot: the real workflows on the real storage, put together by `bot.parts`."""

import asyncio
import contextvars
import random
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import bot.workflows.worker
from bot.chat.application import build_application
from bot.chat.late import LateAnswers
from bot.chat.limiter import InteractiveLimiter
from bot.chat.messenger import TelegramMessenger
from bot.chat.pacing import Pacing
from bot.parts import Parts
from bot.storage.outbox import OutboxRow
from bot.workflows.clock import SteadyClock
from bot.workflows.gate import Gate as MoneyGate
from bot.workflows.kit import Kit
from bot.workflows.overview import Overview
from bot.workflows.ports import Meter
from bot.workflows.rules import Rules
from bot.workflows.worker import Calls, Signals
from tests.simulation.clockwork import TASKS, VirtualLoop
from tests.simulation.spotsms import BUYING, SpotSmsClient, SpotSmsWorld
from tests.simulation.storage import Gate, SimulatedDatabase
from tests.simulation.telegram_world import DELIVERING, SimulatedRequest, TelegramWorld
from tests.simulation.weather import Weather

BEAT_SECONDS = 2.0
IDLE_SECONDS = 4.0
"""Slower than the product's, whose workers look around each second: virtual hours pass sooner."""

GATHER_SECONDS = 0.1
"""What was put into the outbox meanwhile is read together."""

bot.workflows.worker.IDLE_SECONDS = IDLE_SECONDS

Result = TypeVar("Result")


class GatheringBell(asyncio.Event):
    """Rings once for all who ask for it within a moment, where work itself takes no time."""

    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop
        self._is_about_to = False

    def set(self) -> None:
        """Ring soon."""
        if not self._is_about_to:
            self._is_about_to = True
            self._loop.call_later(GATHER_SECONDS, self._ring)

    def _ring(self) -> None:
        self._is_about_to = False
        super().set()


class CountingMeter:
    """Counts into the simulation's own counters: which branch was taken how often."""

    def __init__(self, weather: Weather) -> None:
        self._weather = weather

    def count(self, name: str, **labels: str) -> None:
        """Count one."""
        self._weather.note(name, " ".join(labels.values()) or "yes")

    def observe(self, name: str, value: float) -> None:
        """Leave measured values alone."""


class TracedGate(MoneyGate):
    """The product's gate; the truth learns which purchase a call belongs to."""

    @asynccontextmanager
    async def call(self, activation_id: int) -> AsyncIterator[None]:
        BUYING.set(activation_id)
        async with super().call(activation_id):
            yield


class TracedMessenger(TelegramMessenger):
    """The product's messenger; the truth learns which row a message belongs to."""

    async def deliver(self, row: OutboxRow) -> int | None:
        DELIVERING.set(row)
        return await super().deliver(row)


class Process:
    """The bot between its start and its death."""

    parts_type = Parts

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
            signals=self._signals(),
            calls=Calls(),
            meter=meter,
            rules=self._rules,
            apart=_at_once,
            monotonic=loop.time,
            random=rng.random,
            new_id=lambda: f"{rng.getrandbits(64):016x}",
            gate=TracedGate(),
        )
        pacing = Pacing(loop.time)
        request = SimulatedRequest(self._telegram, self.gate)
        limiter = self.limiter(pacing, meter)
        application = build_application(
            "100:TEST", "http://telegram", request=request, rate_limiter=limiter
        )
        overview = Overview(self.kit)
        self.parts = self.parts_type(
            self.kit,
            source=client,
            application=application,
            messenger=TracedMessenger(application.bot, overview, self.database, clock),
            pacing=pacing,
        )
        self.catalogue = self.parts.catalogue
        self.purchases = self.parts.purchases
        self.cancellations = self.parts.cancellations
        self.doorkeeper = self.parts.doorkeeper
        self.delivery = self.parts.delivery
        self.reconciliation = self.parts.reconciliation

    def _signals(self) -> Signals:
        signals = Signals()
        signals.outbox = GatheringBell(self.loop)
        return signals

    def limiter(self, pacing: Pacing, meter: Meter) -> InteractiveLimiter:
        """Give what interactive calls pass."""
        return InteractiveLimiter(pacing, meter, LateAnswers(self.kit).keep)

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
        await self.parts.stop()

    async def start(self) -> None:
        """Begin, as `bot.app` does: recover first, then work. Run it inside the process."""
        await self.database.__aenter__()
        clock = await SteadyClock.going_on(self.database, self._wall, self.loop.time)
        self._put_together(clock)
        await self.parts.recover(all_are_dead=True)
        for worker in self.parts.workers:
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


async def _at_once(work: Callable[[], Result], /) -> Result:
    """Compute in no virtual time: a thread would take real time."""
    return work()
