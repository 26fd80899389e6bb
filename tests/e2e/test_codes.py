"""A code that the provider showed reaches its chat, and nobody else."""

import asyncio

import pytest

from bot.sandbox.telegram import TelegramFault
from tests.e2e.installation import ANNA, BORIS, GROUP, Installation, digits, has_button


async def test_a_crash_loses_no_code(installation: Installation) -> None:
    await installation.start()
    purchase, card = await installation.buy(ANNA)
    await installation.kill()
    installation.spotsms.send_sms(purchase.number, "Code 90210")
    await installation.start()
    await installation.telegram.wait_message(ANNA, "90210", after=card["message_id"])


async def test_a_code_seen_while_telegram_is_away_is_told_when_it_is_back(
    installation: Installation,
) -> None:
    await installation.start()
    purchase, card = await installation.buy(ANNA)
    installation.telegram.inject(TelegramFault("sendMessage", "drop", times=None))
    installation.spotsms.send_sms(purchase.number, "Code 31337")
    await installation.spotsms.wait_for(lambda: purchase.polls > 3)
    await asyncio.to_thread(_wait_for_row, installation, "select 1 from codes")
    await installation.kill()
    installation.telegram.clear_faults()
    await installation.start()
    await installation.telegram.wait_message(ANNA, "31337", after=card["message_id"])


async def test_a_flood_limit_delays_a_code_and_does_not_lose_it(
    installation: Installation,
) -> None:
    await installation.start()
    purchase, card = await installation.buy(ANNA)
    installation.telegram.inject(TelegramFault("sendMessage", "429", chat_id=ANNA, retry_after=2))
    installation.spotsms.send_sms(purchase.number, "Code 77001")
    await installation.telegram.wait_message(ANNA, "77001", after=card["message_id"], timeout=8)


async def test_a_second_different_code_is_told_too_and_the_same_one_only_once(
    installation: Installation,
) -> None:
    await installation.start(poll_interval=0.3)
    purchase, card = await installation.buy(ANNA)
    installation.spotsms.send_sms(purchase.number, "Code 1111")
    first = await installation.telegram.wait_message(ANNA, "1111", after=card["message_id"])
    installation.spotsms.send_sms(purchase.number, "Code 2222")
    await installation.telegram.wait_message(ANNA, "2222", after=first["message_id"])
    polls = purchase.polls
    await installation.spotsms.wait_for(lambda: purchase.polls > polls + 2)
    told = [one for one in installation.telegram.messages_to(ANNA) if "1111" in one["text"]]
    assert [one["message_id"] for one in told if one["message_id"] != card["message_id"]] == [
        first["message_id"]
    ]


async def test_a_code_after_the_cancellation_is_told_all_the_same(
    installation: Installation,
) -> None:
    await installation.start()
    purchase, card = await installation.buy(ANNA)
    await installation.telegram.press_button(ANNA, ANNA, "cancel", card["message_id"]).answered()
    await installation.card(card, "refund")
    installation.spotsms.send_sms(purchase.number, "Code 65001")
    await installation.telegram.wait_message(ANNA, "65001", after=card["message_id"])


@pytest.mark.timing
async def test_one_chat_that_cannot_be_reached_delays_no_other(
    installation: Installation,
) -> None:
    await installation.start()
    first, _ = await installation.buy(ANNA)
    second, card = await installation.buy(BORIS)
    installation.telegram.inject(
        TelegramFault("sendMessage", "stall", chat_id=ANNA, seconds=30, times=None)
    )
    installation.spotsms.send_sms(first.number, "Code 40401")
    installation.spotsms.send_sms(second.number, "Code 50501")
    await installation.telegram.wait_message(BORIS, "50501", after=card["message_id"], timeout=2)


async def test_a_group_s_code_goes_to_its_buyer_in_private(installation: Installation) -> None:
    telegram = installation.telegram
    _team(installation)
    telegram.open_private(ANNA)
    await installation.start()
    purchase, _ = await installation.buy(ANNA, chat=GROUP)
    installation.spotsms.send_sms(purchase.number, "Code 12021")
    await telegram.wait_message(ANNA, "12021")
    assert not any("12021" in str(one.get("text")) for one in telegram.chat(GROUP).messages)


async def test_a_buyer_who_never_spoke_to_the_bot_has_the_code_shown_in_the_group_alone(
    installation: Installation,
) -> None:
    telegram = installation.telegram
    _team(installation)
    await installation.start()
    purchase, card = await installation.buy(ANNA, chat=GROUP)
    installation.spotsms.send_sms(purchase.number, "Code 15051")
    offer = await telegram.wait_message(
        GROUP, lambda one: has_button(one, "code"), after=card["message_id"]
    )
    assert "15051" not in offer["text"]
    stranger = await telegram.press_button(BORIS, GROUP, "code", offer["message_id"]).answered()
    assert "15051" not in (stranger.text or "")
    buyer = await telegram.press_button(ANNA, GROUP, "code", offer["message_id"]).answered()
    assert "15051" in (buyer.text or "")
    assert buyer.show_alert


async def test_a_topic_is_kept(installation: Installation) -> None:
    telegram = installation.telegram
    telegram.add_group(GROUP, "Team", "supergroup", is_forum=True)
    telegram.join(GROUP, ANNA)
    telegram.add_bot(GROUP)
    thread = telegram.add_topic(GROUP, "Numbers")
    await installation.start()
    asked = telegram.say(ANNA, GROUP, "/buy whatsapp turkey", thread_id=thread)
    quote = await telegram.wait_message(
        GROUP, lambda one: has_button(one, "confirm"), after=asked["message_id"]
    )
    assert quote["message_thread_id"] == thread
    await installation.confirm(ANNA, quote)
    await installation.spotsms.wait_for(lambda: installation.spotsms.purchases)
    purchase = installation.spotsms.purchases[0]
    await installation.card(quote, digits(purchase.number))
    installation.spotsms.send_sms(purchase.number, "Code 19091")
    offer = await telegram.wait_message(GROUP, lambda one: has_button(one, "code"))
    assert offer["message_thread_id"] == thread


async def test_numbers_shows_what_is_open_and_its_codes(installation: Installation) -> None:
    await installation.start()
    purchase, _ = await installation.buy(ANNA)
    installation.spotsms.send_sms(purchase.number, "Code 23032")
    await installation.telegram.wait_message(ANNA, "23032")
    asked = installation.telegram.say(ANNA, ANNA, "/numbers")
    shown = await installation.telegram.wait_message(ANNA, after=asked["message_id"])
    assert digits(purchase.number) in digits(shown["text"])
    assert "23032" in shown["text"]


def _team(installation: Installation) -> None:
    installation.telegram.add_group(GROUP, "Team", "supergroup")
    for user in (ANNA, BORIS):
        installation.telegram.join(GROUP, user)
    installation.telegram.add_bot(GROUP)


def _wait_for_row(installation: Installation, query: str) -> None:
    import time

    for _ in range(100):
        if installation.rows(query):
            return
        time.sleep(0.05)
    raise AssertionError(query)
