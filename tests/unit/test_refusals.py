"""Failures of the Bot API are split by what the sender may do."""

from datetime import timedelta

import pytest
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.chat.refusals import delivery_error
from bot.workflows.ports import ChatGone, ChatMoved, Refused, TryLater, Unreachable


@pytest.fixture(autouse=True)
def _durations_as_the_bot_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


def test_a_flood_limit_says_how_long_to_wait() -> None:
    found = delivery_error(RetryAfter(timedelta(seconds=7)))
    assert isinstance(found, TryLater)
    assert found.seconds == 7


def test_a_group_that_became_a_supergroup_is_followed() -> None:
    found = delivery_error(ChatMigrated(-100))
    assert isinstance(found, ChatMoved)
    assert found.chat_id == -100


@pytest.mark.parametrize(
    "error",
    [
        TimedOut(),
        NetworkError("httpx.ConnectError"),
        NetworkError("Bad Gateway"),
        TelegramError("Invalid server response"),
        InvalidToken(),
        Conflict("terminated by other getUpdates request"),
    ],
)
def test_what_says_nothing_about_the_message_is_tried_again(error: TelegramError) -> None:
    assert isinstance(delivery_error(error), Unreachable)


@pytest.mark.parametrize("kind", [BadRequest, Forbidden])
def test_a_refusal_that_is_not_telegram_s_own_is_tried_again(kind: type[TelegramError]) -> None:
    error = kind("Unknown HTTPError")
    error.__cause__ = TelegramError("Invalid server response")
    assert isinstance(delivery_error(error), Unreachable)


@pytest.mark.parametrize(
    "error",
    [
        Forbidden("Forbidden: bot was blocked by the user"),
        Forbidden("Forbidden: bot was kicked from the supergroup chat"),
        Forbidden("Forbidden: bot can't initiate conversation with a user"),
        BadRequest("Chat not found"),
        BadRequest("User is deactivated"),
        BadRequest("Not enough rights to send text messages to the chat"),
        BadRequest("Have no rights to send a message"),
        BadRequest("Chat_write_forbidden"),
        BadRequest("Bot is not a member of the channel chat"),
        BadRequest("Topic_closed"),
    ],
)
def test_a_chat_that_cannot_be_written_to_is_parked(error: TelegramError) -> None:
    assert isinstance(delivery_error(error), ChatGone)


@pytest.mark.parametrize(
    "words", ["Message is too long", "Can't parse entities: …", "Button_data_invalid"]
)
def test_a_message_that_telegram_will_never_take_is_refused(words: str) -> None:
    assert isinstance(delivery_error(BadRequest(words)), Refused)
