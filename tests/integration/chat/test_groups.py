"""Groups: whose press counts, who reads a code, where an answer goes."""

from dataclasses import replace

import pytest

from bot.sandbox.telegram import TelegramFault
from bot.workflows.access import Doorkeeper
from bot.workflows.overview import Overview
from tests.integration.chat.helpers import (
    ANN,
    BOB,
    EVE,
    FORUM,
    GROUP,
    OWNER,
    Stage,
    data_of,
    words_on,
)


@pytest.fixture
async def group(stage: Stage) -> int:
    return await stage.open_group()


async def test_a_group_that_the_bot_is_added_to_is_greeted(stage: Stage, group: int) -> None:
    await stage.see(group, "/buy gets one")


async def test_only_the_one_who_asked_may_confirm(stage: Stage, group: int) -> None:
    quote = await stage.quote(ANN, group)
    answer = await stage.press(EVE, "Confirm", group)
    assert answer.show_alert
    assert "Only the one who started this" in answer.text
    assert stage.now(quote) == quote
    assert not stage.spotsms.purchases


async def test_only_the_one_who_asked_may_walk_on(stage: Stage, group: int) -> None:
    services = await stage.say(ANN, "/buy", group)
    for words in ("▶", "Search", "Close"):
        answer = await stage.press(EVE, words, group)
        assert "Only the one who started this" in answer.text
    assert stage.now(services) == services


async def test_a_search_in_a_group_is_a_reply_to_a_question(stage: Stage, group: int) -> None:
    await stage.say(ANN, "/buy", group)
    await stage.press(ANN, "Search", group)
    question = await stage.see(group, "Reply with its name")
    assert question["text"].startswith("Ann")
    reply = stage.telegram.say(ANN, group, "microsft", reply_to=question["message_id"])
    await stage.telegram.wait_message(group, "Which country", after=reply["message_id"])
    await stage.press(ANN, "Search", group)
    question = await stage.see(group, "Which country? Reply", after=reply["message_id"])
    reply = stage.telegram.say(ANN, group, "icelnd", reply_to=question["message_id"])
    quote = await stage.see(group, "Price: $0.0882", after=reply["message_id"])
    assert quote["reply_to_message"]["message_id"] == reply["message_id"]


async def test_who_has_no_first_name_is_called_by_their_id(stage: Stage, group: int) -> None:
    ann = stage.telegram.users[ANN]
    stage.telegram.users[ANN] = replace(ann, first_name="")
    assert "Hello, 502!" in (await stage.say(ANN, "/start", group))["text"]
    await stage.say(ANN, "/buy", group)
    await stage.press(ANN, "Search", group)
    question = await stage.see(group, "Reply with its name")
    assert question["text"].startswith("502 ↩")
    await stage.buy(ANN, group)
    told = stage.telegram.say(ANN, group, "/stats 7d 502")
    await stage.telegram.wait_message(
        group, lambda one: one.get("caption", "").startswith("502"), after=told["message_id"]
    )


async def test_talk_in_a_group_is_not_answered(stage: Stage, group: int) -> None:
    hello = await stage.see(group, "/buy gets one")
    stage.telegram.say(ANN, group, "whatsapp turkey?", reply_to=hello["message_id"])
    stage.telegram.say(ANN, group, "/unheardof")
    helped = await stage.say(ANN, "/help", group)
    assert "How it works" in helped["text"]
    from_bot = [one for one in stage.telegram.chat(group).messages if one["from"]["is_bot"]]
    assert len(from_bot) == 2


async def test_the_quote_of_an_anonymous_admin_binds_to_the_first_admin_who_taps(
    stage: Stage,
) -> None:
    await stage.open_group(FORUM)
    said = stage.telegram.say(BOB, FORUM, "/buy microsoft iceland", anonymous=True)
    await stage.see(FORUM, "Price: $0.0882", after=said["message_id"])
    answer = await stage.press(EVE, "Confirm", FORUM)
    assert "Only the one who started this" in answer.text
    assert (await stage.press(OWNER, "Confirm", FORUM)).text == "Buying…"
    card = await stage.see_button(FORUM, "Cancel")
    assert "Olga" in card["text"]
    assert "Cancelling" in (await stage.say(BOB, "/cancel 1", FORUM))["text"]


async def test_a_number_can_be_cancelled_by_its_buyer_or_an_admin_of_the_group(
    stage: Stage, group: int
) -> None:
    await stage.buy(ANN, group)
    answer = await stage.press(EVE, "Cancel", group)
    assert answer.show_alert
    assert not stage.spotsms.calls_of("cancelRsActivation")
    assert (await stage.press(BOB, "Cancel", group)).text == "Cancelling…"
    await stage.see(group, "Cancelled by an admin. Refunded $0.0882.")


async def test_an_admin_cancels_a_member_s_number_by_its_id(stage: Stage, group: int) -> None:
    await stage.buy(ANN, group)
    assert "no such number" in (await stage.say(EVE, "/cancel 1", group))["text"]
    assert "Cancelling" in (await stage.say(OWNER, "/cancel #1", group))["text"]
    await stage.see(group, "Cancelled by an admin")


async def test_a_code_goes_to_its_buyer_in_private(stage: Stage, group: int) -> None:
    await stage.say(ANN, "/start")
    await stage.buy(ANN, group)
    stage.spotsms.send_sms(stage.spotsms.purchases[0].number, "Your code is 246810")
    await stage.see(ANN, "246810")
    await stage.see(group, "code")
    assert "246810" not in str(stage.telegram.chat(group).messages)
    assert "246810" not in (await stage.say(ANN, "/numbers", group))["text"]
    assert "246810" in (await stage.say(ANN, "/numbers"))["text"]


async def test_a_buyer_without_a_private_chat_has_the_code_revealed_to_them_alone(
    stage: Stage, group: int
) -> None:
    await stage.buy(ANN, group)
    stage.spotsms.send_sms(stage.spotsms.purchases[0].number, "Your code is 246810")
    await stage.see_button(group, "Show the code")
    other = await stage.press(EVE, "Show the code", group)
    assert other.text == "Only its buyer sees this code."
    own = await stage.press(ANN, "Show the code", group)
    assert own.show_alert
    assert "246810" in own.text


async def test_answers_stay_in_their_topic(stage: Stage) -> None:
    await stage.open_group(FORUM)
    topic = stage.telegram.add_topic(FORUM, "Numbers")
    stage.telegram.say(ANN, FORUM, "/buy microsoft iceland", thread_id=topic)
    quote = await stage.see(FORUM, "Price: $0.0882")
    assert quote["message_thread_id"] == topic
    await stage.press(ANN, "Confirm", FORUM)
    await stage.see_button(FORUM, "Cancel")
    await stage.press(ANN, "Cancel", FORUM)
    await stage.see(FORUM, "Cancelled")
    await stage.press(ANN, "Buy again", FORUM)
    again = await stage.see(FORUM, "Price", after=quote["message_id"])
    assert again["message_thread_id"] == topic


async def test_a_group_that_became_a_supergroup_keeps_its_numbers(stage: Stage, group: int) -> None:
    await stage.buy(ANN, group)
    new_id = stage.telegram.migrate(group)
    stage.spotsms.send_sms(stage.spotsms.purchases[0].number, "246810")
    await stage.see_button(new_id, "Show the code")
    numbers = await stage.say(ANN, "/numbers", new_id)
    assert "Microsoft" in numbers["text"]


async def test_an_edit_that_telegram_refuses_stops_nothing(stage: Stage, group: int) -> None:
    await stage.say(ANN, "/buy", group)
    stage.telegram.inject(TelegramFault("editMessageText", "5xx"))
    await stage.press(ANN, "▶", group)
    await stage.press(ANN, "▶", group)
    await stage.see(group, "Page 2")


async def test_a_forged_press_changes_nobody_else_s_message(stage: Stage, group: int) -> None:
    services = await stage.say(EVE, "/buy", group)
    card = await stage.buy(ANN, group)
    await stage.forge(EVE, card, data_of(services, "▶"))
    await stage.see(group, "Page 2", after=card["message_id"])
    assert stage.now(card) == card
    assert "Cancel" in words_on(card)


async def test_an_anonymous_admin_is_told_why_nothing_of_theirs_is_shown(stage: Stage) -> None:
    await stage.open_group(FORUM)
    for command in ("/numbers", "/history", "/cancel"):
        said = stage.telegram.say(BOB, FORUM, command, anonymous=True)
        await stage.see(FORUM, "I cannot see who you are", after=said["message_id"])


@pytest.mark.parametrize("chat_id", [None, GROUP])
async def test_a_command_that_fails_is_answered_once(
    stage: Stage, group: int, monkeypatch: pytest.MonkeyPatch, chat_id: int | None
) -> None:
    del group
    await stage.say(ANN, "/start", chat_id)

    async def failing(*_: object) -> None:
        raise OSError("the disk is gone")

    with monkeypatch.context() as patched:
        patched.setattr(Doorkeeper, "admit", failing)
        patched.setattr(Overview, "numbers", failing)
        failed = await stage.say(ANN, "/numbers", chat_id)
        assert "Something went wrong here" in failed["text"]
    helped = await stage.say(ANN, "/help", chat_id)
    assert "How it works" in helped["text"]
    told = [one["text"] for one in stage.telegram.messages_to(chat_id or ANN)]
    assert sum("Something went wrong" in text for text in told) == 1
