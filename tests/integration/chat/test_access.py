"""Who may use the bot: strangers ask, the owner decides."""

from collections.abc import AsyncIterator

import pytest

from bot.chat.buttons import DecideAccess
from bot.chat.codec import encode
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, BOB, EVE, GROUP, OWNER, Stage, words_on


@pytest.fixture
async def closed(run: Running) -> AsyncIterator[Stage]:
    """A bot that lets nobody in but whom the owner approves."""
    async with run(access="approval") as stage:
        await stage.say(OWNER, "/start")
        yield stage


@pytest.mark.parametrize("text", ["/buy", "/buy whatsapp", "whatsapp"])
async def test_a_stranger_is_told_and_can_ask(closed: Stage, text: str) -> None:
    answer = await closed.say(ANN, text)
    assert "owner has to let you in" in answer["text"]
    assert words_on(answer) == "🙋 Ask for access"


async def test_a_stranger_who_starts_has_asked(closed: Stage) -> None:
    answer = await closed.say(ANN, "/start")
    assert "owner has to let you in" in answer["text"]
    assert "asked the owner" in answer["text"]
    assert words_on(answer) == "🙋 Ask again"
    await closed.see_button(OWNER, "Approve")


async def test_an_approved_chat_may_buy(closed: Stage) -> None:
    await closed.say(ANN, "/buy")
    await closed.press(ANN, "Ask")
    await closed.see(ANN, "asked the owner")
    await closed.see(OWNER, "Ann")
    await closed.press(OWNER, "Approve")
    await closed.see(OWNER, "may buy now")
    await closed.see(ANN, "has approved")
    await closed.buy(ANN)


async def test_a_denied_chat_may_not_buy(closed: Stage) -> None:
    await closed.say(ANN, "/start")
    await closed.press(ANN, "Ask")
    await closed.see_button(OWNER, "Deny")
    await closed.press(OWNER, "Deny")
    await closed.see(ANN, "has not approved")
    answer = await closed.say(ANN, "/buy")
    assert "has not approved" in answer["text"]
    assert not words_on(answer)
    hello = await closed.say(ANN, "/start")
    assert "has not approved" in hello["text"]
    assert "I rent" not in hello["text"]
    assert "Buy" not in words_on(hello)


async def test_who_may_not_buy_is_told_so_wherever_they_look(closed: Stage) -> None:
    balance = await closed.say(ANN, "/balance")
    assert "owner has to let you in" in balance["text"]
    assert words_on(balance) == "🙋 Ask for access"
    numbers = await closed.say(ANN, "/numbers")
    assert "/buy" not in numbers["text"]
    assert "Buy" not in words_on(numbers)


async def test_a_late_deny_does_not_take_an_approval_back(closed: Stage) -> None:
    await closed.say(ANN, "/start")
    request = await closed.see_button(OWNER, "Deny")
    deny = encode(DecideAccess(ANN, approve=False))
    await closed.press(OWNER, "Approve")
    await closed.see(OWNER, "Ann may buy now")
    await closed.forge(OWNER, request, deny)
    await closed.see(OWNER, "Ann may buy now", after=request["message_id"])
    assert "Which service" in (await closed.say(ANN, "/buy"))["text"]


async def test_an_old_request_does_not_lift_a_suspension(run: Running) -> None:
    async with run(access="approval", owner_ids=f"{OWNER},{BOB}") as stage:
        for user_id in (OWNER, BOB, ANN):
            await stage.say(user_id, "/start")
        for owner_id in (OWNER, BOB):
            await stage.see_button(owner_id, "Approve")
        await stage.press(OWNER, "Approve")
        await stage.see(ANN, "has approved")
        await stage.say(OWNER, f"/admin chat {ANN}")
        await stage.press(OWNER, "Suspend")
        await stage.see_button(OWNER, "Suspend Ann")
        await stage.press(OWNER, "Suspend Ann")
        await stage.see(ANN, "has suspended")
        await stage.press(BOB, "Approve")
        await stage.see(BOB, "Ann is suspended; /admin decides.")
        assert "has suspended" in (await stage.say(ANN, "/buy"))["text"]


async def test_asking_twice_rings_the_owner_once(closed: Stage) -> None:
    asked = await closed.say(ANN, "/start")
    data = asked["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    for _ in range(3):
        answer = await closed.forge(ANN, asked, data)
        assert answer.text == "Already asked; the owner has not answered yet."
    await closed.see_button(OWNER, "Approve")
    await closed.say(OWNER, "/help")
    requests = [one for one in closed.telegram.messages_to(OWNER) if "Approve" in words_on(one)]
    assert len(requests) == 1


async def test_nobody_but_the_owner_decides(closed: Stage) -> None:
    asked = await closed.say(ANN, "/start")
    answer = await closed.forge(ANN, asked, encode(DecideAccess(ANN, approve=True)))
    assert "Only the owner" in answer.text
    assert "owner has to let you in" in (await closed.say(ANN, "/buy"))["text"]


async def test_a_stranger_s_forged_buttons_sell_nothing(closed: Stage) -> None:
    asked = await closed.say(ANN, "/start")
    await closed.forge(ANN, asked, "b1:p:dy:0003:is")
    await closed.see(ANN, "owner has to let you in", after=asked["message_id"])
    assert not closed.spotsms.calls


async def test_a_group_asks_for_itself(closed: Stage) -> None:
    closed.telegram.add_group(GROUP, "Team")
    closed.telegram.join(GROUP, ANN)
    closed.telegram.add_bot(GROUP)
    await closed.see(GROUP, "let this group in")
    await closed.see(OWNER, "Team")
    await closed.press(OWNER, "Approve")
    await closed.see(GROUP, "has approved")
    await closed.buy(ANN, GROUP)


async def test_a_group_that_the_owner_adds_the_bot_to_is_in(closed: Stage) -> None:
    closed.telegram.add_group(GROUP, "Team")
    closed.telegram.join(GROUP, OWNER)
    closed.telegram.add_bot(GROUP)
    await closed.see(GROUP, "has approved")
    assert "owner has to let you in" in (await closed.say(EVE, "/buy"))["text"]
