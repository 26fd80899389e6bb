"""Invitations: a link of the owner's lets one chat in, once, and nobody else."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.sandbox.telegram import JsonObject
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, BOB, EVE, GROUP, OWNER, Stage, data_of, words_on


@pytest.fixture
async def closed(run: Running) -> AsyncIterator[Stage]:
    """A bot that lets nobody in but whom the owner approves or invites."""
    async with run(access="approval") as stage:
        await stage.say(OWNER, "/start")
        yield stage


async def _invite(stage: Stage, *choices: str) -> str:
    """Make an invitation at the desk, and give its link."""
    shown = await stage.say(OWNER, "/admin")
    desk_id = shown["message_id"]
    for choice in ("Invite", *choices, "Make the link"):
        await stage.forge(OWNER, shown, data_of(shown, choice))
        before = shown

        def has_changed(one: JsonObject, old: JsonObject = before) -> bool:
            return bool(one["message_id"] == desk_id and one["text"] != old["text"])

        shown = await stage.telegram.wait_message(OWNER, has_changed)
    entity = next(one for one in shown["entities"] if one["type"] == "code")
    start = entity["offset"]
    text = shown["text"].encode("utf-16-le")
    link: str = text[2 * start : 2 * (start + entity["length"])].decode("utf-16-le")
    return link


async def _follow(stage: Stage, user_id: int, link: str, chat_id: int | None = None) -> JsonObject:
    """Open a link, and give the answer to it."""
    said = stage.telegram.follow(user_id, link, chat_id)
    assert said is not None
    if chat_id is not None:
        await stage.see(chat_id, "/buy gets one")  # the greeting, which may come after the answer
    return await stage.telegram.wait_message(
        chat_id or user_id, "Hello, ", after=said["message_id"]
    )


def _requests(stage: Stage) -> list[JsonObject]:
    return [one for one in stage.telegram.messages_to(OWNER) if "Deny" in words_on(one)]


async def test_an_invited_person_buys_without_a_question_up_to_the_limit(closed: Stage) -> None:
    link = await _invite(closed, "$2.00", "30 days")
    assert "?start=" in link
    told = await _follow(closed, ANN, link)
    assert "You may buy now, for up to $2.00 a day" in told["text"]
    assert "Buy a number" in words_on(told)
    assert "of $2.00" in (await closed.say(ANN, "/balance"))["text"]
    await closed.buy(ANN)
    assert not _requests(closed)
    log = await closed.say(OWNER, f"/admin chat {ANN}")
    assert "new → approved" in log["text"]
    assert "the usual limit → $2.00" in log["text"]


async def test_a_second_use_does_nothing_and_says_so(closed: Stage) -> None:
    link = await _invite(closed)
    await _follow(closed, ANN, link)
    for user_id in (EVE, ANN):
        assert "has been used already" in (await _follow(closed, user_id, link))["text"]
    assert "owner has to let you in" in (await closed.say(EVE, "/buy"))["text"]
    assert "owner has to" not in (await closed.say(ANN, "/buy"))["text"]


async def test_of_two_who_come_at_once_one_is_let_in(closed: Stage) -> None:
    link = await _invite(closed)
    told = await asyncio.gather(*(_follow(closed, one, link) for one in (ANN, BOB, EVE)))
    assert sum("You may buy now" in one["text"] for one in told) == 1
    assert sum("has been used already" in one["text"] for one in told) == 2


async def test_a_group_is_let_in_by_its_link_and_the_owner_is_not_asked(closed: Stage) -> None:
    link = await _invite(closed, "A group", "$5.00")
    assert "?startgroup=" in link
    closed.telegram.add_group(GROUP, "Team")
    closed.telegram.join(GROUP, ANN)
    told = await _follow(closed, ANN, link, GROUP)
    assert "This group may buy now, for up to $5.00 a day" in told["text"]
    await closed.buy(ANN, GROUP)
    await closed.say(EVE, "/start")
    await closed.see_button(OWNER, "Approve")
    assert len(_requests(closed)) == 1, "Eve's alone"


async def test_an_invitation_is_only_for_what_it_was_made_for(closed: Stage) -> None:
    link = await _invite(closed, "A group")
    private = link.replace("startgroup", "start")
    assert "is for a group" in (await _follow(closed, ANN, private))["text"]
    closed.telegram.add_group(GROUP, "Team")
    closed.telegram.join(GROUP, ANN)
    assert "may buy now" in (await _follow(closed, ANN, link, GROUP))["text"]


async def test_a_wrong_payload_is_a_plain_start(closed: Stage) -> None:
    plain = await closed.say(ANN, "/start")
    for payload in ("0" * 32, "x", "%27"):
        said = closed.telegram.say(ANN, ANN, f"/start {payload}")
        again = await closed.see(ANN, "Hello", after=said["message_id"])
        assert again["text"] == plain["text"]


async def test_a_withdrawn_invitation_lets_nobody_in(closed: Stage) -> None:
    link = await _invite(closed)
    desk = await closed.say(OWNER, "/admin")
    await closed.forge(OWNER, desk, data_of(desk, "Invite"))
    listed = await closed.see(OWNER, "Open invitations", after=desk["message_id"] - 1)
    assert link in listed["text"]
    await closed.forge(OWNER, listed, data_of(listed, "Withdraw"))
    await closed.telegram.wait_message(
        OWNER,
        lambda one: one["message_id"] == desk["message_id"] and "\nnone" in one["text"],
    )
    assert "owner has to let you in" in (await _follow(closed, ANN, link))["text"]
    assert "owner has to let you in" in (await closed.say(ANN, "/buy"))["text"]


async def test_a_suspended_chat_is_not_let_in_by_an_invitation(closed: Stage) -> None:
    await _follow(closed, ANN, await _invite(closed))
    chat = await closed.say(OWNER, f"/admin chat {ANN}")
    await closed.forge(OWNER, chat, data_of(chat, "Suspend"))
    sure = await closed.see(OWNER, "Suspend Ann?", after=chat["message_id"] - 1)
    await closed.forge(OWNER, sure, data_of(sure, "Suspend"))
    await closed.see(ANN, "suspended this chat")
    told = await _follow(closed, ANN, await _invite(closed))
    assert "an invitation changes nothing" in told["text"]
    assert "suspended" in (await closed.say(ANN, "/buy"))["text"]
