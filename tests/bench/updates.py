"""(c) Updates per second while the provider takes its time, beside python-telegram-bot alone."""

import asyncio
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.botapi import Call, LightBotApi
from tests.bench.http import serve
from tests.bench.process import started
from tests.bench.spotsms import LightSpotSms
from tests.environment import bot_environment

DELAY = 0.05
USERS = 100
FIRST_USER = 8_000_001
PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Rates:
    """Updates per second: ours, PTB one at a time with the same provider, PTB without any."""

    ours: float
    one_at_a_time: float
    echo: float


async def compare(*, rounds: int = 3) -> Rates:
    """Measure all three in turns, and give the medians."""
    found = [
        (
            await _rate("bot", "run", updates=300, owners=True),
            await _rate("tests.bench.echo", updates=60),
            await _rate("tests.bench.echo", updates=300, asks_provider=False),
        )
        for _ in range(rounds)
    ]
    return Rates(*(median(column) for column in zip(*found, strict=True)))


class Answers:
    """Counts the messages that the bot sends to each user."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = asyncio.Event()

    def see(self, method: str, call: Call) -> None:
        """Note a call."""
        if method == "sendMessage" and int(call["chat_id"]) >= FIRST_USER:
            self.count += 1
            self._changed.set()

    async def reach(self, count: int) -> None:
        """Wait until there are so many.

        Raises:
            TimeoutError: it took too long.
        """
        async with asyncio.timeout(PATIENCE_SECONDS):
            while self.count < count:
                self._changed.clear()
                await self._changed.wait()


async def _rate(
    module: str, *arguments: str, updates: int, owners: bool = False, asks_provider: bool = True
) -> float:
    """Let everybody ask for the balance at once; give the answers per second.

    To an owner our bot tells the balance at the provider, which it asks for each time.
    """
    telegram, spotsms, answers = LightBotApi(), LightSpotSms(DELAY), Answers()
    telegram.listeners.append(answers.see)
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        telegram_url = await stack.enter_async_context(serve(telegram.handle))
        spotsms_url = await stack.enter_async_context(serve(spotsms.handle))
        everybody = ",".join(str(FIRST_USER + user) for user in range(USERS))
        settings = bot_environment(telegram_url, spotsms_url, owner_ids=everybody)
        given = arguments if owners else (telegram_url, *([spotsms_url] if asks_provider else []))
        await stack.enter_async_context(
            started(module, *given, environment=settings, directory=directory)
        )
        for user in range(USERS):  # everybody is known, and the bot is warm
            telegram.say(FIRST_USER + user, "/balance")
        await answers.reach(USERS)
        begun, before = time.monotonic(), answers.count
        for number in range(updates):
            telegram.say(FIRST_USER + number % USERS, "/balance")
        await answers.reach(before + updates)
        return updates / (time.monotonic() - begun)
