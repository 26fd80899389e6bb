"""Neither token, key, phone number nor code is in any log line at DEBUG, tracebacks included."""

import asyncio
import logging
from collections.abc import Awaitable
from typing import Literal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from telegram.error import TelegramError
from telegram.ext import ExtBot

from bot.chat.intake import AnyInbox
from bot.chat.longpoll import LongPoll
from bot.ops import configure_logging
from bot.provider import ProviderError, SpotSms
from bot.sandbox.serve import serve
from bot.sandbox.spotsms import Fault, SpotSmsSandbox
from bot.sandbox.telegram import TelegramFault, TelegramSandbox
from bot.storage.database import Database
from tests.integration.intake.helpers import ANN, eventually, statuses, working

TOKEN, KEY, NUMBER, CODE, WORDS = "100:TEST", "test-key", "+12025550123", "482913", "secretword"
SMS = f"{WORDS} {CODE} for {NUMBER}"

log = logging.getLogger("bot.test_log_secrets")

pytestmark = pytest.mark.usefixtures("logging_as_before")


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_whatever_goes_wrong_the_log_is_clean(  # noqa: PLR0917 - fixtures
    log_format: Literal["text", "json"],
    capsys: pytest.CaptureFixture[str],
    telegram: TelegramSandbox,
    bot: ExtBot[None],
    database: Database,
    inbox: AnyInbox,
) -> None:
    configure_logging("DEBUG", log_format, [TOKEN, KEY])
    asyncio.get_running_loop().set_debug(True)
    telegram.open_private(ANN)
    await _let_telegram_fail(telegram, bot)
    await _let_the_provider_fail()
    await _let_the_database_fail(database)
    async with working(LongPoll(bot, inbox, ["message"])):
        telegram.inject(TelegramFault("getUpdates", "html", times=2))
        telegram.say(ANN, ANN, SMS)
        await eventually(lambda: statuses(database))
    written = capsys.readouterr().err
    assert written.count("Traceback") >= 8
    for secret in (TOKEN, KEY, NUMBER.removeprefix("+"), CODE):
        assert secret not in written


async def _let_telegram_fail(telegram: TelegramSandbox, bot: ExtBot[None]) -> None:
    await bot.send_message(ANN, SMS)
    for kind in ("html", "5xx", "drop", "429"):
        telegram.inject(TelegramFault("sendMessage", kind))
        await _fail(bot.send_message(ANN, SMS))
    await _fail(bot.send_message(ANN, f"<{CODE}>{SMS}", parse_mode="HTML"))


async def _let_the_provider_fail() -> None:
    sandbox = SpotSmsSandbox()
    async with (
        serve(sandbox.application()) as url,
        SpotSms(f"{url}{sandbox.url_path}", KEY, timeout=5) as provider,
    ):
        for kind in ("reset", "html", "half_json", "cut"):
            sandbox.clear_faults()
            sandbox.inject(Fault(kind=kind, times=None))
            await _fail(provider.get_message(NUMBER, "0948", "1"))


async def _let_the_database_fail(database: Database) -> None:
    async with database.write() as connection:
        await _fail(connection.execute(text("SELECT :a FROM nowhere"), {"a": SMS}))


async def _fail(work: Awaitable[object]) -> None:
    try:
        await work
    except (TelegramError, ProviderError, SQLAlchemyError):
        log.exception("failed")
    else:
        pytest.fail("it should have failed")
