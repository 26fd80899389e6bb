"""Load the real bot with open activations, and measure it from outside.

`python -m tests.bench.load --open 10000 --seconds 60` shows what one process does with them.
"""

import argparse
import asyncio
import contextlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.bench.botapi import LightBotApi
from tests.bench.codes import CodeWatch
from tests.bench.http import serve
from tests.bench.people import crowd
from tests.bench.process import Measured, started
from tests.bench.seed import seed
from tests.bench.spotsms import LightSpotSms
from tests.environment import bot_environment

INTERVAL = 10.0
MOST_RPS = 1500
START_SECONDS = 120.0
LOOK_SECONDS = 0.02
FIRST_LOOKS_SECONDS = 3.0
"""From seeding to the first look that is due, where they are spread: the bot's own start."""


Settings = Mapping[str, object]
"""By name, in lower case."""
NO_SETTINGS: Settings = {}


@dataclass(frozen=True, slots=True)
class Load:
    """What a bot is loaded with.

    Attributes:
        numbers: open activations.
        interval: POLL_INTERVAL (s).
        seconds: how long it is measured.
        settling: seconds before that, from when every number was looked at.
        browsing: people who press through lists meanwhile.
        codes_per_second: SMS that arrive, at numbers chosen at random.
        overdue: all numbers are due when the bot starts, as after an outage; else their looks are
            spread over an interval.
    """

    numbers: int
    interval: float = INTERVAL
    seconds: float = 20.0
    settling: float = 2.0
    browsing: int = 0
    codes_per_second: float = 0.0
    overdue: bool = False

    def first_looks(self) -> list[int]:
        """Give when each number is due for the first time (epoch ms)."""
        now = time.time() * 1000
        if self.overdue:
            return [round(now)] * self.numbers
        start = now + FIRST_LOOKS_SECONDS * 1000
        step = self.interval * 1000 / self.numbers
        return [round(start + place * step) for place in range(self.numbers)]


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured; times are seconds, None where nothing of the kind happened.

    Attributes:
        first_look: from the start of the process, imports included.
        all_looked: from the first look until every number was looked at.
        cpu_share: of one core, of all processes together.
        cpu_per_look: CPU seconds for one look, everything else included.
        resident: MB at most, of the largest process.
        most_looks: in one second.
        closest: the shortest time between two looks at a number.
        codes: that arrived in their chats.
    """

    looks: int
    first_look: float
    all_looked: float
    lateness_p50: float
    lateness_p99: float
    cpu_share: float
    cpu_per_look: float
    resident: float
    most_looks: int
    closest: float
    codes: int
    codes_lost: int
    code_p50: float | None
    code_p99: float | None
    browse_p50: float | None
    browse_p99: float | None


@dataclass(frozen=True, slots=True)
class Window:
    """The time of measuring (s, monotonic), the CPU (s) it took, and how late looks were."""

    since: float
    until: float
    cpu: float
    lateness: list[float]


class Bench:
    """Two stand-ins, a database with open numbers, and the bot between them."""

    def __init__(self, load: Load, directory: Path, url: str = "") -> None:
        self.load = load
        self.telegram = LightBotApi()
        self.spotsms = LightSpotSms()
        self._directory = directory
        self._url = url or f"sqlite:///{directory}/bot.db"
        self._codes = CodeWatch(self.telegram, self.spotsms, load.numbers)
        self._people = crowd(self.telegram, load.browsing)

    async def measure(self, *, processes: int = 1, settings: Settings = NO_SETTINGS) -> Figures:
        """Start so many processes of the bot, let them settle, and measure them."""
        await seed(self._url, self.load.first_looks())
        async with AsyncExitStack() as stack:
            telegram_url = await stack.enter_async_context(serve(self.telegram.handle))
            spotsms_url = await stack.enter_async_context(serve(self.spotsms.handle))
            given = {
                "poll_interval": self.load.interval,
                "spotsms_max_rps": MOST_RPS,
                "database_url": self._url,
            }
            own = bot_environment(telegram_url, spotsms_url, **(given | dict(settings)))
            begun = time.monotonic()
            bots = [
                await stack.enter_async_context(
                    started("bot", "run", environment=own, directory=self._directory)
                )
                for _ in range(processes)
            ]
            return await self._watch(bots, begun)

    async def _watch(self, bots: Sequence[Measured], begun: float) -> Figures:
        last = self.spotsms.looks.last
        await _until(lambda: bool(last), bots)
        first = time.monotonic()
        await _until(lambda: len(last) == self.load.numbers, bots)
        everybody = time.monotonic()
        await asyncio.sleep(self.load.settling)
        people = [asyncio.create_task(person.run()) for person in self._people]
        window = await self._work(bots)
        for task in people:
            task.cancel()
        await asyncio.gather(*people, return_exceptions=True)
        return self._figures(window, bots, first - begun, everybody - first)

    async def _work(self, bots: Sequence[Measured]) -> Window:
        """Let SMS come for the time of measuring, and wait for the last code."""
        sending = asyncio.create_task(self._codes.run(self.load.codes_per_second))
        since, cpu = time.monotonic(), sum(bot.cpu() for bot in bots)
        await asyncio.sleep(self.load.seconds)
        until, cpu = time.monotonic(), sum(bot.cpu() for bot in bots) - cpu
        late = self.spotsms.looks.lateness(self.load.interval, since, until)
        sending.cancel()
        with contextlib.suppress(TimeoutError):
            await _until(lambda: not self._codes.pending, bots, 2 * self.load.interval)
        return Window(since, until, cpu, late)

    def _figures(
        self, window: Window, bots: Sequence[Measured], first_look: float, all_looked: float
    ) -> Figures:
        looks = self.spotsms.looks
        browsed = [wait for person in self._people for wait in person.waits]
        return Figures(
            looks=len(window.lateness),
            first_look=first_look,
            all_looked=all_looked,
            lateness_p50=percentile(window.lateness, 50) or 0.0,
            lateness_p99=percentile(window.lateness, 99) or 0.0,
            cpu_share=window.cpu / (window.until - window.since),
            cpu_per_look=window.cpu / max(1, len(window.lateness)),
            resident=max(bot.resident() for bot in bots),
            most_looks=looks.per_second(0.0, window.until),
            closest=min((gap for gap in looks.gaps if gap >= 0), default=0.0),
            codes=len(self._codes.waits),
            codes_lost=len(self._codes.pending),
            code_p50=percentile(self._codes.waits, 50),
            code_p99=percentile(self._codes.waits, 99),
            browse_p50=percentile(browsed, 50),
            browse_p99=percentile(browsed, 99),
        )


async def _until(
    is_so: Callable[[], bool], bots: Sequence[Measured], seconds: float = START_SECONDS
) -> None:
    """Wait for something.

    Raises:
        RuntimeError: a process ended meanwhile.
        TimeoutError: it took longer.
    """
    async with asyncio.timeout(seconds):
        while not is_so():
            for bot in bots:
                bot.cpu()
            await asyncio.sleep(LOOK_SECONDS)


def percentile(values: Sequence[float], percent: int) -> float | None:
    """Give the value that so many percent are not above, None of nothing."""
    if not values:
        return None
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


async def measured(load: Load, settings: Settings = NO_SETTINGS) -> Figures:
    """Measure one process on SQLite."""
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        return await Bench(load, Path(name)).measure(settings=settings)


def main() -> None:
    """Measure once, as the arguments say, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=10_000)
    parser.add_argument("--interval", type=float, default=INTERVAL)
    parser.add_argument("--seconds", type=float, default=30.0)
    parser.add_argument("--settling", type=float, default=20.0)
    parser.add_argument("--browsing", type=int, default=50)
    parser.add_argument("--codes", type=float, default=5.0, help="SMS per second")
    parser.add_argument("--spread", action="store_true", help="do not start with all overdue")
    options = parser.parse_args()
    load = Load(
        options.open,
        options.interval,
        options.seconds,
        options.settling,
        options.browsing,
        options.codes,
        overdue=not options.spread,
    )
    figures = asyncio.run(measured(load))
    sys.stdout.write(json.dumps(asdict(figures), indent=2) + "\n")


if __name__ == "__main__":
    main()
