"""Groups, supergroups and topics: what the bot sees there, and when it is let in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from bot.sandbox.telegram import GROUP_ANONYMOUS_BOT, TelegramSandbox

if TYPE_CHECKING:
    from tests.integration.sandbox_telegram.conftest import Api

ANN, BOB = 1, 2
BUY = {"inline_keyboard": [[{"text": "Buy", "callback_data": "buy"}]]}


async def _heard(api: Api) -> list[str]:
    return [one["message"].get("text", "") for one in await api.updates() if "message" in one]


async def test_privacy_hides_what_is_not_for_the_bot(
    api: Api, sandbox: TelegramSandbox, group: int
) -> None:
    asked = await api.result("sendMessage", chat_id=group, text="Which service?")
    sandbox.say(BOB, group, "hello all")
    sandbox.say(BOB, group, "/buy whatsapp")
    sandbox.say(BOB, group, "/buy@demo_bot x")
    sandbox.say(BOB, group, "/buy@other_bot x")
    sandbox.say(BOB, group, "please /buy")
    sandbox.edit(BOB, group, sandbox.say(BOB, group, "unseen")["message_id"], "still unseen")
    sandbox.say(BOB, group, "telegram", reply_to=asked["message_id"])
    assert await _heard(api) == ["/buy whatsapp", "/buy@demo_bot x", "telegram"]


async def test_an_admin_hears_everything(api: Api, sandbox: TelegramSandbox, group: int) -> None:
    sandbox.add_bot(group, as_admin=True)
    sandbox.say(BOB, group, "hello all")
    assert await _heard(api) == ["hello all"]


async def test_being_added_is_told_twice(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.add_group(-5, "New")
    sandbox.join(-5, ANN, "creator")
    sandbox.add_bot(-5)
    change, service = await api.updates()
    assert change["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert change["my_chat_member"]["from"]["id"] == ANN
    assert service["message"]["new_chat_members"][0]["username"] == "demo_bot"


@pytest.mark.parametrize("kind", ["group", "supergroup"])
async def test_a_kicked_bot_is_refused(api: Api, sandbox: TelegramSandbox, kind: str) -> None:
    sandbox.add_group(-5, "New", "group" if kind == "group" else "supergroup")
    assert await api.refusal("sendMessage", chat_id=-5, text="x") == "Bad Request: chat not found"
    sandbox.add_bot(-5)
    sandbox.remove_bot(-5)
    assert await api.refusal("sendMessage", chat_id=-5, text="x") == (
        f"Forbidden: bot was kicked from the {kind} chat"
    )


async def test_a_bot_that_left_is_refused(api: Api, sandbox: TelegramSandbox, group: int) -> None:
    await api.result("leaveChat", chat_id=group)
    assert await api.refusal("sendMessage", chat_id=group, text="x") == (
        "Forbidden: bot is not a member of the group chat"
    )
    assert not sandbox.chat(group).has(sandbox.bot.id)


async def test_a_deleted_group_is_refused(api: Api, sandbox: TelegramSandbox, group: int) -> None:
    sandbox.delete_chat(group)
    assert await api.refusal("getChat", chat_id=group) == "Forbidden: the group chat was deleted"


async def test_a_migrated_group_names_its_successor(
    api: Api, sandbox: TelegramSandbox, group: int
) -> None:
    new_id = sandbox.migrate(group)
    old, new = [update["message"] for update in await api.updates()]
    assert (old["chat"]["id"], old["migrate_to_chat_id"]) == (group, new_id)
    assert (new["chat"]["id"], new["migrate_from_chat_id"]) == (new_id, group)
    answer = await api("sendMessage", chat_id=group, text="x")
    assert answer["description"] == "Bad Request: group chat was upgraded to a supergroup chat"
    assert answer["parameters"] == {"migrate_to_chat_id": new_id}
    assert (await api("sendMessage", chat_id=new_id, text="x"))["ok"]


async def test_topics_are_kept_and_closed_ones_refuse(
    api: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    topic = sandbox.add_topic(forum, "Orders")
    said = sandbox.say(BOB, forum, "/buy", thread_id=topic)
    assert said["message_thread_id"] == topic
    reply = {"message_id": said["message_id"]}
    sent = await api.result("sendMessage", chat_id=forum, text="x", reply_parameters=reply)
    assert (sent["message_thread_id"], sent["is_topic_message"]) == (topic, True)
    sandbox.close_topic(forum, topic)
    there = {"chat_id": forum, "message_thread_id": topic, "text": "x"}
    assert await api.refusal("sendMessage", **there) == "Bad Request: TOPIC_CLOSED"
    assert await api.refusal("sendMessage", **there | {"message_thread_id": 777}) == (
        "Bad Request: message thread not found"
    )
    sandbox.add_bot(forum, as_admin=True)
    assert (await api("sendMessage", **there))["ok"]


async def test_an_anonymous_admin_writes_as_the_group_and_presses_as_a_person(
    api: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    sandbox.join(forum, ANN, "creator", anonymous=True)
    said = sandbox.say(ANN, forum, "/settings")
    assert said["from"]["id"] == GROUP_ANONYMOUS_BOT
    assert said["sender_chat"]["id"] == forum
    await api.result("sendMessage", chat_id=forum, text="x", reply_markup=BUY)
    sandbox.press_button(ANN, forum, "buy")
    query = (await api.updates())[-1]["callback_query"]
    assert query["from"]["id"] == ANN


async def test_only_admins_of_supergroups_write_anonymously(
    sandbox: TelegramSandbox, forum: int, group: int
) -> None:
    for chat, user in ((forum, BOB), (group, ANN)):
        with pytest.raises(ValueError, match="anonymously"):
            sandbox.say(user, chat, "x", anonymous=True)


async def test_a_mention_carries_the_id(api: Api, sandbox: TelegramSandbox, group: int) -> None:
    sandbox.say(ANN, group, "/allow Bob 5", mention=BOB)
    (update,) = await api.updates()
    command, mention = update["message"]["entities"]
    assert (command["type"], command["length"]) == ("bot_command", 6)
    assert (mention["type"], mention["offset"], mention["user"]["id"]) == ("text_mention", 7, BOB)


async def test_changes_of_members_come_to_an_admin_that_asked_for_them(
    api: Api, sandbox: TelegramSandbox, group: int
) -> None:
    await api.result("getUpdates", allowed_updates=["message", "chat_member"])
    sandbox.leave(group, BOB)
    sandbox.add_bot(group, as_admin=True)
    sandbox.join(group, BOB)
    service, change, again = await api.updates()
    assert service["message"]["left_chat_member"]["id"] == BOB
    assert change["chat_member"]["old_chat_member"]["status"] == "left"
    assert again["message"]["new_chat_members"][0]["id"] == BOB


async def test_members_can_be_looked_up(api: Api, sandbox: TelegramSandbox, group: int) -> None:
    sandbox.add_user(3, "Cid")
    admins = await api.result("getChatAdministrators", chat_id=group)
    assert [one["user"]["id"] for one in admins] == [ANN]
    assert await api.result("getChatMemberCount", chat_id=group) == 3
    stranger = await api.result("getChatMember", chat_id=group, user_id=3)
    assert stranger["status"] == "left"
    assert await api.refusal("getChatMember", chat_id=group, user_id=4) == (
        "Bad Request: user not found"
    )


async def test_somebody_outside_can_neither_write_nor_press(
    api: Api, sandbox: TelegramSandbox, group: int
) -> None:
    sent = await api.result("sendMessage", chat_id=group, text="x", reply_markup=BUY)
    sandbox.add_user(3, "Cid")
    with pytest.raises(ValueError, match="not in this chat"):
        sandbox.say(3, group, "/buy")
    with pytest.raises(ValueError, match="not in this chat"):
        sandbox.press(3, group, sent["message_id"], "buy")


async def test_a_message_in_a_topic_answers_the_opening_unless_it_answers_another(
    api: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    topic = sandbox.add_topic(forum, "Orders")
    asked = await api.result(
        "sendMessage", chat_id=forum, message_thread_id=topic, text="Which service?"
    )
    assert asked["reply_to_message"]["message_id"] == topic
    said = sandbox.say(BOB, forum, "whatsapp", reply_to=asked["message_id"])
    assert said["reply_to_message"]["text"] == "Which service?"
    assert said["message_thread_id"] == topic
    async with api.session.get(f"{api.url}/sandbox/messages?chat_id={forum}") as response:
        shown = (await response.json())[-2:]
    assert ["reply_to_message" in one for one in shown] == [False, True]


async def test_an_edited_message_comes_as_such(
    api: Api, sandbox: TelegramSandbox, group: int
) -> None:
    said = sandbox.say(BOB, group, "/buy telegarm")
    sandbox.edit(BOB, group, said["message_id"], "/buy telegram")
    with pytest.raises(ValueError, match="only own"):
        sandbox.edit(ANN, group, said["message_id"], "/buy signal")
    first, second = await api.updates()
    assert first["message"]["text"] == "/buy telegarm"
    assert second["edited_message"]["text"] == "/buy telegram"
