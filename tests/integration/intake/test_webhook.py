"""Webhook: only Telegram gets in, and its 200 means that the update is stored."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from functools import partial

import httpx
import pytest
from telegram.ext import ExtBot

from bot.chat import retry
from bot.chat.intake import AnyInbox
from bot.chat.webhook import MAX_BYTES, SECRET_HEADER, Webhook
from bot.ops import serve
from bot.sandbox.telegram import TelegramFault, TelegramSandbox
from bot.storage.database import Database
from bot.storage.inbox import Update
from tests.integration.intake.helpers import (
    ANN,
    broken_database,
    eventually,
    message,
    statuses,
    working,
)

SECRET = "made-up-secret"
KINDS = ["message", "callback_query"]


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0.02)


@pytest.fixture
def address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1:{listener.getsockname()[1]}"


@pytest.fixture
async def webhook(bot: ExtBot[None], inbox: AnyInbox, address: str) -> AsyncIterator[Webhook]:
    webhook = Webhook(bot, inbox, f"http://{address}/hooks/telegram", SECRET, KINDS)
    async with serve(webhook.application, address, "WEBHOOK_LISTEN"):
        yield webhook


@pytest.fixture
async def client(webhook: Webhook, address: str) -> AsyncIterator[httpx.AsyncClient]:
    del webhook
    async with httpx.AsyncClient(
        base_url=f"http://{address}", headers={SECRET_HEADER: SECRET}, trust_env=False
    ) as client:
        yield client


async def test_telegram_is_told_where_to_post_and_what(
    webhook: Webhook, telegram: TelegramSandbox, database: Database
) -> None:
    async with working(webhook):
        await telegram.wait_for(lambda: telegram.calls_of("setWebhook"))
        telegram.say(ANN, ANN, "/start")
        await eventually(partial(_is_confirmed, telegram))
        assert list((await statuses(database)).values()) == ["waiting"]
    params = telegram.calls_of("setWebhook")[0].params
    assert params["secret_token"] == SECRET
    assert params["allowed_updates"] == KINDS
    assert "drop_pending_updates" not in params
    telegram.webhook.stop()


async def test_telegram_that_is_away_at_the_start_is_told_later(
    webhook: Webhook, telegram: TelegramSandbox
) -> None:
    telegram.inject(TelegramFault("setWebhook", "5xx", times=2))
    telegram.inject(TelegramFault("setWebhook", "drop", times=2))
    async with working(webhook):
        await telegram.wait_for(lambda: telegram.webhook.target)
    telegram.webhook.stop()


async def test_it_stops_at_once_while_telegram_is_away(
    webhook: Webhook, telegram: TelegramSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE", 30.0)
    telegram.inject(TelegramFault("setWebhook", "5xx", times=None))
    async with working(webhook):
        await telegram.wait_for(lambda: telegram.calls_of("setWebhook"))


async def test_an_address_that_telegram_refuses_is_told_in_its_words_until_it_is_taken(
    webhook: Webhook, telegram: TelegramSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.inject(TelegramFault("setWebhook", "5xx", status=400, times=3))
    async with working(webhook):
        async with asyncio.timeout(10):
            while not webhook.is_refused:
                await telegram.wait_for(lambda: telegram.calls_of("setWebhook"))
                await asyncio.sleep(0)
        await telegram.wait_for(lambda: telegram.webhook.target)
    assert not webhook.is_refused
    assert caplog.messages[0] == (
        "setting the webhook (WEBHOOK_URL) fails (BadRequest: Bad Request); trying again"
    )
    assert caplog.text.count("BadRequest") == 1
    telegram.webhook.stop()


async def test_an_update_is_stored_when_telegram_gets_its_200(
    client: httpx.AsyncClient, database: Database
) -> None:
    answer = await client.post("/hooks/telegram", json=message(7))
    assert answer.status_code == 200
    assert await statuses(database) == {7: "waiting"}


@pytest.mark.parametrize("secret", ["", "made-up", "made-up-secret-", "MADE-UP-SECRET", "é€"])
async def test_whoever_does_not_know_the_secret_is_refused(
    client: httpx.AsyncClient, database: Database, secret: str
) -> None:
    headers = {SECRET_HEADER.encode(): secret.encode()}
    answer = await client.post("/hooks/telegram", json=message(7), headers=headers)
    assert answer.status_code == 403
    assert await statuses(database) == {}


async def test_whoever_sends_no_secret_is_refused(address: str, webhook: Webhook) -> None:
    del webhook
    async with httpx.AsyncClient(base_url=f"http://{address}", trust_env=False) as stranger:
        answer = await stranger.post("/hooks/telegram", json=message(7))
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'"text"', b"\xff\xfe", b"[" * 100_000, b'{"a":' * 50_000]
)
async def test_what_is_no_json_object_is_refused(
    client: httpx.AsyncClient, database: Database, body: bytes
) -> None:
    assert (await client.post("/hooks/telegram", content=body)).status_code == 400
    assert await statuses(database) == {}


async def test_a_body_larger_than_any_update_is_refused(
    client: httpx.AsyncClient, database: Database
) -> None:
    huge = message(7) | {"padding": "x" * MAX_BYTES}
    assert (await client.post("/hooks/telegram", json=huge)).status_code == 413
    assert await statuses(database) == {}


async def test_an_update_without_an_id_is_taken_and_skipped_so_that_it_does_not_come_again(
    client: httpx.AsyncClient, database: Database
) -> None:
    answer = await client.post("/hooks/telegram", json={"update_id": "7", "message": {}})
    assert answer.status_code == 200
    assert await statuses(database) == {}


async def test_a_path_with_braces_is_taken_as_it_stands(
    bot: ExtBot[None], inbox: AnyInbox, address: str
) -> None:
    url = f"http://{address}/{{hook:s}}/%7Bhook%7D"
    webhook = Webhook(bot, inbox, url, SECRET, KINDS)
    async with (
        serve(webhook.application, address, "WEBHOOK_LISTEN"),
        httpx.AsyncClient(headers={SECRET_HEADER: SECRET}, trust_env=False) as client,
    ):
        assert (await client.post(url, json=message(7))).status_code == 200
        assert (await client.post(f"{url}/more", json=message(7))).status_code == 404


@pytest.mark.parametrize("path", ["/", "/hooks", "/hooks/telegram/more", "/healthz"])
async def test_there_is_nothing_else_to_be_found(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.post(path, json=message(7))).status_code == 404


async def test_what_cannot_be_stored_comes_again(
    webhook: Webhook, telegram: TelegramSandbox, database: Database
) -> None:
    async with working(webhook):
        async with broken_database(database):
            telegram.say(ANN, ANN, "/start")
            failure = await telegram.wait_for(lambda: telegram.webhook.failure)
            assert "503" in failure.message
        await eventually(partial(_is_confirmed, telegram))
    assert list((await statuses(database)).values()) == ["waiting"]
    telegram.webhook.stop()


async def test_the_same_update_posted_many_times_is_stored_once(
    client: httpx.AsyncClient, inbox: AnyInbox, database: Database
) -> None:
    for _ in range(5):
        assert (await client.post("/hooks/telegram", json=message(7))).status_code == 200
    assert await statuses(database) == {7: "waiting"}
    assert [await inbox.next(lane) for lane in await inbox.arrivals()] == [
        Update(7, f"{ANN}:{ANN}", json.dumps(message(7)))
    ]


async def _is_confirmed(telegram: TelegramSandbox) -> bool:
    return not telegram.updates.pending
