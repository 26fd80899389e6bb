"""What fails is tried again; a token is given up only where Telegram refuses it from the start."""

import asyncio
import sqlite3

import pytest
from telegram.error import InvalidToken, TelegramError

from bot.chat import retry
from bot.chat.retry import Retry, TokenRefusedError


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE", 0.001)


def refusal(cause: Exception | None = None) -> InvalidToken:
    """Give what getMe raises at the start: python-telegram-bot wraps it once more."""
    error, wrapped = InvalidToken("Unauthorized"), InvalidToken("refused: 100:TEST")
    error.__cause__ = cause
    wrapped.__cause__ = error
    return wrapped


async def attempt(error: Exception, *, is_first: bool) -> bool:
    async def fail() -> None:
        raise error

    return await Retry("asking", asyncio.Event(), is_first=is_first).attempt(fail)


@pytest.mark.parametrize("error", [refusal(), InvalidToken("Not Found")])
async def test_a_token_that_telegram_refuses_at_the_start_is_given_up(error: Exception) -> None:
    with pytest.raises(TokenRefusedError, match=r"^TELEGRAM_BOT_TOKEN: .*$") as caught:
        await attempt(error, is_first=True)
    assert "TEST" not in str(caught.value)


async def test_a_page_of_something_on_the_way_refuses_no_token() -> None:
    assert not await attempt(refusal(TelegramError("Invalid server response")), is_first=True)


async def test_a_token_that_was_taken_once_is_not_given_up(
    caplog: pytest.LogCaptureFixture,
) -> None:
    assert not await attempt(refusal(), is_first=False)
    assert caplog.messages == ["asking fails (InvalidToken, InvalidToken); trying again"]


async def test_the_database_is_asked_again_soon_however_long_it_has_failed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retry, "FIRST_PAUSE", 1000.0)
    monkeypatch.setattr(retry, "DATABASE_PAUSE", 0.001)
    async with asyncio.timeout(5):
        assert not await attempt(sqlite3.OperationalError("disk is full"), is_first=False)
