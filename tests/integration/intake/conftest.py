"""A database, an inbox on it, lanes, and a bot in the sandbox."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from telegram.ext import ExtBot

from bot.chat.intake import Inbox
from bot.chat.lanes import Lanes
from bot.ops import Metrics
from bot.sandbox.serve import serve
from bot.sandbox.telegram import Check, TelegramSandbox
from bot.storage.database import Database
from bot.workflows.clock import SteadyClock
from tests.integration.intake.helpers import ANN, BOB, Handler


@pytest.fixture(autouse=True)
def _durations_as_the_bot_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def database_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/bot.db"


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database(database_url) as database:
        yield database


@pytest.fixture
def inbox(database: Database) -> Inbox:
    return Inbox(database, SteadyClock())


@pytest.fixture
def handler() -> Handler:
    return Handler()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def lanes(inbox: Inbox, handler: Handler, metrics: Metrics) -> Lanes:
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
