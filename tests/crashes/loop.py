"""Kill the real process at random moments under load, again and again, and compare the books.

`python -m tests.crashes.loop --cycles 2000 --seed 1` runs it for as long as one likes.
"""

import argparse
import asyncio
import contextlib
import json
import random
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox.serve import serve
from bot.sandbox.spotsms import Fault, FaultKind, SpotSmsSandbox
from bot.sandbox.telegram import TelegramFault, TelegramSandbox
from bot.sandbox.telegram.faults import FaultKind as TelegramFaultKind
from tests.crashes.audit import Audit
from tests.crashes.crowd import Crowd
from tests.environment import KEY, OWNER, TOKEN, bot_environment
from tests.launcher import Launcher, Life

ROUND_SECONDS, LOOK_SECONDS = 0.03, 0.005
EARLY_SHARE = 0.25
"""Of the lives, so many end before the first call or just after it."""
POLITE_SHARE = 0.1
"""So many of the others are stopped by SIGTERM: nothing may go wrong then that a log shows."""
MEAN_CALLS = (25, 25, 100)
LIFE_STARTS = 10.0
FIRST_START, LONGEST_START = 0.5, 60.0
PEACE_SECONDS = 180.0
TREATING_ROUNDS = 50
MOST_WAITING = 8
LOG_SHOWN = 3000
PURCHASE_FAULTS: tuple[FaultKind, ...] = (
    "stall", "reset", "drop", "cut", "cut_headers", "half_json", "html", "http500", "no_number",
)  # fmt: skip
TELEGRAM_FAULTS: tuple[TelegramFaultKind, ...] = ("drop", "drop_after", "5xx")
READING_FAULTS: tuple[FaultKind, ...] = ("reset", "drop", "cut", "half_json", "html", "http500")


@dataclass
class Result:
    """What a run counted, and what it found wrong."""

    cycles: int
    seed: int
    killed: int = 0
    stopped: int = 0
    purchases: int = 0
    taps: int = 0
    codes: int = 0
    twice: int = 0
    states: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0


async def crash_loop(cycles: int, seed: int, launcher: Launcher) -> Result:
    """Run the bot for so many short lives, then once in peace, and audit what is left."""
    chance = random.Random(seed)  # noqa: S311 - to be replayed, no secret
    result = Result(cycles, seed)
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="crashes-") as name:
        async with _world(Path(name), seed, launcher) as world:
            for _ in range(cycles):
                _arm(world, chance)
                await world.launch()
                if await _live(world, chance):
                    result.stopped += 1
                else:
                    result.killed += 1
            result.faults = _disarm(world)
            await _in_peace(world, result)
    result.seconds = time.monotonic() - begun
    return result


@dataclass
class World:
    """Both sandboxes, the crowd, and the process that is killed."""

    telegram: TelegramSandbox
    spotsms: SpotSmsSandbox
    crowd: Crowd
    directory: Path
    environment: dict[str, str]
    launcher: Launcher
    faults: list[Fault] = field(default_factory=list)
    life: Life | None = None
    rounds: int = 0
    start_seconds: float = FIRST_START

    async def kill(self) -> None:
        """End the present life."""
        if self.life:
            await self.life.kill()

    async def stop(self) -> None:
        """End the present life politely."""
        assert self.life
        self.life.send(signal.SIGTERM)
        await self.life.wait()

    async def launch(self) -> None:
        """Start the next life."""
        log = self.directory / "bot.log"
        self.life = self.launcher.start(self.environment, self.directory, log)

    async def begin(self) -> None:
        """Wait for the first call of this life, and remember how long a start takes here."""
        launched, before = time.monotonic(), self._calls()
        while self._calls() == before:
            if time.monotonic() > launched + LONGEST_START:
                raise TimeoutError(f"the bot does not begin: {self.telling()}")
            await asyncio.sleep(LOOK_SECONDS)
        self.start_seconds = time.monotonic() - launched

    async def live(self, calls: int) -> None:
        """Let people act until the bot has made so many calls, or has had its time.

        Time is measured in starts, so that a slow machine gets no less done.
        """
        end = time.monotonic() + LIFE_STARTS * self.start_seconds
        enough = self._calls() + calls
        while time.monotonic() < end and self._calls() < enough:
            self.rounds += 1
            if self._backlog() < MOST_WAITING:
                self.crowd.act(self.rounds)
            self.crowd.treat()
            await asyncio.sleep(ROUND_SECONDS)

    def telling(self) -> str:
        """Cut out of the log what surrounds its first traceback, else its end."""
        text = self.log()
        begin = text.find("Traceback")
        if begin < 0:
            return text[-LOG_SHOWN:]
        return text[max(begin - LOG_SHOWN // 3, 0) :][:LOG_SHOWN]

    def log(self) -> str:
        """Read what all lives have said."""
        path = self.directory / "bot.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def _backlog(self) -> int:
        """Count what short lives have left unhandled: people do not outrun the bot for ever."""
        waiting = len(self.telegram.updates.pending)
        with contextlib.suppress(sqlite3.OperationalError):
            waiting += self.rows("select count(*) from inbox where status = 'waiting'")[0][0]
        return waiting

    def _calls(self) -> int:
        return len(self.telegram.calls) + len(self.spotsms.calls)

    def rows(self, query: str) -> list[sqlite3.Row]:
        """Read the bot's database."""
        with contextlib.closing(sqlite3.connect(self.directory / "bot.db")) as connection:
            connection.row_factory = sqlite3.Row
            return connection.execute(query).fetchall()


@contextlib.asynccontextmanager
async def _world(directory: Path, seed: int, launcher: Launcher) -> AsyncIterator[World]:
    telegram = TelegramSandbox(token=TOKEN)
    telegram.add_user(OWNER, "Olga")
    telegram.open_private(OWNER)
    spotsms = SpotSmsSandbox(keys={KEY}, balance="100000.00", seed=seed)
    crowd = Crowd(telegram, spotsms, seed)
    async with serve(telegram.application()) as telegram_url, serve(spotsms.application()) as url:
        environment = bot_environment(
            telegram_url,
            url,
            database_url=f"sqlite:///{directory / 'bot.db'}",
            poll_interval=0.2,
            spotsms_timeout=0.5,
            activation_ttl=20,
            daily_limit=900000,
            max_active_per_user=100000,
            log_level="WARNING",
        )
        world = World(telegram, spotsms, crowd, directory, environment, launcher)
        try:
            yield world
        finally:
            await world.kill()


def _arm(world: World, chance: random.Random) -> None:
    """Put some faults in the way of this life."""
    for action, kinds, share in (
        ("getNumber", PURCHASE_FAULTS, 0.2),
        ("cancelRsActivation", PURCHASE_FAULTS[:-1], 0.2),
        ("getMsg", READING_FAULTS, 0.4),
    ):
        if chance.random() < share:
            kind = chance.choice(kinds)
            after = chance.random() < 0.5
            fault = Fault(action=action, kind=kind, seconds=2.0, after_effect=after)
            world.faults.append(world.spotsms.inject(fault))
    if chance.random() < 0.2:
        world.telegram.inject(TelegramFault("*", chance.choice(TELEGRAM_FAULTS)))
    if chance.random() < 0.05:
        world.telegram.inject(TelegramFault("sendMessage", "429", retry_after=1))


def _disarm(world: World) -> dict[str, int]:
    """Take away what has not struck yet, and count what has."""
    world.spotsms.clear_faults()
    world.telegram.clear_faults()
    struck: dict[str, int] = {}
    for fault in world.faults:
        if fault.hits:
            name = f"{fault.action} {fault.kind} {'after' if fault.after_effect else 'before'}"
            struck[name] = struck.get(name, 0) + fault.hits
    return struck


async def _live(world: World, chance: random.Random) -> bool:
    """Let a life go on until its moment: during the start, or any time in its work.

    Gives whether it was stopped, not killed.
    """
    is_early, is_polite = chance.random() < EARLY_SHARE, chance.random() < POLITE_SHARE
    share = chance.random()
    calls = round(chance.expovariate(1 / chance.choice(MEAN_CALLS)))
    if is_early:
        await asyncio.sleep(share * 1.5 * world.start_seconds)
    else:
        await world.begin()
        await world.live(calls)
        await asyncio.sleep(share * ROUND_SECONDS)
    if is_polite and not is_early:
        await world.stop()
        return True
    await world.kill()
    return False


async def _in_peace(world: World, result: Result) -> None:
    """Let the bot finish everything, stop it politely, and look at what is left."""
    audit = Audit(world.rows, world.spotsms, world.telegram, world.crowd, OWNER)
    end = time.monotonic() + PEACE_SECONDS
    is_over = False
    while not is_over:  # an expiry may begin just before the stop: the next life ends it
        await world.launch()
        await world.begin()
        for _ in range(TREATING_ROUNDS):
            world.crowd.treat()
            await asyncio.sleep(ROUND_SECONDS)
        while time.monotonic() < end and audit.unfinished():  # noqa: ASYNC110 - not this process's
            await asyncio.sleep(0.25)
        await world.stop()
        is_over = not audit.unfinished() or time.monotonic() > end
    result.problems = audit.unfinished() or audit.problems(result.cycles)
    result.purchases = len(world.spotsms.purchases)
    result.taps = world.crowd.taps
    result.codes = len(world.crowd.codes)
    result.twice = audit.told_twice
    result.states = audit.states()
    if result.problems or "Traceback" in world.log():
        result.problems.append(f"the log says: {world.telling()}")


def main() -> None:
    """Run from the shell; the exit code tells whether something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    launcher = Launcher()
    result = asyncio.run(crash_loop(options.cycles, options.seed, launcher))
    launcher.close()
    shown: dict[str, Any] = vars(result)
    sys.stdout.write(json.dumps(shown, indent=2) + "\n")
    sys.exit(1 if result.problems else 0)


if __name__ == "__main__":
    main()
