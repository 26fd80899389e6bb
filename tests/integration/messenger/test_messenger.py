"""What the outbox holds reaches its chat over real HTTP; refusals come back as what they are."""

import pytest

from bot.domain import notice
from bot.domain.activation import CloseReason, State
from bot.domain.notice import Alert, NoticeKind
from bot.sandbox.telegram import JsonObject, TelegramFault, TelegramSandbox
from bot.storage import activations, outbox
from bot.workflows.ports import ChatGone, ChatMoved, Refused, TryLater, Unreachable
from tests.integration.messenger.desk import ANNA, BORIS, GROUP, OWNER, Desk


def last(telegram: TelegramSandbox, chat_id: int) -> JsonObject:
    message: JsonObject = telegram.chat(chat_id).messages[-1]
    return message


def team(telegram: TelegramSandbox, *, is_forum: bool = False) -> None:
    telegram.add_group(GROUP, "Team", "supergroup", is_forum=is_forum)
    telegram.join(GROUP, ANNA)
    telegram.join(GROUP, BORIS)
    telegram.add_bot(GROUP)


async def test_a_card_is_sent_once_and_then_edited_in_place(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    number = await desk.number()
    card_id = await desk.card(number)
    assert card_id == last(telegram, ANNA)["message_id"]
    assert "Waiting for the SMS" in last(telegram, ANNA)["text"]
    await desk.change(number, cancel_reason=CloseReason.BUYER, cancel_at=0)
    assert await desk.card(number) is None
    assert "Cancelling" in last(telegram, ANNA)["text"]
    assert last(telegram, ANNA)["message_id"] == card_id


async def test_a_card_that_has_not_changed_counts_as_delivered(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    number = await desk.change(await desk.number(), expires_at=None)
    await desk.card(number)
    assert await desk.card(number) is None
    assert telegram.calls_of("editMessageText")[-1].status == 400
    assert len(telegram.messages_to(ANNA)) == 1


async def test_a_card_that_is_gone_is_sent_anew(telegram: TelegramSandbox, desk: Desk) -> None:
    number = await desk.change(await desk.number(), card_message_id=9999)
    assert await desk.card(number) == last(telegram, ANNA)["message_id"]


async def test_a_code_replies_to_its_card(telegram: TelegramSandbox, desk: Desk) -> None:
    number = await desk.number()
    card_id = await desk.card(number)
    assert await desk.tell(notice.code(number, await desk.code(number)))
    assert last(telegram, ANNA)["reply_to_message"]["message_id"] == card_id
    assert "4711" in last(telegram, ANNA)["text"]
    copy = last(telegram, ANNA)["reply_markup"]["inline_keyboard"][0][0]["copy_text"]
    assert copy == {"text": "4711"}


async def test_a_code_that_telegram_refuses_is_sent_as_plain_text(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    number = await desk.number()
    await desk.card(number)
    telegram.inject(TelegramFault("sendMessage", "5xx", status=400))
    await desk.tell(notice.code(number, await desk.code(number)))
    assert "4711" in last(telegram, ANNA)["text"]
    assert "reply_markup" not in last(telegram, ANNA)


async def test_a_card_that_telegram_refuses_shows_its_number_plainly(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    number = await desk.number()
    await desk.card(number)
    await desk.change(number, expires_at=None)
    telegram.inject(TelegramFault("editMessageText", "5xx", status=400))
    await desk.card(number)
    shown = last(telegram, ANNA)
    assert "+12025550123" in shown["text"]
    assert {"bold", "code"}.isdisjoint(entity["type"] for entity in shown["entities"])
    buttons = [one for row in shown["reply_markup"]["inline_keyboard"] for one in row]
    assert [set(button) for button in buttons] == [{"text", "callback_data"}]


async def test_a_code_arrives_although_its_card_was_deleted(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    number = await desk.change(await desk.number(), card_message_id=9999)
    await desk.tell(notice.code(number, await desk.code(number)))
    assert "4711" in last(telegram, ANNA)["text"]


async def test_a_group_s_code_goes_to_its_buyer_in_private_and_names_the_group(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    team(telegram)
    number = await desk.number(chat=GROUP)
    await desk.card(number)
    await desk.tell(notice.code(number, await desk.code(number)))
    assert "4711" in last(telegram, ANNA)["text"]
    assert "Team" in last(telegram, ANNA)["text"]
    assert not any("4711" in str(message) for message in telegram.chat(GROUP).messages)


async def test_a_buyer_who_never_spoke_to_the_bot_cannot_be_reached_in_private(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    team(telegram)
    number = await desk.number(BORIS, GROUP)
    code_id = await desk.code(number)
    with pytest.raises(ChatGone):
        await desk.tell(notice.code(number, code_id))
    await desk.tell(notice.reveal(number, code_id))
    offer = last(telegram, GROUP)
    assert "Boris" in offer["text"]
    assert "4711" not in str(offer)


async def test_an_erased_code_is_owned_up_to(telegram: TelegramSandbox, desk: Desk) -> None:
    number = await desk.number()
    code_id = await desk.code(number)
    async with desk.database.write() as connection:
        await activations.purge_codes(connection, desk.clock.now() + 1)
    await desk.tell(notice.code(number, code_id))
    assert "erased" in last(telegram, ANNA)["text"]


async def test_a_topic_is_kept(telegram: TelegramSandbox, desk: Desk) -> None:
    team(telegram, is_forum=True)
    thread_id = telegram.add_topic(GROUP, "Numbers")
    await desk.card(await desk.number(chat=GROUP, thread_id=thread_id))
    assert last(telegram, GROUP)["message_thread_id"] == thread_id


async def test_where_a_topic_is_closed_the_group_itself_is_told(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    team(telegram, is_forum=True)
    thread_id = telegram.add_topic(GROUP, "Numbers")
    telegram.close_topic(GROUP, thread_id)
    await desk.card(await desk.number(chat=GROUP, thread_id=thread_id))
    assert "WhatsApp" in last(telegram, GROUP)["text"]
    assert "message_thread_id" not in last(telegram, GROUP)


async def test_an_expiry_rings(telegram: TelegramSandbox, desk: Desk) -> None:
    number = await desk.number()
    card_id = await desk.card(number)
    await desk.change(number, state=State.EXPIRED, rs_id=None)
    assert await desk.about(NoticeKind.EXPIRED, ANNA, number)
    assert "Expired" in last(telegram, ANNA)["text"]
    assert last(telegram, ANNA)["reply_to_message"]["message_id"] == card_id


@pytest.mark.parametrize("kind", [NoticeKind.UNKNOWN, NoticeKind.UNKNOWN_OWNER, NoticeKind.EXPIRED])
async def test_what_is_not_so_any_more_is_not_told(
    telegram: TelegramSandbox, desk: Desk, kind: NoticeKind
) -> None:
    assert await desk.about(kind, ANNA, await desk.number()) is None
    assert telegram.messages_to(ANNA) == []


async def test_an_unknown_outcome_is_told_to_buyer_and_owner(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    number = await desk.change(await desk.number(), state=State.UNKNOWN, number=None)
    await desk.about(NoticeKind.UNKNOWN, ANNA, number)
    assert "unknown" in last(telegram, ANNA)["text"]
    for told in notice.unknown(number, (OWNER,)):
        if told.chat_id == OWNER:
            await desk.tell(told)
    assert "unknown" in last(telegram, OWNER)["text"]
    assert "Anna" in last(telegram, OWNER)["text"]


async def test_the_owner_is_asked_about_a_stranger(telegram: TelegramSandbox, desk: Desk) -> None:
    facts = {
        "chat_id": BORIS,
        "kind": "private",
        "title": "",
        "name": "Boris",
        "username": None,
        "user_id": BORIS,
    }
    await desk.about(NoticeKind.ACCESS_REQUEST, OWNER, facts=facts)
    styles = [one["style"] for one in last(telegram, OWNER)["reply_markup"]["inline_keyboard"][0]]
    assert styles == ["success", "danger"]


async def test_a_decision_and_an_alert_are_told(telegram: TelegramSandbox, desk: Desk) -> None:
    await desk.about(NoticeKind.ACCESS_DECIDED, ANNA, facts={"approved": True})
    assert "approved" in last(telegram, ANNA)["text"]
    facts = {"alert": Alert.LOW_BALANCE, "amount": "$1.00"}
    for told in notice.alerts(Alert.LOW_BALANCE, (OWNER,), 1, facts):
        await desk.tell(told)
    assert "$1.00" in last(telegram, OWNER)["text"]


async def test_a_flood_limit_is_reported_at_once_with_its_seconds(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    telegram.inject(TelegramFault("sendMessage", "429", retry_after=1))
    with pytest.raises(TryLater) as caught:
        await desk.card(await desk.number())
    assert caught.value.seconds == 1
    assert len(telegram.calls_of("sendMessage")) == 1


@pytest.mark.parametrize("kind", ["5xx", "html", "drop", "drop_after"])
async def test_where_telegram_fails_the_message_is_to_be_tried_again(
    telegram: TelegramSandbox, desk: Desk, kind: str
) -> None:
    telegram.inject(TelegramFault("sendMessage", kind))  # type: ignore[arg-type]  # parametrised
    with pytest.raises(Unreachable):
        await desk.card(await desk.number())


async def test_a_user_who_blocked_the_bot_is_gone(telegram: TelegramSandbox, desk: Desk) -> None:
    telegram.block_bot(ANNA)
    with pytest.raises(ChatGone):
        await desk.card(await desk.number())


async def test_a_group_that_removed_the_bot_is_gone(telegram: TelegramSandbox, desk: Desk) -> None:
    team(telegram)
    telegram.remove_bot(GROUP)
    with pytest.raises(ChatGone):
        await desk.card(await desk.number(chat=GROUP))


async def test_a_group_that_became_a_supergroup_names_its_new_id(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    telegram.add_group(-77, "Team", "group")
    telegram.join(-77, ANNA)
    telegram.add_bot(-77)
    new_id = telegram.migrate(-77)
    with pytest.raises(ChatMoved) as caught:
        await desk.about(NoticeKind.ACCESS_DECIDED, -77, facts={"approved": True})
    assert caught.value.chat_id == new_id


async def test_a_row_that_says_nothing_is_refused_for_good(desk: Desk) -> None:
    with pytest.raises(Refused):
        await desk.about(NoticeKind.CODE, ANNA)


async def test_a_late_answer_goes_out_as_it_was_meant(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    team(telegram, is_forum=True)
    topic = telegram.add_topic(GROUP, "Shopping")
    asked = telegram.say(ANNA, GROUP, "/help", thread_id=topic)
    message = {
        "text": "<b>How it works</b>",
        "parse_mode": "HTML",
        "message_thread_id": topic,
        "reply_parameters": {"message_id": asked["message_id"]},
        "reply_markup": {"inline_keyboard": [[{"text": "Close", "callback_data": "x"}]]},
    }
    await desk.tell(notice.answer(GROUP, "1", message))
    shown = last(telegram, GROUP)
    assert shown["text"] == "How it works"
    assert shown["entities"][0]["type"] == "bold"
    assert shown["message_thread_id"] == topic
    assert shown["reply_to_message"]["message_id"] == asked["message_id"]
    assert shown["reply_markup"] == message["reply_markup"]


async def test_an_answer_that_nobody_waits_for_any_more_is_not_sent(
    telegram: TelegramSandbox, desk: Desk
) -> None:
    late = notice.answer(ANNA, "1", {"text": "long ago"})
    async with desk.database.write() as connection:
        await outbox.enqueue(connection, late, desk.clock.now() - 121_000)
    async with desk.database.read() as connection:
        [row] = await outbox.due(connection, desk.clock.now(), 1)
    assert await desk.messenger.deliver(row) is None
    assert not telegram.calls_of("sendMessage")
