"""A confirmation buys what was shown, at the price that was shown, once, or says why not."""

import asyncio

from bot.domain.activation import State
from bot.domain.ledger import HOLDS
from bot.domain.policy import Reason
from bot.provider import BoughtNumber, NoNumbers
from bot.sandbox.spotsms import Fault
from bot.workflows.confirmation import (
    NotAllowed,
    NotYours,
    OfferGone,
    PriceRose,
    PriceUnknown,
    QuoteGone,
    Replayed,
    Started,
)
from bot.workflows.ports import Buyer
from bot.workflows.rules import LEASE_MARGIN_SECONDS, QUOTE_SECONDS
from tests.integration.reconcile.shop import CHAT, PRICE, Shop

STRANGER = 777


async def test_a_second_confirmation_shows_how_the_first_went(shop: Shop) -> None:
    quote = await shop.quote()
    await shop.confirm(quote)
    await shop.kit.calls.drain()
    again = await shop.confirm(quote)
    assert isinstance(again, Replayed)
    assert again.activation.state is State.WAITING
    assert len(shop.sandbox.purchases) == 1


async def test_two_confirmations_at_the_same_moment_buy_once(shop: Shop) -> None:
    quote = await shop.quote()
    outcomes = await asyncio.gather(*(shop.confirm(quote) for _ in range(5)))
    await shop.kit.calls.drain()
    assert sorted(type(one).__name__ for one in outcomes) == ["Replayed"] * 4 + ["Started"]
    assert len(shop.sandbox.purchases) == 1
    assert await shop.spent() == PRICE


async def test_nobody_else_confirms_a_quote_before_or_after_its_buyer(shop: Shop) -> None:
    quote = await shop.quote()
    stranger = Buyer(STRANGER, CHAT)
    assert await shop.purchases.confirm(quote.id, stranger, 1) == NotYours()
    await shop.confirm(quote)
    await shop.kit.calls.drain()
    assert await shop.purchases.confirm(quote.id, stranger, 1) == NotYours()


async def test_a_quote_is_worth_nothing_in_another_chat(shop: Shop) -> None:
    quote = await shop.quote()
    assert await shop.purchases.confirm(quote.id, Buyer(CHAT, STRANGER), 1) == QuoteGone()
    assert await shop.purchases.confirm("0" * 16, Buyer(CHAT, CHAT), 1) == QuoteGone()


async def test_a_quote_ends_with_its_time(shop: Shop) -> None:
    quote = await shop.quote()
    shop.clock.forward(QUOTE_SECONDS)
    assert isinstance(await shop.confirm(quote), Started)
    await shop.kit.calls.drain()
    late = await shop.quote()
    shop.clock.forward(QUOTE_SECONDS + 0.001)
    assert await shop.confirm(late) == QuoteGone()


async def test_a_higher_price_is_asked_about_again(shop: Shop) -> None:
    quote = await shop.quote()
    shop.sandbox.set_price("0948", "0.30")
    outcome = await shop.confirm(quote)
    assert isinstance(outcome, PriceRose)
    assert (outcome.quote.price, outcome.quote.id != quote.id) == (300_000, True)
    assert shop.sandbox.purchases == []
    assert isinstance(await shop.confirm(outcome.quote), Started)
    await shop.kit.calls.drain()
    assert await shop.spent() == 300_000


async def test_a_lower_price_is_what_is_paid(shop: Shop) -> None:
    quote = await shop.quote()
    shop.sandbox.set_price("0948", "0.20")
    await shop.confirm(quote)
    await shop.kit.calls.drain()
    assert await shop.spent() == 200_000


async def test_what_is_not_sold_any_more_cannot_be_confirmed(shop: Shop) -> None:
    quote = await shop.quote()
    del shop.sandbox.catalogue.services["0948"]
    assert await shop.confirm(quote) == OfferGone()


async def test_without_a_present_price_nothing_is_bought(shop: Shop) -> None:
    quote = await shop.quote()
    shop.sandbox.inject(Fault(action="services", kind="http500"))
    assert await shop.confirm(quote) == PriceUnknown()
    assert shop.sandbox.purchases == []
    assert isinstance(await shop.confirm(quote), Started)
    await shop.kit.calls.drain()


async def test_a_bot_that_stops_begins_no_purchase(shop: Shop) -> None:
    quote = await shop.quote()
    shop.purchases.stop()
    refused = await shop.confirm(quote)
    assert isinstance(refused, NotAllowed)
    assert refused.refusal.reason is Reason.RESTARTING
    assert isinstance(await shop.restarted().confirm(quote), Started)


async def test_an_answer_that_takes_long_is_told_and_used(shop: Shop) -> None:
    shop.sandbox.inject(Fault(action="getNumber", kind="delay", seconds=1.3))
    activation = await shop.buy()
    assert activation.slow_since
    assert activation.state is State.WAITING
    assert await shop.spent() == PRICE


async def test_a_call_whose_lease_has_nearly_run_out_is_not_made(shop: Shop) -> None:
    """Another process may take it for dead by the time of the answer."""
    quote = await shop.quote()
    async with shop.kit.gate.quiet(5):
        outcome = await shop.confirm(quote)
        assert isinstance(outcome, Started)
        shop.clock.forward(LEASE_MARGIN_SECONDS + 1)
    await shop.kit.calls.drain()
    assert (await shop.now(outcome.activation)).state is State.DECLINED
    assert shop.sandbox.calls_of("getNumber") == []
    assert await shop.balance(HOLDS) == 0


async def test_a_call_that_fails_on_our_side_leaves_the_outcome_unknown(shop: Shop) -> None:
    """Whoever closes the connections too early may have lost an answer."""
    quote = await shop.quote()
    await shop.provider._spending.aclose()
    outcome = await shop.confirm(quote)
    assert isinstance(outcome, Started)
    await shop.kit.calls.drain()
    assert (await shop.now(outcome.activation)).state is State.UNKNOWN
    assert await shop.spent() == PRICE


async def test_a_purchase_refused_for_want_of_money_makes_the_balance_be_read(shop: Shop) -> None:
    await shop.reconciliation.step()
    shop.sandbox.set_balance("0.01")
    assert (await shop.buy()).state is State.DECLINED
    before = len(shop.sandbox.calls_of("balance"))
    await shop.reconciliation.step()
    assert len(shop.sandbox.calls_of("balance")) == before + 1


async def test_a_key_refused_at_a_purchase_declines_it_and_stops_the_next(shop: Shop) -> None:
    first, second = await shop.quote(), await shop.quote()
    shop.sandbox.inject(Fault(action="getNumber", kind="code", code=401))
    await shop.confirm(first)
    await shop.kit.calls.drain()
    assert await shop.spent() == 0
    assert isinstance(await shop.confirm(second), NotAllowed)
    assert [alert["alert"] for alert in await shop.alerts()] == ["key_refused"]


async def test_a_number_that_came_once_is_not_replaced_by_a_second_answer(shop: Shop) -> None:
    activation = await shop.buy()
    other = BoughtNumber("+12025550199", "rs-other", "0948")
    await shop.settlement.bought(activation, other)
    assert await shop.now(activation) == activation
    assert await shop.differences() == []


async def test_a_refusal_after_the_number_changes_nothing(shop: Shop) -> None:
    activation = await shop.buy()
    await shop.settlement.failed(activation, NoNumbers(404, "No numbers available"))
    await shop.settlement.unknown(activation, "interrupted")
    assert await shop.now(activation) == activation
    assert await shop.spent() == PRICE


async def test_a_number_without_an_id_that_is_watched_already_is_not_another_purchase_s(
    shop: Shop,
) -> None:
    watched = await shop.buy()
    assert watched.number
    doubtful = await shop.buy_unanswered(charged=False)
    await shop.settlement.bought(doubtful, BoughtNumber(watched.number, None, "0948"))
    assert (await shop.now(doubtful)).state is State.UNKNOWN


async def test_one_number_without_an_id_can_be_watched_for_two_services(shop: Shop) -> None:
    watched = await shop.buy()
    assert watched.number
    second = await shop.buy_unanswered(charged=False)
    await shop.settlement.bought(second, BoughtNumber(watched.number, None, "0949"))
    assert (await shop.now(second)).state is State.WAITING


async def test_what_a_dead_process_began_becomes_unknown_once_its_lease_has_run_out(
    shop: Shop,
) -> None:
    shop.sandbox.inject(Fault(action="getNumber", kind="delay", seconds=0.2))
    begun = await shop.begin()
    heir = shop.restarted()
    await heir.purchases.recover(all_are_dead=False)
    assert (await shop.now(begun)).state is State.REQUESTED
    shop.clock.forward((begun.lease_until - shop.clock.now()) / 1000 + 1)
    await heir.purchases.recover(all_are_dead=False)
    assert (await shop.now(begun)).state is State.UNKNOWN
    await shop.kit.calls.drain()
    assert (await shop.now(begun)).state is State.WAITING
