"""The way to Telegram: whatever goes wrong there, a message is written once."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import parse_qs

import pytest
from telegram import Bot
from telegram.error import NetworkError, TelegramError, TimedOut

from bot.chat.connection import Connection
from tests.raw_server import (
    FAULTS,
    PATIENCE,
    SOON,
    Answer,
    RawServer,
    raw_server,
    replies,
    reset,
    says,
    stall,
)

TOKEN = "1:token"
CHAT = 7
POSTED = replies(b'{"ok":true,"result":{"message_id":1,"date":1,"chat":{"id":7,"type":"private"}}}')


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with raw_server() as raw:
        raw.answer = POSTED
        yield raw


@pytest.fixture
async def bot(server: RawServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Bot]:
    """A bot with little patience, that has talked to Telegram already on a connection it keeps."""
    monkeypatch.setattr("bot.chat.connection.CONNECT_SECONDS", SOON)
    monkeypatch.setattr("bot.chat.connection.POOL_SECONDS", SOON)
    monkeypatch.setattr("bot.chat.connection.WRITE_SECONDS", SOON)
    async with Connection(4, read_seconds=SOON) as connection:
        bot = Bot(TOKEN, f"{server.url}/bot", request=connection)
        await bot.send_message(CHAT, "before")
        yield bot


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_message_is_written_once_whatever_goes_wrong(
    fault: str, server: RawServer, bot: Bot
) -> None:
    server.answer = FAULTS[fault]
    with pytest.raises(TelegramError):
        await bot.send_message(CHAT, "hello")
    assert len(server.targets) == 2


@pytest.mark.parametrize(
    ("answer", "expected"), [(stall, TimedOut), (reset, NetworkError), (says(), NetworkError)]
)
async def test_silence_is_told_from_a_connection_that_breaks(
    answer: Answer, expected: type[TelegramError], server: RawServer, bot: Bot
) -> None:
    server.answer = answer
    with pytest.raises(NetworkError) as failing:
        await bot.send_message(CHAT, "hello")
    assert type(failing.value) is expected


async def test_no_failure_tells_the_token(server: RawServer, bot: Bot) -> None:
    for answer in FAULTS.values():
        server.answer = answer
        with pytest.raises(TelegramError) as failing:
            await bot.send_message(CHAT, "hello")
        assert TOKEN not in str(failing.value)


async def test_one_connection_serves_one_message_after_the_other(
    server: RawServer, bot: Bot
) -> None:
    await bot.send_message(CHAT, "hello")
    await bot.send_message(CHAT, "hello again")
    assert (len(server.targets), server.connections) == (3, 1)


async def test_parameters_go_out_as_a_form_and_come_whole(server: RawServer, bot: Bot) -> None:
    awkward = 'a&b=c "<ü>" 😀\n+%20'
    await bot.send_message(CHAT, awkward)
    sent = parse_qs(server.bodies[-1].decode(), strict_parsing=True)
    assert sent == {"chat_id": [str(CHAT)], "text": [awkward]}


async def test_a_document_goes_out_with_its_name_and_what_is_written_under_it(
    server: RawServer, bot: Bot
) -> None:
    await bot.send_document(CHAT, b"a,b\r\n", caption="ü", filename="Zoë.csv")
    sent = server.bodies[-1]
    assert 'filename="Zoë.csv"'.encode() in sent
    assert b"\r\n\r\na,b\r\n\r\n" in sent
    assert "ü".encode() in sent


async def test_a_large_document_goes_out_whole(server: RawServer, bot: Bot) -> None:
    large = b"0123456789abcdef" * 100_000
    await bot.send_document(CHAT, large, filename="large.json")
    assert large in server.bodies[-1]


async def test_a_proxy_is_asked_for_what_telegram_has(server: RawServer) -> None:
    async with Connection(1, read_seconds=PATIENCE, proxy=server.url) as connection:
        bot = Bot(TOKEN, "http://telegram.example/bot", request=connection)
        await bot.send_message(CHAT, "hello")
    assert server.targets == [f"http://telegram.example/bot{TOKEN}/sendMessage"]


async def test_proxies_of_the_environment_are_not_used(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with Connection(1, read_seconds=PATIENCE) as connection:
        await Bot(TOKEN, f"{server.url}/bot", request=connection).send_message(CHAT, "hello")
    assert len(server.targets) == 1


async def test_nobody_there_is_a_failure_on_the_way() -> None:
    async with Connection(1, read_seconds=PATIENCE) as connection:
        with pytest.raises(NetworkError, match="ClientConnectorError"):
            await Bot(TOKEN, "http://127.0.0.1:1/bot", request=connection).get_me()


async def test_many_wait_for_the_few_connections_that_there_are(server: RawServer) -> None:
    async with Connection(2, read_seconds=PATIENCE) as connection:
        bot = Bot(TOKEN, f"{server.url}/bot", request=connection)
        await asyncio.gather(*(bot.send_message(CHAT, str(each)) for each in range(20)))
    assert len(server.targets) == 20
    assert server.connections <= 2


async def test_before_and_after_its_time_a_connection_sends_nothing(server: RawServer) -> None:
    connection = Connection(1, read_seconds=PATIENCE)
    bot = Bot(TOKEN, f"{server.url}/bot", request=connection)
    with pytest.raises(NetworkError):
        await bot.send_message(CHAT, "too early")
    async with connection:
        await bot.send_message(CHAT, "hello")
    with pytest.raises(NetworkError):
        await bot.send_message(CHAT, "too late")
    assert len(server.targets) == 1
