"""The control API that the page uses."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

if TYPE_CHECKING:
    from bot.sandbox.telegram import JsonObject, TelegramSandbox
    from tests.integration.sandbox_telegram.conftest import Api

ANN, BOB = 1, 2
BUY = {"inline_keyboard": [[{"text": "Buy", "callback_data": "buy"}]]}


async def _get(api: Api, path: str) -> Any:  # noqa: ANN401 - depends on the path
    async with api.session.get(f"{api.url}/sandbox/{path}") as response:
        assert response.status == 200
        return await response.json()


async def _post(api: Api, path: str, **body: object) -> JsonObject:
    async with api.session.post(f"{api.url}/sandbox/{path}", json=body) as response:
        answer: JsonObject = await response.json()
        return answer


async def test_the_world_shows_people_chats_and_members(
    api: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    topic = sandbox.add_topic(forum, "Orders")
    world = await _get(api, "world")
    assert world["bot"]["username"] == "demo_bot"
    assert [user["first_name"] for user in world["users"]] == ["Ann", "Bob"]
    (chat,) = world["chats"]
    assert (chat["title"], chat["type"], chat["is_forum"]) == ("Team", "supergroup", True)
    assert chat["topics"] == [{"id": topic, "name": "Orders"}]
    assert {"user_id": ANN, "status": "creator", "anonymous": False} in chat["members"]


async def test_the_world_shows_what_the_bot_says_it_can_do(api: Api) -> None:
    assert (await _get(api, "world"))["bot"]["description"] == ""
    async with api.session.ws_connect(f"{api.url}/sandbox/events") as events:
        await api.result("setMyDescription", description="Sells numbers.")
        await _until(events, "world")
    assert (await _get(api, "world"))["bot"]["description"] == "Sells numbers."


async def test_a_walk_through_the_page(api: Api) -> None:
    async with api.session.ws_connect(f"{api.url}/sandbox/events") as events:
        said = await _post(api, "say", user_id=ANN, chat_id=ANN, text="/start")
        sent = await api.result("sendMessage", chat_id=ANN, text="Hi", reply_markup=BUY)
        message_id = sent["message_id"]
        pressed = await _post(
            api, "press", user_id=ANN, chat_id=ANN, message_id=message_id, data="buy"
        )
        await api.result("answerCallbackQuery", callback_query_id=pressed["id"], text="Done")
        await api.result("editMessageText", chat_id=ANN, message_id=message_id, text="Bye")
        await api.result("deleteMessage", chat_id=ANN, message_id=message_id)
        heard = await _until(events, "delete")
    kinds = [event["type"] for event in heard if event["type"] not in {"call", "world"}]
    assert kinds == ["message", "message", "answer", "edit", "delete"]
    answer = next(event for event in heard if event["type"] == "answer")
    assert (answer["id"], answer["user_id"], answer["text"]) == (pressed["id"], ANN, "Done")
    messages = await _get(api, f"messages?chat_id={ANN}")
    assert [one["message_id"] for one in messages] == [said["message_id"]]


async def _until(events: aiohttp.ClientWebSocketResponse, kind: str) -> list[JsonObject]:
    heard: list[JsonObject] = []
    async with asyncio.timeout(5):
        while not heard or heard[-1]["type"] != kind:
            heard.append(await events.receive_json())
    return heard


async def test_messages_carry_what_only_the_sandbox_knows(
    api: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    sandbox.join(forum, ANN, "creator", anonymous=True)
    await _post(api, "say", user_id=ANN, chat_id=forum, text="/buy", anonymous=True)
    markup = {"force_reply": True, "selective": True}
    await api.result("sendMessage", chat_id=forum, text="Which?", reply_markup=markup)
    form = aiohttp.FormData({"chat_id": str(forum)})
    form.add_field("document", b"a,b\n", filename="report.csv", content_type="text/csv")
    async with api.session.post(f"{api.url}/bot100:TEST/sendDocument", data=form) as response:
        assert response.status == 200
    messages = await _get(api, f"messages?chat_id={forum}")
    *_, command, question, report = messages
    assert command["sandbox_user_id"] == ANN
    assert question["force_reply"] == markup
    async with api.session.get(api.url + report["document"]["file_url"]) as response:
        assert await response.read() == b"a,b\n"


async def test_calls_are_listed_from_where_the_page_left_off(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sandbox.open_private(ANN)
    await api("getMe")
    await api("sendMessage", chat_id=ANN, text="")
    (call,) = await _get(api, "calls?after=1")
    assert (call["n"], call["method"], call["ok"]) == (2, "sendMessage", False)
    assert call["error"] == "Bad Request: message text is empty"
    assert "TEST" not in str(call)


async def test_faults_are_set_and_cleared(api: Api) -> None:
    await _post(api, "fault", method="getMe", kind="429", retry_after=3, times=None)
    assert await api.refusal("getMe") == "Too Many Requests: retry after 3"
    async with api.session.delete(f"{api.url}/sandbox/fault") as response:
        assert response.status == 200
    assert (await api("getMe"))["ok"]


async def test_the_world_shows_a_fault_until_it_has_struck(api: Api) -> None:
    await _post(api, "fault", method="getMe", kind="5xx")
    (waiting,) = (await _get(api, "world"))["faults"]
    assert (waiting["method"], waiting["kind"]) == ("getMe", "5xx")
    async with api.session.ws_connect(f"{api.url}/sandbox/events") as events:
        await api.refusal("getMe")
        await _until(events, "world")
    assert (await _get(api, "world"))["faults"] == []


async def test_members_are_managed_by_those_who_may(
    api: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    async def act(by: int, kind: str, user_id: int) -> str | None:
        body = {"chat_id": forum, "by": by, "act": kind, "user_id": user_id}
        return (await _post(api, "member", **body)).get("error")

    sandbox.add_user(3, "Cid")
    bot_id = sandbox.bot.id
    assert await act(BOB, "add", 3) is None
    assert await act(BOB, "promote", 3) == "Bob is no admin of Team"
    assert await act(ANN, "promote", BOB) is None
    assert await act(BOB, "hide", BOB) is None
    assert sandbox.chat(forum).members[BOB].anonymous
    assert await act(BOB, "show", BOB) is None
    assert await act(BOB, "promote", bot_id) is None
    assert await act(BOB, "demote", bot_id) is None
    assert await act(BOB, "remove", 3) is None
    assert await act(BOB, "leave", BOB) is None
    chat = sandbox.chat(forum)
    assert {one.user.id: one.status for one in chat.members.values()} == {
        ANN: "creator",
        BOB: "left",
        3: "kicked",
        bot_id: "member",
    }


async def test_groups_are_created_joined_by_link_and_upgraded(
    api: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    chat_id = (await _post(api, "group", user_id=ANN, title="New"))["chat_id"]
    link = {"user_id": ANN, "url": "https://t.me/demo_bot?startgroup=x1"}
    assert (await _post(api, "follow", **link))["error"] == "this link asks for a group"
    assert await _post(api, "follow", **link, chat_id=chat_id) == {}
    assert [one["text"] for one in sandbox.chat(chat_id).messages if "text" in one] == [
        "/start@demo_bot x1"
    ]
    new_id = (await _post(api, "migrate", chat_id=chat_id))["chat_id"]
    chats = {one["id"]: one["migrated_to"] for one in (await _get(api, "world"))["chats"]}
    assert (chats[chat_id], chats[new_id]) == (new_id, None)
    topic = await _post(api, "topic", user_id=ANN, chat_id=forum, name="Orders")
    assert sandbox.chat(forum).topics[topic["message_thread_id"]].name == "Orders"


async def test_a_user_blocks_and_unblocks_the_bot(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.open_private(ANN)
    await _post(api, "block", user_id=ANN, blocked=True)
    assert "blocked" in await api.refusal("sendMessage", chat_id=ANN, text="x")
    await _post(api, "block", user_id=ANN, blocked=False)
    assert (await api("sendMessage", chat_id=ANN, text="x"))["ok"]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("say", {"user_id": 9, "chat_id": 9, "text": "x"}, "not found: 9"),
        ("say", {"user_id": ANN, "chat_id": ANN, "text": " "}, "an empty message cannot be sent"),
        ("say", {"user_id": ANN}, "chat_id: Field required"),
        ("fault", {"method": "getMe", "kind": "fire"}, "kind: Input should be"),
    ],
)
async def test_what_cannot_be_done_is_explained(
    api: Api, path: str, body: dict[str, object], words: str
) -> None:
    assert words in (await _post(api, path, **body))["error"]


async def test_pages_of_other_sites_are_refused(api: Api) -> None:
    headers = {"Origin": "https://example.org"}
    async with api.session.get(f"{api.url}/sandbox/world", headers=headers) as response:
        assert response.status == 403
