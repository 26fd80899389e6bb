"""(a) How many activations can be open until looks come late, ours beside a job for each."""

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.bench.botapi import LightBotApi
from tests.bench.http import serve
from tests.bench.load import INTERVAL, percentile
from tests.bench.process import Measured, started
from tests.bench.seed import seed
from tests.bench.spotsms import LightSpotSms
from tests.environment import bot_environment

LATE = 1.0
WINDOW_SECONDS = 5.0
LATE_WINDOWS = 3
STEP_SECONDS = 1.0
START_SECONDS = 4.0
PATIENCE_SECONDS = 20.0
MOST_RPS = 10_000


@dataclass(frozen=True, slots=True)
class Ramp:
    """How the load grows: so many numbers at first, then `per_second` more, up to `most`."""

    first: int
    per_second: float
    most: int

    def starts(self) -> list[float]:
        """Give when each number is first looked at: seconds from the start, spread evenly."""
        spread = [place * INTERVAL / self.first for place in range(self.first)]
        more = range(self.most - self.first)
        return spread + [INTERVAL + place / self.per_second for place in more]


@dataclass(frozen=True, slots=True)
class Limit:
    """What a ramp showed.

    Attributes:
        open: activations that were open when p99 lateness passed the limit.
        reached: whether it passed it at all; else `open` is all that there were.
        curve: open activations, and the p99 lateness (s) of the last few seconds.
    """

    open: int
    reached: bool
    curve: list[tuple[int, float]]


async def ours(ramp: Ramp) -> Limit:
    """Grow the load of the real bot, on SQLite."""
    async with _stand_ins() as (spotsms, telegram_url, spotsms_url, directory):
        url = f"sqlite:///{directory}/bot.db"
        begun = time.time() + START_SECONDS + ramp.most / 5000  # seeding takes a while
        await seed(url, [round((begun + start) * 1000) for start in ramp.starts()])
        settings = bot_environment(
            telegram_url,
            spotsms_url,
            database_url=url,
            poll_interval=INTERVAL,
            spotsms_max_rps=MOST_RPS,
        )
        async with started("bot", "run", environment=settings, directory=directory) as bot:
            return await _grow(ramp, spotsms, bot)


async def plain(ramp: Ramp) -> Limit:
    """Grow the load of a bot with one job for each number."""
    async with _stand_ins() as (spotsms, telegram_url, spotsms_url, directory):
        starts = json.dumps([round(START_SECONDS + start, 3) for start in ramp.starts()])
        async with started(
            *("tests.bench.plain", telegram_url, spotsms_url, str(INTERVAL), starts),
            environment=bot_environment(telegram_url, spotsms_url),
            directory=directory,
        ) as bot:
            return await _grow(ramp, spotsms, bot)


@asynccontextmanager
async def _stand_ins() -> AsyncIterator[tuple[LightSpotSms, str, str, Path]]:
    spotsms = LightSpotSms()
    async with AsyncExitStack() as stack:
        name = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-"))
        telegram_url = await stack.enter_async_context(serve(LightBotApi().handle))
        spotsms_url = await stack.enter_async_context(serve(spotsms.handle))
        yield spotsms, telegram_url, spotsms_url, Path(name)


async def _grow(ramp: Ramp, spotsms: LightSpotSms, bot: Measured) -> Limit:
    """Watch until looks have been late for some windows in a row, or all numbers are there."""
    looks, curve = spotsms.looks, list[tuple[int, float]]()
    end = time.monotonic() + START_SECONDS + ramp.starts()[-1] + PATIENCE_SECONDS
    while not _is_late(curve) and len(looks.last) < ramp.most and time.monotonic() < end:
        await asyncio.sleep(STEP_SECONDS)
        bot.cpu()  # fails where the process has ended
        now = time.monotonic()
        if looks.at and now - looks.at[0] > INTERVAL + WINDOW_SECONDS:
            late = percentile(looks.lateness(INTERVAL, now - WINDOW_SECONDS, now), 99)
            curve.append((len(looks.last), late or 0.0))
    reached = _is_late(curve)
    return Limit(curve[-LATE_WINDOWS][0] if reached else len(looks.last), reached, curve)


def _is_late(curve: Sequence[tuple[int, float]]) -> bool:
    last = curve[-LATE_WINDOWS:]
    return len(last) == LATE_WINDOWS and all(p99 > LATE for _, p99 in last)
