"""The owner alone settles an unknown outcome, is asked once more, and not before it is time."""

import pytest

from bot.chat.buttons import AskOutcome, DecideOutcome, ShowOutcome
from bot.chat.codec import encode
from bot.sandbox.spotsms import Fault
from bot.sandbox.telegram import JsonObject
from tests.integration.chat.helpers import ANN, OWNER, Stage, words_on


@pytest.fixture
async def told(stage: Stage) -> JsonObject:
    """Ann's purchase 1 has an unknown outcome, and the owner has this message about it."""
    await stage.say(OWNER, "/start")
    stage.spotsms.inject(Fault(action="getNumber", kind="drop", after_effect=True))
    await stage.quote(ANN)
    await stage.press(ANN, "Confirm")
    return await stage.see(OWNER, "unknown")


async def test_the_owner_is_told_when_to_expect_more_and_has_no_buttons_yet(
    told: JsonObject,
) -> None:
    assert "its balance is compared" in told["text"]
    assert words_on(told) == ""


@pytest.mark.parametrize("charged", [True, False])
async def test_danger_is_asked_once_more_with_the_amount(
    stage: Stage, told: JsonObject, charged: bool
) -> None:
    await stage.forge(OWNER, told, encode(AskOutcome(1, charged)))
    sure = await stage.see(OWNER, "is held", after=told["message_id"])
    price = f"${stage.spotsms.purchases[0].price.normalize()}"
    assert price in sure["text"]
    assert price in words_on(sure)
    assert ("your loss" in sure["text"]) is charged
    await stage.press(OWNER, "Back")
    question = await stage.see_button(OWNER, "It was charged")
    assert question["message_id"] == sure["message_id"]
    assert "Balance before:" in question["text"]
    assert "Ann" in question["text"]


async def test_nothing_is_decided_while_spotsms_may_still_answer(
    stage: Stage, told: JsonObject
) -> None:
    answer = await stage.forge(OWNER, told, encode(DecideOutcome(1, charged=False)))
    assert answer.show_alert
    assert "may still answer" in str(answer.text)


@pytest.mark.parametrize(
    "button", [ShowOutcome(1), AskOutcome(1, charged=True), DecideOutcome(1, charged=False)]
)
async def test_nobody_but_the_owner_is_asked(
    stage: Stage, told: JsonObject, button: ShowOutcome | AskOutcome | DecideOutcome
) -> None:
    assert told
    mine = stage.telegram.messages_to(ANN)[-1]
    answer = await stage.forge(ANN, mine, encode(button))
    assert answer.show_alert
    assert "Only the owner" in str(answer.text)


async def test_a_purchase_that_is_not_unknown_is_shown_as_it_stands(stage: Stage) -> None:
    hello = await stage.say(OWNER, "/start")
    await stage.buy(ANN)
    for button in (AskOutcome(1, charged=True), DecideOutcome(1, charged=True)):
        answer = await stage.forge(OWNER, hello, encode(button))
        assert answer.text == "Purchase #1: waiting for the SMS."
    gone = await stage.forge(OWNER, hello, encode(AskOutcome(99, charged=True)))
    assert gone.show_alert
