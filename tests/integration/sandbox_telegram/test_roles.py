"""Members of a group are added, promoted, demoted and removed, and the bot is told of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from bot.sandbox.telegram import GROUP_ANONYMOUS_BOT, TelegramSandbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.sandbox.telegram import JsonObject
    from tests.integration.sandbox_telegram.conftest import Api

ANN, BOB, CID = 1, 2, 3
ALL = ["message", "my_chat_member", "chat_member"]


@pytest.fixture
async def heard(api: Api, sandbox: TelegramSandbox, forum: int) -> Api:
    """The supergroup's bot is an admin and has asked for everything about members."""
    sandbox.add_user(CID, "Cid")
    sandbox.add_bot(forum, as_admin=True)
    await api.updates(allowed_updates=ALL)
    return api


def _changes(updates: list[JsonObject]) -> list[tuple[str, str, str, int, int]]:
    """Kind, former and new status, whose they are, and who changed them."""
    return [
        (
            kind,
            change["old_chat_member"]["status"],
            change["new_chat_member"]["status"],
            change["new_chat_member"]["user"]["id"],
            change["from"]["id"],
        )
        for update in updates
        for kind, change in update.items()
        if kind in {"my_chat_member", "chat_member"}
    ]


async def test_every_change_of_a_member_names_who_made_it(
    heard: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    sandbox.add_member(forum, CID, by=BOB)
    sandbox.promote(forum, CID)
    sandbox.demote(forum, CID)
    sandbox.remove_member(forum, CID, by=ANN)
    sandbox.pardon(forum, CID)
    updates = await heard.updates()
    assert _changes(updates) == [
        ("chat_member", "left", "member", CID, BOB),
        ("chat_member", "member", "administrator", CID, ANN),
        ("chat_member", "administrator", "member", CID, ANN),
        ("chat_member", "member", "kicked", CID, ANN),
        ("chat_member", "kicked", "left", CID, ANN),
    ]
    services = [one["message"] for one in updates if "message" in one]
    assert [(one["from"]["id"], "left_chat_member" in one) for one in services] == [
        (BOB, False),
        (ANN, True),
    ]


@pytest.mark.parametrize("asked", [["message"], None], ids=["other kinds", "nothing"])
async def test_changes_of_members_are_not_told_unasked(
    api: Api, sandbox: TelegramSandbox, forum: int, asked: list[str] | None
) -> None:
    sandbox.add_bot(forum, as_admin=True)
    await api.updates(allowed_updates=asked or [])
    sandbox.promote(forum, BOB)
    assert await api.updates() == []


async def test_a_bot_that_is_no_admin_hears_only_of_itself(
    heard: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    sandbox.demote(forum, sandbox.bot.id)
    sandbox.promote(forum, BOB)
    sandbox.promote(forum, sandbox.bot.id, by=BOB)
    sandbox.remove_member(forum, sandbox.bot.id, by=BOB)
    sandbox.add_member(forum, sandbox.bot.id, by=BOB)
    bot_id = sandbox.bot.id
    assert _changes(await heard.updates()) == [
        ("my_chat_member", "administrator", "member", bot_id, ANN),
        ("my_chat_member", "member", "administrator", bot_id, BOB),
        ("my_chat_member", "administrator", "kicked", bot_id, BOB),
        ("my_chat_member", "kicked", "member", bot_id, BOB),
    ]


async def test_looking_up_a_member_shows_what_they_are_now(
    api: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    async def status(user_id: int) -> Any:  # noqa: ANN401 - a string and perhaps a flag
        shown = await api.result("getChatMember", chat_id=forum, user_id=user_id)
        return shown["status"], shown.get("is_anonymous")

    assert (await status(ANN), await status(BOB)) == (("creator", False), ("member", None))
    sandbox.promote(forum, BOB, anonymous=True)
    assert await status(BOB) == ("administrator", True)
    admins = await api.result("getChatAdministrators", chat_id=forum)
    assert {one["user"]["id"]: one["is_anonymous"] for one in admins} == {ANN: False, BOB: True}
    sandbox.demote(forum, BOB)
    sandbox.remove_member(forum, BOB)
    assert await status(BOB) == ("kicked", None)
    sandbox.pardon(forum, BOB)
    assert await status(BOB) == ("left", None)
    assert await api.result("getChatMemberCount", chat_id=forum) == 2


async def test_somebody_removed_from_a_plain_group_has_left(
    api: Api, sandbox: TelegramSandbox, group: int
) -> None:
    sandbox.remove_member(group, BOB)
    shown = await api.result("getChatMember", chat_id=group, user_id=BOB)
    assert shown["status"] == "left"
    with pytest.raises(ValueError, match="was not removed"):
        sandbox.pardon(group, BOB)


async def test_an_anonymous_admin_acts_as_the_group(
    heard: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    sandbox.set_anonymous(forum, ANN, anonymous=True)
    await heard.updates()
    sandbox.remove_member(forum, BOB, by=ANN)
    change, service = await heard.updates()
    assert change["chat_member"]["from"]["id"] == GROUP_ANONYMOUS_BOT
    assert service["message"]["from"]["id"] == GROUP_ANONYMOUS_BOT
    assert service["message"]["sender_chat"]["id"] == forum
    sandbox.set_anonymous(forum, ANN, anonymous=False)
    assert sandbox.say(ANN, forum, "/help")["from"]["id"] == ANN


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda one, chat: one.add_member(chat, BOB), "Bob is in Team already"),
        (lambda one, chat: one.promote(chat, CID), "Cid is not in Team"),
        (lambda one, chat: one.demote(chat, ANN), "Ann created Team"),
        (lambda one, chat: one.remove_member(chat, ANN, by=BOB), "Bob is no admin of Team"),
        (lambda one, chat: one.remove_member(chat, one.bot.id, by=BOB), "Bob is no admin"),
        (lambda one, chat: one.promote(chat, BOB, by=BOB), "Bob is no admin of Team"),
        (lambda one, chat: one.set_anonymous(chat, BOB, anonymous=True), "Bob is no admin"),
        (lambda one, chat: one.set_anonymous(chat, ANN, anonymous=True), "of a supergroup"),
        (lambda one, _: one.create_group(ANN, " "), "needs a title"),
    ],
)
def test_what_the_apps_do_not_offer_is_refused(
    sandbox: TelegramSandbox,
    group: int,
    act: Callable[[TelegramSandbox, int], object],
    words: str,
) -> None:
    sandbox.add_user(CID, "Cid")
    with pytest.raises(ValueError, match=words):
        act(sandbox, group)


async def test_a_created_group_has_its_creator_and_takes_the_bot(
    api: Api, sandbox: TelegramSandbox
) -> None:
    chat = sandbox.create_group(BOB, " Trip ")
    sandbox.add_member(chat.id, sandbox.bot.id, by=BOB)
    other = sandbox.create_group(BOB, "Trip")
    change, service = await api.updates()
    assert change["my_chat_member"]["chat"]["title"] == "Trip"
    assert service["message"]["new_chat_members"][0]["id"] == sandbox.bot.id
    admins = await api.result("getChatAdministrators", chat_id=chat.id)
    assert [(one["user"]["id"], one["status"]) for one in admins] == [(BOB, "creator")]
    assert other.id != chat.id
    assert sandbox.migrate(chat.id) < chat.id
