"""The process ends when a part of it does, and never before what is paid for has come."""

import asyncio
import logging
import sqlite3

import pytest
from sqlalchemy import select

from bot.app import PartEnded
from bot.chat import retry
from bot.chat.retry import TokenRefusedError
from bot.domain.activation import State
from bot.sandbox.spotsms import Fault, SpotSmsSandbox
from bot.sandbox.telegram import TelegramFault, TelegramSandbox
from bot.storage.database import Database, Unavailable
from bot.storage.tables import activations
from bot.storage.updates_lock import UpdatesLock
from bot.workflows.replica import Replica
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN


async def test_a_number_on_its_way_is_waited_for_whatever_fails_at_the_stop(
    run: Running, spotsms: SpotSmsSandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    async def fail(_: Replica) -> None:
        raise LookupError("the others cannot be told")

    monkeypatch.setattr(Replica, "resign", fail)
    spotsms.inject(Fault(action="getNumber", kind="delay", seconds=1.0))

    async def buy_and_stop() -> None:
        async with run() as stage:
            await stage.quote(ANN)
            await stage.press(ANN, "Confirm")
            await spotsms.wait_for(lambda: spotsms.calls_of("getNumber"))

    with pytest.raises(LookupError):
        await buy_and_stop()
    async with Database(f"sqlite:///{tmp_path}/bot.db") as database, database.read() as connection:
        assert await connection.scalar(select(activations.c.state)) == State.WAITING


@pytest.mark.parametrize("error", [Unavailable("DATABASE_URL: gone"), None])
async def test_a_part_that_ends_while_telegram_is_away_ends_the_process(
    run: Running,
    telegram: TelegramSandbox,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception | None,
) -> None:
    lost = asyncio.Event()

    async def keep(_: UpdatesLock) -> None:
        await lost.wait()
        if error:
            raise error

    monkeypatch.setattr(UpdatesLock, "keep", keep)
    telegram.inject(TelegramFault("getMe", "5xx", times=None))

    async def lose_a_part() -> None:
        async with run():
            await telegram.wait_for(lambda: telegram.calls_of("getMe"))
            lost.set()

    with pytest.raises(type(error) if error else PartEnded):
        await lose_a_part()


async def test_a_database_that_cannot_be_written_at_the_start_is_named(
    run: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: Replica, *, others_are_gone: bool) -> None:
        raise sqlite3.OperationalError(f"database or disk is full ({others_are_gone})")

    monkeypatch.setattr(Replica, "join", fail)
    with pytest.raises(Unavailable, match=r"^DATABASE_URL: database or disk is full"):
        async with run():
            """It does not come so far."""


async def test_a_gateway_that_knows_nothing_of_telegram_yet_is_waited_for(
    run: Running,
    telegram: TelegramSandbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0.02)
    caplog.set_level(logging.WARNING)
    telegram.inject(TelegramFault("getMe", "html", status=404, times=3))
    async with run() as stage:
        await stage.say(ANN, "/help")
    assert caplog.text.count("connecting to Telegram fails") == 1


async def test_a_token_that_telegram_refuses_ends_the_start(
    run: Running, telegram: TelegramSandbox
) -> None:
    telegram.inject(TelegramFault("getMe", "5xx", status=401, times=None))
    with pytest.raises(TokenRefusedError, match="TELEGRAM_BOT_TOKEN"):
        async with run():
            await telegram.wait_for(lambda: telegram.calls_of("getMe"))
