"""One confirmation buys at most one number, and nobody is told what is not known."""

import asyncio

import pytest

from bot.sandbox.spotsms import Fault
from tests.e2e.installation import ANNA, BORIS, Installation, digits
from tests.environment import OWNER


async def test_five_taps_on_confirm_buy_one_number(installation: Installation) -> None:
    await installation.start()
    quote = await installation.quote(ANNA)
    presses = [
        installation.telegram.press_button(ANNA, ANNA, "confirm", quote["message_id"])
        for _ in range(5)
    ]
    for press in presses:
        await press.answered()
    await installation.spotsms.wait_for(lambda: installation.spotsms.purchases)
    await installation.card(quote, digits(installation.spotsms.purchases[0].number))
    assert len(installation.spotsms.calls_of("getNumber")) == 1


async def test_the_same_update_delivered_twice_buys_one_number(installation: Installation) -> None:
    await installation.start()
    quote = await installation.quote(ANNA)
    await installation.confirm(ANNA, quote)
    last = max(row[0] for row in installation.rows("select update_id from inbox"))
    installation.telegram.redeliver(last)
    await installation.spotsms.wait_for(lambda: installation.spotsms.purchases)
    await installation.card(quote, digits(installation.spotsms.purchases[0].number))
    asked = installation.telegram.say(ANNA, ANNA, "/numbers")
    await installation.telegram.wait_message(ANNA, after=asked["message_id"])
    assert len(installation.spotsms.calls_of("getNumber")) == 1


async def test_a_tap_repeated_after_a_restart_buys_nothing_more(
    installation: Installation,
) -> None:
    await installation.start()
    quote = await installation.quote(ANNA)
    data = quote["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    await installation.confirm(ANNA, quote)
    await installation.spotsms.wait_for(lambda: installation.spotsms.purchases)
    await installation.card(quote, digits(installation.spotsms.purchases[0].number))
    await installation.kill()
    await installation.start()
    press = installation.telegram.press(ANNA, ANNA, quote["message_id"], data)
    await press.answered()
    assert len(installation.spotsms.calls_of("getNumber")) == 1


async def test_a_quote_can_be_confirmed_after_a_restart(installation: Installation) -> None:
    await installation.start()
    quote = await installation.quote(ANNA)
    await installation.kill()
    await installation.start()
    await installation.confirm(ANNA, quote)
    await installation.spotsms.wait_for(lambda: installation.spotsms.purchases)
    await installation.card(quote, digits(installation.spotsms.purchases[0].number))


@pytest.mark.parametrize("kind", ["drop", "reset", "cut", "half_json", "html", "http500", "empty"])
async def test_a_lost_answer_is_unknown_to_buyer_and_owner_and_never_asked_again(
    installation: Installation, kind: str
) -> None:
    await installation.start()
    installation.telegram.say(OWNER, OWNER, "/start")
    await installation.telegram.wait_message(OWNER)
    installation.spotsms.inject(
        Fault(action="getNumber", kind=kind, after_effect=True)  # type: ignore[arg-type] # parametrised
    )
    quote = await installation.quote(ANNA)
    await installation.confirm(ANNA, quote)
    await installation.card(quote, "unknown")
    await installation.telegram.wait_message(OWNER, "unknown")
    assert len(installation.spotsms.calls_of("getNumber")) == 1


async def test_a_purchase_that_a_crash_interrupted_is_unknown_to_buyer_and_owner(
    installation: Installation,
) -> None:
    await installation.start()
    installation.telegram.say(OWNER, OWNER, "/start")
    await installation.telegram.wait_message(OWNER)
    installation.spotsms.inject(Fault(action="getNumber", kind="stall", after_effect=True))
    quote = await installation.quote(ANNA)
    await installation.confirm(ANNA, quote)
    await installation.spotsms.wait_for(lambda: installation.spotsms.purchases)
    await installation.kill()
    await installation.start()
    await installation.card(quote, "unknown")
    await installation.telegram.wait_message(OWNER, "unknown")
    assert len(installation.spotsms.calls_of("getNumber")) == 1


async def test_a_late_answer_is_still_used(installation: Installation) -> None:
    await installation.start()
    installation.spotsms.inject(
        Fault(action="getNumber", kind="delay", seconds=4, after_effect=True)
    )
    quote = await installation.quote(ANNA)
    await installation.confirm(ANNA, quote)
    await installation.card(quote, "unknown")
    await installation.card(quote, digits(installation.spotsms.purchases[0].number))


async def test_a_refusal_costs_nothing(installation: Installation) -> None:
    await installation.start()
    installation.spotsms.inject(Fault(action="getNumber", kind="code", code=404))
    quote = await installation.quote(ANNA)
    await installation.confirm(ANNA, quote)
    await installation.card(quote, "no numbers")
    assert installation.spent() == 0
    assert not installation.spotsms.purchases


async def test_a_risen_price_is_asked_for_again(installation: Installation) -> None:
    await installation.start()
    quote = await installation.quote(ANNA)
    installation.spotsms.set_price("0948", "0.90")
    await installation.confirm(ANNA, quote)
    again = await installation.card(quote, "$0.90")
    assert not installation.spotsms.purchases
    await installation.confirm(ANNA, again)
    await installation.spotsms.wait_for(lambda: installation.spotsms.purchases)


async def test_only_the_asker_may_confirm(installation: Installation) -> None:
    from tests.e2e.installation import GROUP

    telegram = installation.telegram
    telegram.add_group(GROUP, "Team", "supergroup")
    for user in (ANNA, BORIS):
        telegram.join(GROUP, user)
    telegram.add_bot(GROUP)
    await installation.start()
    quote = await installation.quote(ANNA, chat=GROUP)
    answer = await telegram.press_button(BORIS, GROUP, "confirm", quote["message_id"]).answered()
    assert answer.show_alert
    assert not installation.spotsms.calls_of("getNumber")


async def test_an_unanswered_cancellation_is_asked_for_again_and_refunded_once(
    installation: Installation,
) -> None:
    await installation.start()
    _, card = await installation.buy(ANNA)
    installation.spotsms.inject(Fault(action="cancelRsActivation", kind="drop", after_effect=True))
    await installation.telegram.press_button(ANNA, ANNA, "cancel", card["message_id"]).answered()
    await installation.card(card, "refund")
    assert installation.rows("select count(*) from entries where kind = 'refund'") == [(1,)]
    assert installation.spent() == 0


async def test_a_refused_cancellation_refunds_nothing_and_the_number_is_watched_on(
    installation: Installation,
) -> None:
    await installation.start()
    purchase, card = await installation.buy(ANNA)
    installation.spotsms.inject(Fault(action="cancelRsActivation", kind="code", code=402))
    await installation.telegram.press_button(ANNA, ANNA, "cancel", card["message_id"]).answered()
    await installation.card(card, "refused")
    assert installation.rows("select count(*) from entries where kind = 'refund'") == [(0,)]
    installation.spotsms.send_sms(purchase.number, "Code 8080")
    await installation.telegram.wait_message(ANNA, "8080")


async def test_a_cancellation_that_comes_too_early_is_done_later(
    installation: Installation,
) -> None:
    installation.spotsms.cancel_min_age = 2.0
    await installation.start()
    _, card = await installation.buy(ANNA)
    await installation.telegram.press_button(ANNA, ANNA, "cancel", card["message_id"]).answered()
    await asyncio.wait_for(installation.card(card, "refund"), 20)


async def test_a_stop_waits_for_an_open_purchase(installation: Installation) -> None:
    await installation.start(spotsms_timeout=3)
    installation.spotsms.inject(
        Fault(action="getNumber", kind="delay", seconds=2, after_effect=True)
    )
    quote = await installation.quote(ANNA)
    await installation.confirm(ANNA, quote)
    await installation.spotsms.wait_for(lambda: installation.spotsms.calls_of("getNumber"))
    await installation.stop()
    assert installation.rows("select state from activations") == [("waiting",)]
    await installation.start()
    await installation.card(quote, digits(installation.spotsms.purchases[0].number))
