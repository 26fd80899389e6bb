"""Whoever leaves, or blocks the bot, leaves numbers behind that others pay for."""

import pytest

from bot.sandbox.telegram.model import User
from bot.workflows import departures
from tests.integration.chat.helpers import ANN, BOB, EVE, OWNER, Stage


@pytest.fixture
async def group(stage: Stage) -> int:
    return await stage.open_group()


@pytest.fixture
def _no_grace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(departures, "GRACE_SECONDS", 0.0)


@pytest.mark.usefixtures("_no_grace")
@pytest.mark.parametrize("bot_is_admin", [False, True])
async def test_the_numbers_of_a_member_who_left_are_given_back(
    stage: Stage, group: int, *, bot_is_admin: bool
) -> None:
    if bot_is_admin:
        stage.telegram.promote(group, stage.telegram.bot.id)
    await stage.buy(ANN, group)
    stage.telegram.leave(group, ANN)
    await stage.see(group, "Cancelled, since its buyer is gone. Refunded $0.0882.")


@pytest.mark.usefixtures("_no_grace")
async def test_the_numbers_of_a_member_who_was_removed_are_given_back(
    stage: Stage, group: int
) -> None:
    await stage.buy(EVE, group)
    await stage.buy(ANN, group)
    stage.telegram.remove_member(group, ANN, by=BOB)
    await stage.see(group, "Cancelled, since its buyer is gone. Refunded $0.0882.")
    assert len(stage.spotsms.calls_of("cancelRsActivation")) == 1


@pytest.mark.usefixtures("_no_grace")
async def test_the_numbers_of_somebody_who_blocks_the_bot_are_given_back(stage: Stage) -> None:
    await stage.buy(ANN)
    stage.telegram.block_bot(ANN)
    await stage.spotsms.wait_for(lambda: stage.spotsms.calls_of("cancelRsActivation"))


@pytest.mark.usefixtures("_no_grace")
async def test_the_numbers_of_a_group_that_removes_the_bot_are_given_back(
    stage: Stage, group: int
) -> None:
    await stage.buy(ANN, group)
    stage.telegram.remove_bot(group)
    await stage.spotsms.wait_for(lambda: stage.spotsms.calls_of("cancelRsActivation"))


async def test_the_notice_that_the_bot_has_left_is_no_sign_that_it_is_there(
    stage: Stage, group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Telegram tells of it in two updates, which are handled side by side."""
    await stage.buy(ANN, group)
    stage.telegram.remove_bot(group)
    await stage.say(ANN, "/help")
    left = stage.telegram.chat(group).messages[-1]
    assert left["left_chat_member"]["id"] == stage.telegram.bot.id
    stage.telegram.updates.put("message", left)
    await stage.say(ANN, "/help")
    assert not stage.spotsms.calls_of("cancelRsActivation")
    monkeypatch.setattr(departures, "GRACE_SECONDS", 0.0)
    await stage.spotsms.wait_for(lambda: stage.spotsms.calls_of("cancelRsActivation"))


async def test_another_bot_is_no_member(stage: Stage, group: int) -> None:
    stage.telegram.promote(group, stage.telegram.bot.id)
    stage.telegram.users[777] = User(777, "Helper", "helper_bot", is_bot=True)
    stage.telegram.join(group, 777)
    stage.telegram.join(group, EVE, "administrator")
    while "Eve" not in (told := (await stage.say(OWNER, "/members", group))["text"]):
        """Ask again: both come by a lane of their own, the bot first."""
    assert "777" not in told


async def test_a_member_who_comes_back_in_time_keeps_the_number(stage: Stage, group: int) -> None:
    card = await stage.buy(ANN, group)
    stage.telegram.leave(group, ANN)
    stage.telegram.add_member(group, ANN, by=OWNER)
    await stage.say(ANN, "/numbers", group)
    assert "Waiting for the SMS" in stage.now(card)["text"]
    assert not stage.spotsms.calls_of("cancelRsActivation")
