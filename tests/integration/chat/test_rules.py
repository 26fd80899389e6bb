"""A group's rules, as its members meet them."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.integration.chat.helpers import ANN, EVE, OWNER, Stage, data_of, words_on

Decide = Callable[[str], Awaitable[None]]


@pytest.fixture
def decide(tmp_path: Path) -> Decide:
    """Gives what writes a decision beside the running bot, waiting until it may."""

    def write(statement: str) -> None:
        with sqlite3.connect(tmp_path / "bot.db", timeout=30, isolation_level=None) as connection:
            connection.execute(statement)
        connection.close()

    async def decide(statement: str) -> None:
        await asyncio.to_thread(write, statement)

    return decide


@pytest.fixture
async def group(stage: Stage) -> int:
    return await stage.open_group()


async def test_where_only_admins_may_buy_an_admin_can_and_a_member_is_told(
    stage: Stage, group: int, decide: Decide
) -> None:
    await stage.quote(ANN, group)
    await decide("UPDATE chats SET who_may_buy = 'admins'")
    await stage.press(ANN, "Confirm", group)
    await stage.see(group, "Only admins of this group may buy here. Nothing was bought.")
    assert not stage.spotsms.calls_of("getNumber")
    told = await stage.say(ANN, "/buy", group)
    assert told["text"] == "Only admins of this group may buy here."
    await stage.quote(OWNER, group)
    assert (await stage.press(OWNER, "Confirm", group)).text == "Buying…"
    await stage.see_button(group, "Cancel")
    assert len(stage.spotsms.purchases) == 1


async def test_a_persons_own_chat_has_no_need_of_admins(stage: Stage, decide: Decide) -> None:
    await stage.say(ANN, "/start")
    await decide("UPDATE chats SET who_may_buy = 'admins'")
    await stage.buy(ANN)
    assert len(stage.spotsms.purchases) == 1


async def test_a_limit_is_told_with_whose_it_is_and_shown_under_balance(
    stage: Stage, group: int, decide: Decide
) -> None:
    columns = "chat_id, scope, user_id, weekly, per_hour"
    await decide(f"INSERT INTO limits ({columns}) VALUES ({group}, 'member', {ANN}, 100000, 9)")  # noqa: S608 - our own names
    await stage.buy(ANN, group)
    await stage.quote(ANN, group)
    await stage.press(ANN, "Confirm", group)
    refused = await stage.see(group, "your weekly limit of $0.10")
    assert "$0.0118 is left this week. The limit starts anew" in refused["text"]
    account = (await stage.say(ANN, "/balance", group))["text"]
    assert "Left: $9.9118 of $10.00" in account
    assert "You may still spend: $0.0118" in account
    assert "Your limit this week: $0.0118 left of $0.10" in account
    assert "Your purchases in the last hour: 1 of 9" in account
    others = (await stage.say(EVE, "/balance", group))["text"]
    assert "this week" not in others


async def test_a_suspended_chat_is_told_so(stage: Stage, group: int, decide: Decide) -> None:
    await stage.quote(ANN, group)
    await decide("UPDATE chats SET access = 'suspended'")
    await stage.press(ANN, "Confirm", group)
    await stage.see(group, "suspended this chat")
    assert "suspended this chat" in (await stage.say(ANN, "/buy", group))["text"]
    assert not stage.spotsms.calls_of("getNumber")


@pytest.mark.parametrize("words", ["/buy", "/buy microsoft", "/buy microsoft iceland"])
async def test_a_paused_group_is_told_so_before_it_has_chosen(
    words: str, stage: Stage, group: int
) -> None:
    await stage.say(OWNER, "/pause", group)
    told = await stage.say(ANN, words, group)
    assert "Purchases are paused here" in told["text"]
    assert words_on(told) == ""


async def test_a_button_of_before_the_pause_leads_no_further(stage: Stage, group: int) -> None:
    await stage.say(ANN, "/buy microsoft", group)
    await stage.say(OWNER, "/pause", group)
    await stage.press(ANN, "Mayotte", group)
    await stage.see(group, "Purchases are paused here")


async def test_what_a_group_forbids_is_not_offered_and_said_to_be_forbidden(
    stage: Stage, group: int
) -> None:
    listed = await stage.say(ANN, "/buy", group)
    first = words_on(listed).split(" · ")[0].split(" | ")[0]
    stale = data_of(listed, first)
    await stage.say(OWNER, f"/deny {first}", group)
    assert first not in words_on(await stage.say(ANN, "/buy", group)).split(" · ")[0]
    assert (
        "service may not be bought here" in (await stage.say(ANN, f"/buy {first}", group))["text"]
    )
    await stage.forge(ANN, listed, stale)
    await stage.see(group, "service may not be bought here")


async def test_a_forbidden_country_is_not_offered_and_said_to_be_forbidden(
    stage: Stage, group: int
) -> None:
    open_list = await stage.say(ANN, "/buy microsoft", group)
    assert "Mayotte" in words_on(open_list)
    mayotte = data_of(open_list, "Mayotte")
    await stage.say(OWNER, "/deny mayotte", group)
    assert "Mayotte" not in words_on(await stage.say(ANN, "/buy microsoft", group))
    refused = await stage.say(ANN, "/buy microsoft mayotte", group)
    assert "country may not be bought here" in refused["text"]
    assert words_on(refused) == "« Back | ✖ Close"
    await stage.forge(ANN, open_list, mayotte)
    await stage.see(group, "country may not be bought here")
