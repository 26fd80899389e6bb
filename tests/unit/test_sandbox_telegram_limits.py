"""Telegram's limits on sending, by a clock that the test turns."""

import pytest

from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.limits import Limits
from tests.clocks import HandSeconds


@pytest.fixture
def clock() -> HandSeconds:
    return HandSeconds(0.0)


@pytest.fixture
def limits(clock: HandSeconds) -> Limits:
    return Limits(clock)


def _send(chat_id: int, method: str = "sendMessage") -> Call:
    return Call(method, {"chat_id": chat_id})


def test_a_private_chat_takes_a_small_burst_and_then_one_a_second(
    limits: Limits, clock: HandSeconds
) -> None:
    assert [limits.wait_for(_send(1)) for _ in range(4)] == [0, 0, 0, 1]
    clock.seconds = 1.0
    assert [limits.wait_for(_send(1)) for _ in range(2)] == [0, 1]


def test_a_group_takes_twenty_a_minute(limits: Limits, clock: HandSeconds) -> None:
    assert [limits.wait_for(_send(-1)) for _ in range(21)] == [0] * 20 + [3]
    clock.seconds = 60.0
    assert [limits.wait_for(_send(-1)) for _ in range(21)] == [0] * 20 + [3]


def test_all_chats_together_take_thirty_a_second(limits: Limits, clock: HandSeconds) -> None:
    assert [limits.wait_for(_send(chat_id)) for chat_id in range(1, 32)] == [0] * 30 + [1]
    clock.seconds = 1.0
    assert [limits.wait_for(_send(chat_id)) for chat_id in range(100, 131)] == [0] * 30 + [1]


def test_edits_count_and_answers_and_typing_do_not(limits: Limits) -> None:
    methods = ["sendMessage", "editMessageText", "sendChatAction", "deleteMessage", "copyMessage"]
    assert [limits.wait_for(_send(1, method)) for method in methods] == [0] * 5
    assert limits.wait_for(_send(1, "sendChatAction")) == 0
    assert limits.wait_for(_send(1)) == 1
