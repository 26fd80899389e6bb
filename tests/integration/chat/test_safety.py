"""What people press that they should not be able to press."""

import random

import pytest

from bot.chat.buttons import (
    BuyAgain,
    CancelNumber,
    Confirm,
    PickOffer,
    ShowServices,
)
from bot.chat.codec import encode
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, EVE, Stage, data_of, words_on

GARBAGE = [
    "b1:",
    "",
    "b1:s",
    "b1:y:' OR 1=1 --",
    "b1:k:99999999999999999999",
    "b1:k:-1",
    "b1:p:0:0003:is",
    "b2:s:1:0",
    "\x00",
    "b1:s:1:0\x00",
    "привет",
]


@pytest.mark.parametrize("seed", [1, 2])
async def test_forged_buttons_are_answered_and_do_nothing(stage: Stage, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - the same forgeries every time
    card = await stage.buy()
    quote = await stage.quote(EVE)
    good = [data_of(card, "Cancel"), data_of(quote, "Back"), encode(BuyAgain(1))]
    cut = [text[: chance.randrange(1, len(text))] for text in good for _ in range(4)]
    longer = [text + chance.choice(":0x") for text in good for _ in range(2)]
    noise = ["".join(chr(chance.randrange(1, 128)) for _ in range(64)) for _ in range(10)]
    others = [data_of(card, "Cancel"), encode(BuyAgain(1)), encode(Confirm("0" * 16))]
    for data in (*GARBAGE, *cut, *longer, *noise, *others):
        answer = await stage.forge(EVE, quote, data)
        assert answer.text, data
    assert stage.now(quote) == quote
    assert stage.now(card) == card
    assert len(stage.spotsms.calls_of("getNumber")) == 1
    assert not stage.spotsms.calls_of("cancelRsActivation")


async def test_another_s_quote_cannot_be_confirmed_from_another_chat(stage: Stage) -> None:
    quote = await stage.quote(ANN)
    own = await stage.say(EVE, "/buy")
    answer = await stage.forge(EVE, own, data_of(quote, "Confirm"))
    assert "no longer works" in answer.text
    assert not stage.spotsms.calls_of("getNumber")


async def test_a_button_that_names_another_owner_is_refused(stage: Stage) -> None:
    own = await stage.say(EVE, "/buy")
    for button in (ShowServices(ANN, 1), PickOffer(ANN, "0003", "is", "0003"), ShowServices(0)):
        answer = await stage.forge(EVE, own, encode(button))
        assert "Only the one who started this" in answer.text
    assert stage.now(own) == own


async def test_buttons_from_before_a_restart_work(run: Running) -> None:
    async with run() as stage:
        services = await stage.say(ANN, "/buy")
        card = await stage.buy()
        quote = await stage.quote()
    async with run() as stage:
        await stage.forge(ANN, services, data_of(services, "▶"))
        await stage.see(ANN, "Page 2")
        await stage.forge(ANN, quote, data_of(quote, "Confirm"))
        await stage.spotsms.wait_for(lambda: len(stage.spotsms.purchases) == 2)
        answer = await stage.forge(ANN, card, data_of(card, "Cancel"))
        assert answer.text == "Cancelling…"
        await stage.see(ANN, "Refunded $0.0882")


async def test_a_press_on_a_message_that_has_changed_changes_it_no_further(stage: Stage) -> None:
    card = await stage.buy()
    await stage.forge(ANN, card, encode(ShowServices(ANN, 1)))
    await stage.see(ANN, "Page 2", after=card["message_id"])
    assert stage.now(card) == card
    assert "Cancel" in words_on(card)


async def test_a_number_of_nobody_cannot_be_cancelled(stage: Stage) -> None:
    own = await stage.say(EVE, "/buy")
    answer = await stage.forge(EVE, own, encode(CancelNumber(2**40)))
    assert answer.show_alert


async def test_a_confirmation_on_another_message_leaves_that_message_alone(stage: Stage) -> None:
    services = await stage.say(ANN, "/buy")
    quote = await stage.quote()
    answer = await stage.forge(ANN, services, data_of(quote, "Confirm"))
    assert answer.text == "Buying…"
    card = await stage.see_button(ANN, "Cancel and refund")
    assert card["message_id"] not in {services["message_id"], quote["message_id"]}
    assert stage.now(services) == services
