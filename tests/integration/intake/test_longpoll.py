"""Long poll: nothing is confirmed before it is stored, and nothing ends it."""

import asyncio
import json
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import aiohttp
import pytest
from telegram.ext import ExtBot

from bot.chat import longpoll, retry
from bot.chat.connection import Connection
from bot.chat.intake import AnyInbox
from bot.chat.longpoll import LongPoll
from bot.sandbox.telegram import TelegramFault, TelegramSandbox
from bot.storage.database import Database
from tests.integration.intake.helpers import (
    ANN,
    BOB,
    broken_database,
    eventually,
    message,
    statuses,
    working,
)
from tests.raw_server import PATIENCE, RawServer, raw_server, replies

KINDS = ["message", "callback_query", "chat_member"]

Poll = Callable[[], LongPoll]


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(retry, "CONFLICT_PAUSE", 0.02)


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def poll(bot: ExtBot[None], inbox: AnyInbox) -> LongPoll:
    return LongPoll(bot, inbox, KINDS)


async def test_what_people_write_is_stored_and_only_then_confirmed(
    poll: LongPoll, telegram: TelegramSandbox, database: Database, tmp_path: Path
) -> None:
    async with working(poll):
        for number in range(5):
            telegram.say(ANN, ANN, f"/start {number}")
            await telegram.wait_for(lambda: not telegram.updates.pending)
            with sqlite3.connect(tmp_path / "bot.db") as file:
                stored = [row[0] for row in file.execute("SELECT update_id FROM inbox")]
            file.close()
            assert stored == list(telegram.updates.history)
    assert len(await statuses(database)) == 5


async def test_while_nothing_can_be_stored_nothing_is_confirmed(
    poll: LongPoll, telegram: TelegramSandbox, database: Database
) -> None:
    async with working(poll):
        async with broken_database(database):
            telegram.say(ANN, ANN, "/start")
            await telegram.wait_for(lambda: len(telegram.calls_of("getUpdates")) > 3)
            assert len(telegram.updates.pending) == 1
        await telegram.wait_for(lambda: not telegram.updates.pending)
    assert list((await statuses(database)).values()) == ["waiting"]


async def test_it_asks_for_the_kinds_of_updates_that_are_used(
    poll: LongPoll, telegram: TelegramSandbox
) -> None:
    async with working(poll):
        telegram.say(ANN, ANN, "/start")
        await telegram.wait_for(lambda: not telegram.updates.pending)
    assert telegram.calls_of("getUpdates")[0].params["allowed_updates"] == KINDS


@pytest.mark.parametrize(
    "fault",
    [
        TelegramFault("getUpdates", "5xx", times=3),
        TelegramFault("getUpdates", "html", times=3),
        TelegramFault("getUpdates", "html", status=404, times=3),
        TelegramFault("getUpdates", "5xx", status=404, times=3),
        TelegramFault("getUpdates", "5xx", status=401, times=3),
        TelegramFault("getUpdates", "drop", times=3),
        TelegramFault("getUpdates", "drop_after", times=3),
        TelegramFault("getUpdates", "429", retry_after=1),
    ],
    ids=lambda fault: f"{fault.method}-{fault.kind}-{fault.status}",
)
async def test_faults_of_telegram_cost_no_update(
    poll: LongPoll,
    telegram: TelegramSandbox,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    fault: TelegramFault,
) -> None:
    telegram.inject(fault)
    telegram.say(ANN, ANN, "/start")
    async with working(poll):
        await eventually(lambda: statuses(database))
        await telegram.wait_for(lambda: not telegram.updates.pending)
    said = [record.getMessage() for record in caplog.records if record.name == retry.__name__]
    assert len(said) == 2, "once when it failed, and once when it worked again"
    assert "fails" in said[0]
    assert "works again" in said[1]


async def test_a_second_consumer_of_the_token_is_explained_once_and_outlived(
    poll: LongPoll,
    telegram: TelegramSandbox,
    telegram_url: str,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with working(poll), aiohttp.ClientSession() as rival:
        for _ in range(3):
            await telegram.wait_for(lambda: telegram.updates.polled)
            await rival.get(f"{telegram_url}/bot100:TEST/getUpdates?timeout=0")
        telegram.say(ANN, ANN, "/start")
        await eventually(lambda: statuses(database))
    conflicts = [
        line for line in caplog.messages if "another program uses this bot's token" in line
    ]
    assert len(conflicts) == 1
    assert "Traceback" not in caplog.text


async def test_a_token_that_telegram_does_not_know_for_a_while_is_outlived(
    poll: LongPoll,
    telegram: TelegramSandbox,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with working(poll):
        await telegram.wait_for(lambda: telegram.calls_of("deleteWebhook"))
        known, telegram._api.token = telegram._api.token, "100:NEWER"
        telegram.say(ANN, ANN, "/start")
        await eventually(_is_refused(caplog))
        telegram._api.token = known
        await eventually(lambda: statuses(database))
    assert caplog.text.count("InvalidToken") == 1


def _is_refused(caplog: pytest.LogCaptureFixture) -> Callable[[], Awaitable[bool]]:
    async def look() -> bool:
        return "InvalidToken" in caplog.text

    return look


@pytest.mark.parametrize(
    "fault",
    [
        TelegramFault("deleteWebhook", "5xx", status=501, times=None),
        TelegramFault("deleteWebhook", "5xx", status=404, times=None),
        TelegramFault("deleteWebhook", "html", status=404, times=None),
        TelegramFault("deleteWebhook", "drop", times=None),
    ],
    ids=lambda fault: f"{fault.kind}-{fault.status}",
)
async def test_a_webhook_that_cannot_be_deleted_is_no_reason_not_to_ask(
    poll: LongPoll,
    telegram: TelegramSandbox,
    database: Database,
    caplog: pytest.LogCaptureFixture,
    fault: TelegramFault,
) -> None:
    telegram.inject(fault)
    telegram.say(ANN, ANN, "/start")
    async with working(poll):
        await eventually(lambda: statuses(database))
    assert len(telegram.calls_of("deleteWebhook")) == 1
    assert caplog.text.count("the webhook cannot be deleted") == 1


async def test_a_webhook_that_was_set_and_could_not_be_deleted_at_once_is_deleted_later(
    poll: LongPoll, telegram: TelegramSandbox, bot: ExtBot[None], database: Database
) -> None:
    await bot.set_webhook("http://127.0.0.1:9/nobody", secret_token="former")
    telegram.inject(TelegramFault("deleteWebhook", "5xx", times=2))
    telegram.say(ANN, ANN, "/start")
    async with working(poll):
        await eventually(lambda: statuses(database))
    assert telegram.webhook.target is None


async def test_a_webhook_that_was_set_before_is_removed_and_nothing_is_dropped(
    poll: LongPoll, telegram: TelegramSandbox, bot: ExtBot[None], database: Database
) -> None:
    await bot.set_webhook("http://127.0.0.1:9/nobody", secret_token="former")
    telegram.say(ANN, ANN, "/start")
    async with working(poll):
        await eventually(lambda: statuses(database))
    assert telegram.webhook.target is None


async def test_updates_that_are_no_updates_are_skipped(
    poll: LongPoll,
    telegram: TelegramSandbox,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    telegram.feed({"update_id": -7, "message": {"text": "my secret"}})
    telegram.feed({"update_id": 2**70, "message": {"text": "my secret"}})
    telegram.feed(message(1002))
    async with working(poll):
        await eventually(lambda: statuses(database))
    assert list(await statuses(database)) == [1002]
    assert "without a usable update_id" in caplog.text
    assert "my secret" not in caplog.text


async def test_awkward_text_survives_the_inbox(
    poll: LongPoll, telegram: TelegramSandbox, inbox: AnyInbox, database: Database
) -> None:
    awkward = message(1001)
    awkward["message"]["text"] = "\x00 \ud800 \U0001f600 ' \" \\ <b>"
    telegram.feed(awkward)
    async with working(poll):
        await eventually(lambda: statuses(database))
    (lane,) = await inbox.arrivals()
    update = await inbox.next(lane)
    assert update
    assert json.loads(update.body) == awkward


@pytest.mark.parametrize("seconds", [0, longpoll.POLL_SECONDS])
async def test_ids_that_begin_anew_below_the_old_ones_are_not_lost(
    poll: LongPoll,
    telegram: TelegramSandbox,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    seconds: int,
) -> None:
    monkeypatch.setattr(longpoll, "POLL_SECONDS", seconds)
    async with working(poll):
        telegram.feed(message(500_000))
        await telegram.wait_for(lambda: not telegram.updates.pending)
        telegram.feed(message(70, BOB))
        await telegram.wait_for(lambda: not telegram.updates.pending)
        telegram.feed(message(71, BOB))
        await telegram.wait_for(lambda: not telegram.updates.pending)
    assert list(await statuses(database)) == [70, 71, 500_000]


async def test_a_restart_confirms_nothing_that_it_has_not_stored(
    poll: LongPoll,
    bot: ExtBot[None],
    inbox: AnyInbox,
    telegram: TelegramSandbox,
    database: Database,
) -> None:
    telegram.say(ANN, ANN, "/start")
    async with working(poll):
        await telegram.wait_for(lambda: not telegram.updates.pending)
    telegram.say(ANN, ANN, "/help")
    async with working(LongPoll(bot, inbox, KINDS)):
        await telegram.wait_for(lambda: not telegram.updates.pending)
    assert sum("offset" not in call.params for call in telegram.calls_of("getUpdates")) == 2
    assert len(await statuses(database)) == 2


async def test_it_stops_at_once_while_telegram_is_silent_or_away(
    telegram: TelegramSandbox, bot: ExtBot[None], inbox: AnyInbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE", 30.0)
    async with working(LongPoll(bot, inbox, KINDS)):
        await telegram.wait_for(lambda: telegram.calls_of("deleteWebhook"))
    telegram.inject(TelegramFault("*", "5xx", times=None))
    async with working(LongPoll(bot, inbox, KINDS)):
        await telegram.wait_for(lambda: telegram.calls[-1].status == 502)


async def test_a_server_that_forgets_what_was_confirmed_is_not_asked_without_a_pause(
    inbox: AnyInbox,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE", 30.0)

    async def forgetful(server: RawServer, writer: asyncio.StreamWriter) -> None:
        updates = [message(7)] if server.targets[-1].endswith("/getUpdates") else True
        await replies(json.dumps({"ok": True, "result": updates}).encode())(server, writer)

    async def complained() -> bool:
        return "trying again" in caplog.text

    async with raw_server() as server:
        server.answer = forgetful
        async with Connection(1, read_seconds=PATIENCE) as connection:
            bot = ExtBot[None]("100:TEST", f"{server.url}/bot", request=connection)
            async with working(LongPoll(bot, inbox, KINDS)):
                await eventually(complained)
        assert [target.rpartition("/")[2] for target in server.targets] == [
            "deleteWebhook",
            "getUpdates",
            "getUpdates",
        ]
        assert b"offset=8" in server.bodies[-1]
    assert list(await statuses(database)) == [7]
