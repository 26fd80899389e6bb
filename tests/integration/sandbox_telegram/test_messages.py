"""Messages, edits, replies and buttons, refused in Telegram's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.sandbox.telegram import Answer, TelegramSandbox

if TYPE_CHECKING:
    from tests.integration.sandbox_telegram.conftest import Api

ANN, BOB, NOBODY = 1, 2, 99
BUY = {"inline_keyboard": [[{"text": "Buy now", "callback_data": "buy", "style": "success"}]]}


@pytest.fixture(autouse=True)
def private_chat(sandbox: TelegramSandbox) -> None:
    sandbox.open_private(ANN)


async def test_a_message_carries_parsed_entities_and_its_keyboard(api: Api) -> None:
    text = "<b>Ready</b>: <code>123</code>"
    sent = await api.result(
        "sendMessage", chat_id=ANN, text=text, parse_mode="HTML", reply_markup=BUY
    )
    assert sent["text"] == "Ready: 123"
    assert [one["type"] for one in sent["entities"]] == ["bold", "code"]
    assert sent["reply_markup"] == BUY
    assert sent["chat"] == {
        "id": ANN,
        "type": "private",
        "first_name": "Ann",
        "username": "ann",
    }


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({"text": ""}, "message text is empty"),
        ({"text": "<b> </b>", "parse_mode": "HTML"}, "message text is empty"),
        ({"text": "x" * 4097}, "message is too long"),
        ({"text": "😀" * 2049}, "message is too long"),
        ({"text": "x", "parse_mode": "BBCode"}, "unsupported parse_mode"),
        (
            {"text": "a < b", "parse_mode": "HTML"},
            "can't parse entities: Unclosed start tag at byte offset 2",
        ),
        ({"text": "x", "chat_id": NOBODY}, "chat not found"),
        ({"text": "x", "chat_id": ""}, "chat_id is empty"),
        ({"text": "x", "message_thread_id": 7}, "message thread not found"),
        ({"text": "x", "reply_parameters": {"message_id": 77}}, "message to be replied not found"),
    ],
)
async def test_a_bad_message_is_refused(api: Api, params: dict[str, object], words: str) -> None:
    assert await api.refusal("sendMessage", **{"chat_id": ANN} | params) == f"Bad Request: {words}"


async def test_a_link_to_a_user_is_a_mention_of_those_whom_the_bot_may_know(
    api: Api, sandbox: TelegramSandbox, group: int
) -> None:
    sandbox.add_user(3, "Cid")
    text = 'For <a href="tg://user?id={}">you</a>'

    async def mentioned(chat_id: int, user_id: int) -> list[int]:
        sent = await api.result(
            "sendMessage", chat_id=chat_id, text=text.format(user_id), parse_mode="HTML"
        )
        assert sent["text"] == "For you"
        entities = sent.get("entities", [])
        assert all(one["type"] == "text_mention" for one in entities)
        return [one["user"]["id"] for one in entities]

    assert await mentioned(ANN, ANN) == [ANN]
    assert await mentioned(group, BOB) == [BOB]
    assert await mentioned(ANN, BOB) == []
    assert await mentioned(group, 3) == []
    assert await mentioned(group, NOBODY) == []
    sandbox.open_private(3)
    assert await mentioned(group, 3) == [3]


async def test_markup_does_not_count_against_the_length(api: Api) -> None:
    text = f"<b>{'x' * 4096}</b>"
    sent = await api.result("sendMessage", chat_id=ANN, text=text, parse_mode="HTML")
    assert len(sent["text"]) == 4096


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ({"text": "x", "callback_data": "é" * 33}, "BUTTON_DATA_INVALID"),
        (
            {"text": "x", "callback_data": ""},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        ({"text": "x", "copy_text": {"text": "c" * 257}}, "BUTTON_COPY_TEXT_INVALID"),
        (
            {"text": "x", "url": "spam"},
            "inline keyboard button URL 'spam' is invalid: Wrong HTTP URL",
        ),
        ({"text": " ", "callback_data": "x"}, "inline keyboard button text must be non-empty"),
        (
            {"text": "x"},
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard",
        ),
        (
            {"text": "x", "callback_data": "x", "style": "pink"},
            "can't parse inline keyboard button: invalid button style specified",
        ),
    ],
)
async def test_a_bad_button_is_refused(api: Api, button: dict[str, object], words: str) -> None:
    markup = {"inline_keyboard": [[button]]}
    refusal = await api.refusal("sendMessage", chat_id=ANN, text="x", reply_markup=markup)
    assert refusal == f"Bad Request: {words}"


async def test_all_kinds_of_buttons_are_accepted(api: Api) -> None:
    buttons = [
        {"text": "data", "callback_data": "x" * 64, "style": "danger"},
        {"text": "copy", "copy_text": {"text": "c" * 256}},
        {"text": "link", "url": "https://example.org"},
        {"text": "search", "switch_inline_query_current_chat": ""},
    ]
    markup = {"inline_keyboard": [buttons]}
    sent = await api.result("sendMessage", chat_id=ANN, text="x", reply_markup=markup)
    assert sent["reply_markup"]["inline_keyboard"] == [buttons]


async def test_a_forced_reply_is_no_part_of_the_shown_message(api: Api) -> None:
    sent = await api.result(
        "sendMessage", chat_id=ANN, text="Which?", reply_markup={"force_reply": True}
    )
    assert "reply_markup" not in sent


async def test_a_reply_shows_what_it_answers(api: Api) -> None:
    first = await api.result("sendMessage", chat_id=ANN, text="one")
    reply = {"message_id": first["message_id"]}
    second = await api.result("sendMessage", chat_id=ANN, text="two", reply_parameters=reply)
    assert second["reply_to_message"]["text"] == "one"


async def test_a_reply_to_nothing_is_sent_if_that_is_allowed(api: Api) -> None:
    reply = {"message_id": 77, "allow_sending_without_reply": True}
    sent = await api.result("sendMessage", chat_id=ANN, text="x", reply_parameters=reply)
    assert "reply_to_message" not in sent


async def test_an_edit_replaces_text_and_keyboard_in_place(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sent = await api.result("sendMessage", chat_id=ANN, text="one", reply_markup=BUY)
    place = {"chat_id": ANN, "message_id": sent["message_id"]}
    edited = await api.result("editMessageText", **place, text="two")
    assert edited["text"] == "two"
    assert "reply_markup" not in edited
    assert edited["edit_date"] >= edited["date"]
    assert sandbox.chat(ANN).messages == [edited]
    assert sandbox.chat(ANN).edits == [edited]


async def test_the_keyboard_alone_can_be_edited(api: Api) -> None:
    sent = await api.result("sendMessage", chat_id=ANN, text="one")
    place = {"chat_id": ANN, "message_id": sent["message_id"]}
    edited = await api.result("editMessageReplyMarkup", **place, reply_markup=BUY)
    assert (edited["text"], edited["reply_markup"]) == ("one", BUY)


async def test_an_edit_that_changes_nothing_is_refused(api: Api) -> None:
    sent = await api.result("sendMessage", chat_id=ANN, text="one", reply_markup=BUY)
    place = {"chat_id": ANN, "message_id": sent["message_id"]}
    assert await api.refusal("editMessageText", **place, text="one", reply_markup=BUY) == (
        "Bad Request: message is not modified: specified new message content and reply markup "
        "are exactly the same as a current content and reply markup of the message"
    )


async def test_only_own_messages_that_are_there_can_be_edited(
    api: Api, sandbox: TelegramSandbox
) -> None:
    said = sandbox.say(ANN, ANN, "mine")
    theirs = {"chat_id": ANN, "message_id": said["message_id"], "text": "x"}
    assert await api.refusal("editMessageText", **theirs) == (
        "Bad Request: message can't be edited"
    )
    assert await api.refusal("editMessageText", **theirs | {"message_id": 77}) == (
        "Bad Request: message to edit not found"
    )


async def test_a_deleted_message_is_gone(api: Api, sandbox: TelegramSandbox) -> None:
    sent = await api.result("sendMessage", chat_id=ANN, text="one")
    place = {"chat_id": ANN, "message_id": sent["message_id"]}
    assert await api.result("deleteMessage", **place) is True
    assert sandbox.chat(ANN).messages == []
    assert sandbox.chat(ANN).deleted == [sent]
    assert await api.refusal("deleteMessage", **place) == "Bad Request: message to delete not found"


async def test_a_press_is_answered_once(api: Api, sandbox: TelegramSandbox) -> None:
    await api.result("sendMessage", chat_id=ANN, text="one", reply_markup=BUY)
    press = sandbox.press_button(ANN, ANN, "buy")
    (update,) = await api.updates()
    query = update["callback_query"]
    assert (query["data"], query["from"]["id"], query["message"]["text"]) == ("buy", ANN, "one")
    answer = {"callback_query_id": query["id"], "text": "Done", "show_alert": True}
    assert await api.result("answerCallbackQuery", **answer) is True
    assert await press.answered() == Answer("Done", show_alert=True)
    assert await api.refusal("answerCallbackQuery", **answer) == (
        "Bad Request: query is too old and response timeout expired or query ID is invalid"
    )


async def test_each_press_of_one_button_is_a_query_of_its_own(
    api: Api, sandbox: TelegramSandbox
) -> None:
    await api.result("sendMessage", chat_id=ANN, text="one", reply_markup=BUY)
    for _ in range(5):
        sandbox.press_button(ANN, ANN, "Buy")
    ids = {update["callback_query"]["id"] for update in await api.updates()}
    assert len(ids) == 5
    for query_id in ids:
        assert await api.result("answerCallbackQuery", callback_query_id=query_id) is True


async def test_a_late_answer_to_a_press_is_refused(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.queries.lifetime = 0
    await api.result("sendMessage", chat_id=ANN, text="one", reply_markup=BUY)
    press = sandbox.press_button(ANN, ANN, "buy")
    assert "query is too old" in await api.refusal(
        "answerCallbackQuery", callback_query_id=press.id
    )
    assert press.answer is None


async def test_an_answer_to_a_press_holds_200_characters(
    api: Api, sandbox: TelegramSandbox
) -> None:
    await api.result("sendMessage", chat_id=ANN, text="one", reply_markup=BUY)
    press = sandbox.press_button(ANN, ANN, "buy")
    refusal = await api.refusal("answerCallbackQuery", callback_query_id=press.id, text="x" * 201)
    assert refusal == "Bad Request: MESSAGE_TOO_LONG"
    await api.result("answerCallbackQuery", callback_query_id=press.id, text="x" * 200)


async def test_a_press_under_a_deleted_message_shows_no_content(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sent = await api.result("sendMessage", chat_id=ANN, text="one", reply_markup=BUY)
    await api.result("deleteMessage", chat_id=ANN, message_id=sent["message_id"])
    sandbox.press(ANN, ANN, sent["message_id"], "buy")
    (update,) = await api.updates()
    message = update["callback_query"]["message"]
    assert (message["date"], "text" in message) == (0, False)


async def test_a_button_that_is_not_there_cannot_be_pressed(
    api: Api, sandbox: TelegramSandbox
) -> None:
    await api.result("sendMessage", chat_id=ANN, text="one", reply_markup=BUY)
    with pytest.raises(LookupError, match="Buy now"):
        sandbox.press_button(ANN, ANN, "Sell")


async def test_a_user_who_never_started_the_bot_cannot_be_written_to(api: Api) -> None:
    assert await api.refusal("sendMessage", chat_id=BOB, text="x") == (
        "Forbidden: bot can't initiate conversation with a user"
    )


async def test_a_user_who_blocked_the_bot_cannot_be_written_to(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sandbox.block_bot(ANN)
    assert await api.refusal("sendMessage", chat_id=ANN, text="x") == (
        "Forbidden: bot was blocked by the user"
    )
    sandbox.say(ANN, ANN, "/start")
    assert (await api("sendMessage", chat_id=ANN, text="x"))["ok"]
    changes = [one["my_chat_member"] for one in await api.updates() if "my_chat_member" in one]
    assert [one["new_chat_member"]["status"] for one in changes] == ["kicked", "member"]


async def test_waiting_for_a_message_ends_when_it_comes(api: Api, sandbox: TelegramSandbox) -> None:
    with pytest.raises(TimeoutError, match="no message with 'code'"):
        await sandbox.wait_message(ANN, "code", timeout=0.01)
    sent = await api.result("sendMessage", chat_id=ANN, text="your code")
    assert await sandbox.wait_message(ANN, "code") == sent
    assert sandbox.messages_to(ANN) == [sent]


async def test_a_copy_has_the_content_and_an_id_of_its_own(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sent = await api.result("sendMessage", chat_id=ANN, text="<b>x</b>", parse_mode="HTML")
    copied = await api.result(
        "copyMessage", chat_id=ANN, from_chat_id=ANN, message_id=sent["message_id"]
    )
    copy = sandbox.chat(ANN).by_id[copied["message_id"]]
    assert (copy["text"], copy["entities"]) == (sent["text"], sent["entities"])
    assert copy["message_id"] != sent["message_id"]


async def test_inline_results_are_offered_and_sent_by_the_user(
    api: Api, sandbox: TelegramSandbox
) -> None:
    question = sandbox.ask_inline(ANN, ANN, "wha")
    (update,) = await api.updates()
    assert update["inline_query"]["query"] == "wha"
    result = {
        "type": "article",
        "id": "1",
        "title": "WhatsApp",
        "input_message_content": {"message_text": "/buy <b>w</b>", "parse_mode": "HTML"},
    }
    query_id = update["inline_query"]["id"]
    await api.result("answerInlineQuery", inline_query_id=query_id, results=[result])
    assert [one["title"] for one in await question.answered()] == ["WhatsApp"]
    said = sandbox.choose(question, "1")
    assert (said["text"], said["via_bot"]["username"]) == ("/buy w", "demo_bot")


async def test_a_caption_is_edited_as_such(api: Api) -> None:
    form = aiohttp.FormData({"chat_id": str(ANN), "caption": "one"})
    form.add_field("document", b"a,b\n", filename="report.csv", content_type="text/csv")
    async with api.session.post(f"{api.url}/bot100:TEST/sendDocument", data=form) as response:
        sent = (await response.json())["result"]
    place = {"chat_id": ANN, "message_id": sent["message_id"]}
    edited = await api.result(
        "editMessageCaption", **place, caption="<b>two</b>", parse_mode="HTML"
    )
    assert (edited["caption"], edited["caption_entities"][0]["type"]) == ("two", "bold")
    assert edited["document"] == sent["document"]
    assert await api.refusal("editMessageText", **place, text="x") == (
        "Bad Request: there is no text in the message to edit"
    )
    assert await api.refusal("editMessageCaption", **place, caption="x" * 1025) == (
        "Bad Request: message caption is too long"
    )


async def test_several_messages_are_deleted_at_once(api: Api, sandbox: TelegramSandbox) -> None:
    ids = [sandbox.say(ANN, ANN, text)["message_id"] for text in "abc"]
    assert await api.result("deleteMessages", chat_id=ANN, message_ids=[ids[0], ids[2], 77]) is True
    assert [message["text"] for message in sandbox.chat(ANN).messages] == ["b"]


async def test_a_member_bot_cannot_delete_what_others_say(
    api: Api, sandbox: TelegramSandbox, group: int
) -> None:
    said = sandbox.say(BOB, group, "spam")
    place = {"chat_id": group, "message_id": said["message_id"]}
    assert await api.refusal("deleteMessage", **place) == "Bad Request: message can't be deleted"
    sandbox.add_bot(group, as_admin=True)
    assert await api.result("deleteMessage", **place) is True


async def test_options_of_sending_are_shown(api: Api, group: int) -> None:
    options = {
        "text": "x",
        "protect_content": True,
        "link_preview_options": {"is_disabled": True},
        "message_effect_id": "5104841245755180586",
    }
    sent = await api.result("sendMessage", chat_id=ANN, **options)
    assert sent["has_protected_content"] is True
    assert sent["link_preview_options"] == {"is_disabled": True}
    assert sent["effect_id"] == options["message_effect_id"]
    assert await api.refusal("sendMessage", chat_id=group, **options) == (
        "Bad Request: EFFECT_ID_INVALID"
    )


async def test_what_an_app_would_not_send_cannot_be_said(
    sandbox: TelegramSandbox, group: int
) -> None:
    sandbox.block_bot(BOB)
    sandbox.delete_chat(group)
    for user, chat, text, words in (
        (ANN, ANN, "x" * 4097, "cut into several"),
        (BOB, BOB, "hello", "blocked the bot"),
        (ANN, group, "hello", "nobody can write"),
    ):
        with pytest.raises(ValueError, match=words):
            sandbox.say(user, chat, text)
    with pytest.raises(ValueError, match="no message 77"):
        sandbox.say(ANN, ANN, "x", reply_to=77)
    with pytest.raises(ValueError, match="never a message 77"):
        sandbox.press(ANN, ANN, 77, "x")
