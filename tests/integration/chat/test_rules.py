"""A group's rules, as its members meet them."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from tests.integration.chat.helpers import ANN, EVE, OWNER, Stage

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
    await decide("UPDATE chats SET who_may_buy = 'admins'")
    await stage.quote(ANN, group)
    await stage.press(ANN, "Confirm", group)
    await stage.see(group, "Only admins of this group may buy here. Nothing was bought.")
    assert not stage.spotsms.calls_of("getNumber")
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
    assert "$0.0118 is left this week. It starts anew" in refused["text"]
    account = (await stage.say(ANN, "/balance", group))["text"]
    assert "Left: $0.0118 of $10.00" in account
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
