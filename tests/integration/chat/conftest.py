"""The real bot, all parts of it, between the two sandboxes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from pydantic import SecretStr

from bot.app import Bot
from bot.provider import SpotSms
from bot.sandbox.serve import serve
from bot.sandbox.spotsms import SpotSmsSandbox
from bot.sandbox.telegram import Check, TelegramSandbox
from bot.settings import Access, Settings
from bot.storage.database import Database
from bot.workflows.clock import SteadyClock
from tests.integration.chat.helpers import ANN, BOB, EVE, OWNER, Stage

Running = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(autouse=True)
def _durations_as_the_bot_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


@pytest.fixture
def telegram(telegram_check: Check) -> TelegramSandbox:
    """The owner, three people, a group and a group with topics; every call is checked."""
    telegram = TelegramSandbox(check=telegram_check)
    for user_id, name in ((OWNER, "Olga"), (ANN, "Ann"), (BOB, "Bob"), (EVE, "Eve")):
        telegram.add_user(user_id, name)
    return telegram


@pytest.fixture
def spotsms() -> SpotSmsSandbox:
    return SpotSmsSandbox()


@pytest.fixture
def run(telegram: TelegramSandbox, spotsms: SpotSmsSandbox, sqlite_url: str) -> Running:
    """Runs the bot for the length of a block; settings can be named, the rest is for tests."""

    @asynccontextmanager
    async def running(**given: object) -> AsyncIterator[Stage]:
        async with serve(telegram.application()) as api, serve(spotsms.application()) as shop:
            settings = Settings.model_validate(
                {
                    "telegram_bot_token": SecretStr(telegram.token),
                    "telegram_api_url": api,
                    "spotsms_api_key": SecretStr("test-key"),
                    "spotsms_api_url": shop + spotsms.url_path,
                    "database_url": SecretStr(sqlite_url),
                    "owner_ids": str(OWNER),
                    "access": Access.OPEN,
                    "poll_interval": 0.1,
                    **given,
                }
            )
            async with _bot(settings):
                yield Stage(telegram, spotsms)
        assert telegram.violations == []

    return running


@pytest.fixture
async def stage(run: Running) -> AsyncIterator[Stage]:
    async with run() as stage:
        yield stage


@asynccontextmanager
async def _bot(settings: Settings) -> AsyncIterator[None]:
    url, key = settings.database_url.get_secret_value(), settings.spotsms_api_key.get_secret_value()
    stop = asyncio.Event()
    async with (
        Database(url) as database,
        SpotSms(settings.spotsms_api_url, key, timeout=settings.spotsms_timeout) as provider,
    ):
        clock = await SteadyClock.going_on(database)
        task = asyncio.create_task(Bot(settings, database, provider, clock).run(stop))
        try:
            yield
        finally:
            stop.set()
            await task
