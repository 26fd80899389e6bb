"""Interactive calls leave at once, unless Telegram has told us to leave that chat alone."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import BadRequest, RetryAfter, TimedOut
from telegram.ext import ExtBot

from bot.chat.limiter import PACED, InteractiveLimiter, Postponed
from bot.chat.pacing import PER_CHAT, Pacing
from bot.ops import Metrics
from bot.sandbox.telegram import TelegramFault, TelegramSandbox
from bot.sandbox.telegram.faults import FaultKind
from tests.integration.intake.helpers import ANN, BOB

LimitedBot = ExtBot[Mapping[str, bool]]
Kept = list[tuple[int, str]]
BUTTON = InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data="x")]])


@pytest.fixture
def pacing() -> Pacing:
    return Pacing()


@pytest.fixture
def kept() -> Kept:
    """What was left to the outbox: chat and text."""
    return []


@pytest.fixture
async def limited(
    telegram: TelegramSandbox, telegram_url: str, pacing: Pacing, metrics: Metrics, kept: Kept
) -> AsyncIterator[LimitedBot]:
    async def keep(chat_id: int, message: Mapping[str, Any]) -> None:
        kept.append((chat_id, message["text"]))

    telegram.open_private(ANN)
    telegram.open_private(BOB)
    limiter = InteractiveLimiter(pacing, metrics, keep)
    async with ExtBot("100:TEST", base_url=f"{telegram_url}/bot", rate_limiter=limiter) as bot:
        yield bot


def _fill(pacing: Pacing, chat_id: int) -> None:
    """Send as much as a chat that had nothing before may have at once, less one message."""
    for _ in range(PER_CHAT[1] - 1):
        pacing.note_sent(chat_id)


async def test_answers_to_a_person_are_not_held_back_and_are_counted(
    limited: LimitedBot, telegram: TelegramSandbox, pacing: Pacing
) -> None:
    for number in range(6):
        await limited.send_message(ANN, f"{number}")
    assert len(telegram.messages_to(ANN)) == 6
    assert pacing.forced_wait(ANN) == 0
    _fill(pacing, ANN)
    assert pacing.wait_for(ANN) > 0


async def test_a_short_429_is_waited_for_and_the_call_made_once_more(
    limited: LimitedBot, telegram: TelegramSandbox, metrics: Metrics
) -> None:
    telegram.inject(TelegramFault("sendMessage", "429", retry_after=1))
    begun = time.monotonic()
    await limited.send_message(ANN, "hello")
    assert time.monotonic() - begun >= 1
    assert [call.status for call in telegram.calls_of("sendMessage")] == [429, 200]
    assert metrics.registry.get_sample_value("spotsms_bot_telegram_floods_total") == 1


async def test_after_a_long_429_messages_wait_in_the_outbox_and_telegram_is_not_asked_again(
    limited: LimitedBot, telegram: TelegramSandbox, pacing: Pacing, kept: Kept
) -> None:
    telegram.inject(TelegramFault("sendMessage", "429", retry_after=30))
    for number in range(2):
        with pytest.raises(Postponed):
            await limited.send_message(ANN, f"{number}")
    assert kept == [(ANN, "0"), (ANN, "1")]
    assert len(telegram.calls_of("sendMessage")) == 1
    assert 25 < pacing.forced_wait(ANN) <= 30


async def test_one_chats_429_does_not_hold_back_another(
    limited: LimitedBot, telegram: TelegramSandbox
) -> None:
    telegram.inject(TelegramFault("sendMessage", "429", chat_id=ANN, retry_after=30))
    with pytest.raises(RetryAfter):
        await limited.send_message(ANN, "hello")
    await limited.send_message(BOB, "hello")
    assert len(telegram.messages_to(BOB)) == 1


async def test_a_second_429_in_a_row_is_the_last(
    limited: LimitedBot, telegram: TelegramSandbox
) -> None:
    telegram.inject(TelegramFault("sendMessage", "429", retry_after=1, times=None))
    with pytest.raises(RetryAfter):
        await limited.send_message(ANN, "hello")
    assert len(telegram.calls_of("sendMessage")) == 2


@pytest.mark.parametrize("kind", ["5xx", "html", "drop", "drop_after"])
async def test_a_hiccup_of_telegram_costs_nobody_an_answer(
    limited: LimitedBot, telegram: TelegramSandbox, kind: FaultKind
) -> None:
    telegram.inject(TelegramFault("sendMessage", kind, times=2))
    await limited.send_message(ANN, "hello")
    assert telegram.messages_to(ANN)


async def test_an_outage_of_telegram_is_waited_for_as_long_as_a_person_waits(
    limited: LimitedBot, telegram: TelegramSandbox, kept: Kept
) -> None:
    telegram.inject(TelegramFault("sendMessage", "drop", times=None))
    with pytest.raises(Postponed):
        await asyncio.wait_for(limited.send_message(ANN, "hello"), 10)
    assert kept == [(ANN, "hello")]


async def test_a_call_is_not_repeated_into_a_pause_that_began_meanwhile(
    limited: LimitedBot, telegram: TelegramSandbox, pacing: Pacing
) -> None:
    telegram.inject(TelegramFault("sendMessage", "drop"))
    sending = asyncio.ensure_future(limited.send_message(ANN, "hello"))
    await telegram.wait_for(lambda: bool(telegram.calls_of("sendMessage")))
    pacing.note_flood(ANN, 30)
    with pytest.raises(RetryAfter):
        await sending
    assert len(telegram.calls_of("sendMessage")) == 1


async def test_a_refusal_is_not_asked_for_again(
    limited: LimitedBot, telegram: TelegramSandbox
) -> None:
    with pytest.raises(BadRequest):
        await limited.send_message(ANN, "")
    assert len(telegram.calls_of("sendMessage")) == 1


async def test_calls_that_post_nothing_pass_even_in_a_pause(
    limited: LimitedBot, pacing: Pacing
) -> None:
    pacing.note_flood(ANN, 30)
    await limited.get_me()
    await limited.send_chat_action(ANN, "typing")
    with pytest.raises(BadRequest):
        await limited.answer_callback_query("unknown")
    await limited.send_chat_action(BOB, "typing")
    _fill(pacing, BOB)
    assert pacing.wait_for(BOB) == 0


async def test_paced_calls_pass_uncounted(
    limited: LimitedBot, telegram: TelegramSandbox, pacing: Pacing
) -> None:
    pacing.note_flood(ANN, 30)
    await limited.send_message(ANN, "hello", rate_limit_args=PACED)
    assert len(telegram.messages_to(ANN)) == 1
    telegram.inject(TelegramFault("sendMessage", "429", retry_after=1))
    with pytest.raises(RetryAfter):
        await limited.send_message(BOB, "hello", rate_limit_args=PACED)
    assert pacing.wait_for(BOB) == 0


async def test_an_edit_that_cannot_go_out_is_given_up(
    limited: LimitedBot, pacing: Pacing, kept: Kept
) -> None:
    sent = await limited.send_message(ANN, "hello")
    pacing.note_flood(ANN, 30)
    with pytest.raises(RetryAfter):
        await limited.edit_message_text("changed", ANN, sent.message_id)
    assert kept == []


async def test_what_telegram_may_have_taken_is_not_sent_again_later(
    limited: LimitedBot, telegram: TelegramSandbox, kept: Kept
) -> None:
    telegram.inject(TelegramFault("sendMessage", "stall"))
    with pytest.raises(TimedOut):
        await limited.send_message(ANN, "hello", read_timeout=0.1)
    assert kept == []


@pytest.mark.parametrize("kind", ["5xx", "html", "drop"])
async def test_a_press_is_answered_although_telegram_has_a_hiccup(
    limited: LimitedBot, telegram: TelegramSandbox, kind: FaultKind
) -> None:
    sent = await limited.send_message(ANN, "hello", reply_markup=BUTTON)
    press = telegram.press(ANN, ANN, sent.message_id, "x")
    telegram.inject(TelegramFault("answerCallbackQuery", kind, times=2))
    await limited.answer_callback_query(press.id, "done")
    assert (await press.answered()).text == "done"


async def test_a_press_is_answered_after_a_short_429(
    limited: LimitedBot, telegram: TelegramSandbox
) -> None:
    sent = await limited.send_message(ANN, "hello", reply_markup=BUTTON)
    press = telegram.press(ANN, ANN, sent.message_id, "x")
    telegram.inject(TelegramFault("answerCallbackQuery", "429", retry_after=1))
    await limited.answer_callback_query(press.id, "done")
    assert (await press.answered()).text == "done"


@pytest.mark.parametrize("kind", ["429", "5xx", "drop"])
async def test_admins_are_known_although_telegram_has_a_hiccup(
    limited: LimitedBot, telegram: TelegramSandbox, kind: FaultKind
) -> None:
    telegram.add_group(-4001, "Team")
    telegram.add_bot(-4001)
    telegram.inject(TelegramFault("getChatAdministrators", kind, retry_after=1))
    await limited.get_chat_administrators(-4001)
    assert len(telegram.calls_of("getChatAdministrators")) == 2


async def test_calls_side_by_side_share_one_pause(
    limited: LimitedBot, telegram: TelegramSandbox
) -> None:
    telegram.inject(TelegramFault("sendMessage", "429", retry_after=2))
    await limited.send_message(ANN, "first")
    begun = time.monotonic()
    await asyncio.gather(*(limited.send_message(ANN, f"{number}") for number in range(5)))
    assert time.monotonic() - begun < 2
