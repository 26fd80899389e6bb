"""What the bot says about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.sandbox.telegram import TelegramSandbox
    from tests.integration.sandbox_telegram.conftest import Api

ANN, BOB = 1, 2


def _commands(*names: str) -> list[dict[str, str]]:
    return [{"command": name, "description": f"About {name}"} for name in names]


async def test_the_bot_knows_itself(api: Api) -> None:
    me = await api.result("getMe")
    assert (me["id"], me["username"], me["is_bot"]) == (100, "demo_bot", True)
    assert me["can_read_all_group_messages"] is False


async def test_commands_are_kept_by_scope_and_language(api: Api) -> None:
    scope = {"type": "all_group_chats"}
    await api.result("setMyCommands", commands=_commands("buy"))
    await api.result("setMyCommands", commands=_commands("limit"), scope=scope)
    await api.result("setMyCommands", commands=_commands("kaufen"), language_code="de")
    assert await api.result("getMyCommands") == _commands("buy")
    assert await api.result("getMyCommands", scope=scope) == _commands("limit")
    assert await api.result("getMyCommands", language_code="de") == _commands("kaufen")
    await api.result("deleteMyCommands")
    assert await api.result("getMyCommands") == []


async def test_a_viewer_is_offered_the_commands_of_the_narrowest_scope(
    api: Api, sandbox: TelegramSandbox, group: int
) -> None:
    async def offered(user_id: int, chat_id: int) -> list[str]:
        query = {"user_id": str(user_id), "chat_id": str(chat_id)}
        async with api.session.get(f"{api.url}/sandbox/world", params=query) as response:
            return [one["command"] for one in (await response.json())["bot"]["commands"]]

    sandbox.add_user(3, "Dora", language_code="de")
    await api.result("setMyCommands", commands=_commands("all"))
    await api.result("setMyCommands", commands=_commands("alle"), language_code="de")
    for scope in (
        {"type": "all_group_chats"},
        {"type": "chat_administrators", "chat_id": group},
        {"type": "chat", "chat_id": ANN},
    ):
        if scope.get("chat_id") == ANN:
            sandbox.open_private(ANN)
        await api.result("setMyCommands", commands=_commands(str(scope["type"])), scope=scope)
    assert await offered(ANN, ANN) == ["chat"]
    assert await offered(BOB, BOB) == ["all"]
    assert await offered(3, 3) == ["alle"]
    assert await offered(ANN, group) == ["chat_administrators"]
    assert await offered(BOB, group) == ["all_group_chats"]


async def test_admins_and_single_members_have_commands_of_their_own(
    api: Api, sandbox: TelegramSandbox, group: int
) -> None:
    async def offered(user_id: int) -> list[str]:
        query = {"user_id": str(user_id), "chat_id": str(group)}
        async with api.session.get(f"{api.url}/sandbox/world", params=query) as response:
            return [one["command"] for one in (await response.json())["bot"]["commands"]]

    sandbox.add_user(3, "Cid")
    for scope in (
        {"type": "all_group_chats"},
        {"type": "all_chat_administrators"},
        {"type": "chat_member", "chat_id": group, "user_id": 3},
    ):
        await api.result("setMyCommands", commands=_commands(str(scope["type"])), scope=scope)
    sandbox.join(group, 3)
    assert await offered(ANN) == ["all_chat_administrators"]
    assert await offered(BOB) == ["all_group_chats"]
    assert await offered(3) == ["chat_member"]
    sandbox.promote(group, BOB)
    assert await offered(BOB) == ["all_chat_administrators"]
    nobody = {"type": "chat_member", "chat_id": group, "user_id": 99}
    refusal = await api.refusal("setMyCommands", commands=_commands("x"), scope=nobody)
    assert "invalid user_id" in refusal


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ({"command": "Buy", "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "x" * 33, "description": "x"}, "BOT_COMMAND_INVALID"),
        ({"command": "buy", "description": ""}, "BOT_COMMAND_DESCRIPTION_INVALID"),
    ],
)
async def test_bad_commands_are_refused(api: Api, command: dict[str, str], words: str) -> None:
    assert await api.refusal("setMyCommands", commands=[command]) == f"Bad Request: {words}"


async def test_names_and_descriptions_are_kept_by_language(api: Api) -> None:
    for method, field in (
        ("MyName", "name"),
        ("MyDescription", "description"),
        ("MyShortDescription", "short_description"),
    ):
        await api.result(f"set{method}", **{field: "Plain"})
        await api.result(f"set{method}", **{field: "Einfach"}, language_code="de")
        assert await api.result(f"get{method}", language_code="de") == {field: "Einfach"}
        assert await api.result(f"get{method}", language_code="fr") == {field: "Plain"}
    assert await api.refusal("setMyName", name="x" * 65) == "Bad Request: bot name is too long"


async def test_chats_can_be_looked_at(api: Api, sandbox: TelegramSandbox, group: int) -> None:
    sandbox.open_private(ANN)
    assert (await api.result("getChat", chat_id=ANN))["first_name"] == "Ann"
    assert (await api.result("getChat", chat_id="@ann"))["id"] == ANN
    assert (await api.result("getChat", chat_id=group))["title"] == "Team"


async def test_a_pinned_message_is_shown_with_the_chat(
    api: Api, sandbox: TelegramSandbox, group: int
) -> None:
    sent = await api.result("sendMessage", chat_id=group, text="rules")
    pin = {"chat_id": group, "message_id": sent["message_id"]}
    assert "not enough rights" in await api.refusal("pinChatMessage", **pin)
    sandbox.add_bot(group, as_admin=True)
    await api.result("pinChatMessage", **pin)
    assert (await api.result("getChat", chat_id=group))["pinned_message"] == sent
    await api.result("unpinChatMessage", **pin)
    assert "pinned_message" not in await api.result("getChat", chat_id=group)


async def test_reactions_and_typing_are_checked(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.open_private(ANN)
    said = sandbox.say(ANN, ANN, "hello")
    events = sandbox.hub.listen()
    place = {"chat_id": ANN, "message_id": said["message_id"]}
    thumb = [{"type": "emoji", "emoji": "👍"}]
    assert await api.result("setMessageReaction", **place, reaction=thumb) is True
    assert await api.result("sendChatAction", chat_id=ANN, action="typing") is True
    assert "wrong parameter action" in await api.refusal(
        "sendChatAction", chat_id=ANN, action="dancing"
    )
    kinds = [events.get_nowait()["type"] for _ in range(events.qsize())]
    assert kinds == ["call", "typing", "call", "call"]
