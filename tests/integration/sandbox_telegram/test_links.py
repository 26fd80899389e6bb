"""Links to the bot start it in private or bring it into a group, with what they carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from bot.sandbox.telegram import TelegramSandbox
    from tests.integration.sandbox_telegram.conftest import Api

ANN, BOB, CID = 1, 2, 3
LINK = "https://t.me/Demo_Bot"


@pytest.fixture
def new_group(sandbox: TelegramSandbox) -> int:
    """A group of Ann with Bob, without the bot."""
    chat_id = sandbox.create_group(ANN, "New").id
    sandbox.add_member(chat_id, BOB)
    return chat_id


async def test_a_start_link_opens_the_private_chat_with_its_payload(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sandbox.follow(ANN, f"{LINK}?start=invite_a-1")
    sandbox.follow(ANN, LINK)
    assert [one["message"]["text"] for one in await api.updates()] == [
        "/start invite_a-1",
        "/start",
    ]
    assert (await api("sendMessage", chat_id=ANN, text="Hi"))["ok"]


async def test_a_startgroup_link_adds_the_bot_and_starts_it_there(
    api: Api, sandbox: TelegramSandbox, new_group: int
) -> None:
    sandbox.follow(BOB, f"{LINK}?startgroup=invite1", new_group)
    change, service, start = await api.updates()
    assert change["my_chat_member"]["new_chat_member"]["status"] == "member"
    assert change["my_chat_member"]["from"]["id"] == BOB
    assert "new_chat_members" in service["message"]
    assert start["message"]["text"] == "/start@demo_bot invite1"
    assert start["message"]["chat"]["id"] == new_group
    sandbox.follow(ANN, f"{LINK}?startgroup=invite2", new_group)
    (again,) = await api.updates()
    assert again["message"]["text"] == "/start@demo_bot invite2"


async def test_a_startgroup_link_may_make_the_bot_an_admin(
    api: Api, sandbox: TelegramSandbox, new_group: int
) -> None:
    sandbox.follow(ANN, f"{LINK}?startgroup=true&admin=pin_messages", new_group)
    change, service = await api.updates()
    assert change["my_chat_member"]["new_chat_member"]["status"] == "administrator"
    assert "new_chat_members" in service["message"]
    sandbox.start_group(BOB, new_group, "late")
    assert sandbox.chat(new_group).is_admin(sandbox.bot.id)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ((ANN, "https://example.org/demo_bot?start=x", False), "no link to the bot"),
        ((ANN, f"{LINK}_?start=x", False), "no link to the bot"),
        ((ANN, f"{LINK}?start=a%20b", False), "no link can carry"),
        ((ANN, f"{LINK}?start={'x' * 65}", False), "no link can carry"),
        ((ANN, f"{LINK}?startgroup=x", False), "asks for a group"),
        ((CID, f"{LINK}?startgroup=x", True), "Cid is not in New"),
        ((BOB, f"{LINK}?startgroup=x&admin=pin_messages", True), "Bob is no admin of New"),
    ],
)
def test_links_that_lead_nowhere_are_refused(
    sandbox: TelegramSandbox, new_group: int, act: tuple[int, str, bool], words: str
) -> None:
    sandbox.add_user(CID, "Cid")
    user, url, picked = act
    with pytest.raises(ValueError, match=words):
        sandbox.follow(user, url, new_group if picked else None)
    assert not sandbox.updates.pending
