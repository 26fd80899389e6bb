"""The messenger between a database and the Bot API's sandbox, and one number of Anna's."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from telegram.ext import ExtBot

from bot.chat.limiter import InteractiveLimiter
from bot.chat.messenger import TelegramMessenger
from bot.chat.pacing import Pacing
from bot.ops import Metrics
from bot.provider import SpotSms
from bot.sandbox.serve import serve
from bot.sandbox.telegram import Check, TelegramSandbox
from bot.settings import Settings
from bot.storage.database import Database
from bot.workflows.clock import SteadyClock
from bot.workflows.kit import Kit
from bot.workflows.overview import Overview
from bot.workflows.rules import Rules
from bot.workflows.worker import Calls, Signals
from tests.integration.messenger.desk import ANNA, BORIS, OWNER, Desk


@pytest.fixture(autouse=True)
def _durations_as_the_bot_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
async def telegram(telegram_check: Check) -> AsyncIterator[TelegramSandbox]:
    """Anna and the owner have opened a private chat with the bot, Boris has not."""
    telegram = TelegramSandbox(check=telegram_check)
    for user, name in ((ANNA, "Anna"), (BORIS, "Boris"), (OWNER, "Olga")):
        telegram.add_user(user, name)
    telegram.open_private(ANNA)
    telegram.open_private(OWNER)
    yield telegram
    assert telegram.violations == []


@pytest.fixture
async def bot(telegram: TelegramSandbox) -> AsyncIterator[ExtBot[Any]]:
    async def keep(chat_id: int, message: Mapping[str, Any]) -> None:
        raise AssertionError(f"nothing here may be late: {message} to {chat_id}")

    limiter = InteractiveLimiter(Pacing(), Metrics(), keep)
    async with (
        serve(telegram.application()) as url,
        ExtBot("100:TEST", base_url=f"{url}/bot", rate_limiter=limiter) as bot,
    ):
        yield bot


@pytest.fixture
async def desk(bot: ExtBot[Any], sqlite_url: str) -> AsyncIterator[Desk]:
    settings = Settings(
        _env_file=None,
        telegram_bot_token="100:TEST",
        spotsms_api_key="test-key",
        owner_ids=(OWNER,),
    )
    clock = SteadyClock()
    async with (
        Database(sqlite_url) as database,
        SpotSms("http://127.0.0.1:9/", "test-key", timeout=1) as provider,
    ):
        kit = Kit(database, provider, clock, Signals(), Calls(), Metrics(), Rules.of(settings))
        messenger = TelegramMessenger(bot, Overview(kit), database, clock)
        yield await Desk.set_up(database, messenger, clock)
