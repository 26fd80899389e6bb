"""A database of either kind, an inbox on it, lanes, and a bot in the sandbox."""

from collections.abc import AsyncIterator

import pytest
from telegram.ext import ExtBot

from bot.chat.intake import AnyInbox
from bot.chat.lanes import Lanes
from bot.ops import Metrics
from bot.sandbox.serve import serve
from bot.sandbox.telegram import Check, TelegramSandbox
from bot.storage.database import Database
from tests.integration.intake.helpers import ANN, BOB, Handler
from tests.integration.intake.processes import Processes


@pytest.fixture(autouse=True)
def _durations_as_the_bot_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def processes(database: Database) -> Processes:
    return Processes(database)


@pytest.fixture
async def inbox(processes: Processes) -> AnyInbox:
    """The inbox that a process has on that kind of database."""
    return await processes.start()


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def lanes(inbox: AnyInbox, handler: Handler, metrics: Metrics) -> Lanes:
    return Lanes(inbox, handler, metrics)


@pytest.fixture
async def telegram(telegram_check: Check) -> AsyncIterator[TelegramSandbox]:
    """Ann and Bob; every exchange is checked."""
    telegram = TelegramSandbox(check=telegram_check)
    telegram.add_user(ANN, "Ann")
    telegram.add_user(BOB, "Bob")
    yield telegram
    assert telegram.violations == []


@pytest.fixture
async def telegram_url(telegram: TelegramSandbox) -> AsyncIterator[str]:
    async with serve(telegram.application()) as url:
        yield url


@pytest.fixture
async def bot(telegram_url: str) -> AsyncIterator[ExtBot[None]]:
    async with ExtBot("100:TEST", base_url=f"{telegram_url}/bot") as bot:
        yield bot
