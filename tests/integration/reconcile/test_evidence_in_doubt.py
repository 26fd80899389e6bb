"""Where the balance may hide something, or a refund never comes, the owner is asked, and once."""

from bot.domain.activation import Activation, State
from bot.domain.ledger import (
    LOSSES,
    PROVIDER,
    REFUNDS_DUE,
    UNEXPLAINED,
)
from tests.integration.reconcile.shop import OWNER, PRICE, Shop

BALANCE = 50_000_000


async def hidden(shop: Shop) -> tuple[Activation, Activation]:
    """Give an open number that is refunded unasked, and a charge that its refund hides."""
    number = await shop.buy()
    shop.sandbox.refund(shop.last_number().number)
    return number, await shop.buy_unanswered(charged=True)


async def test_a_charge_that_a_refund_may_hide_is_left_to_the_owner(shop: Shop) -> None:
    _, lost = await hidden(shop)
    await shop.after_deadline()
    assert (await shop.now(lost)).state is State.UNKNOWN
    assert "undecided" in [told["kind"] for told in await shop.told()]
    assert await shop.balance(UNEXPLAINED) == 0


async def test_also_when_that_number_has_expired_or_was_lost_itself(shop: Shop) -> None:
    gone = await shop.buy_unanswered(charged=True)
    await shop.after_deadline()
    assert (await shop.now(gone)).state is State.LOST
    shop.sandbox.refund(shop.last_number().number)
    lost = await shop.buy_unanswered(charged=True)
    await shop.after_deadline()
    assert (await shop.now(lost)).state is State.UNKNOWN


async def test_it_is_settled_once_that_number_can_hide_nothing_any_more(shop: Shop) -> None:
    number = await shop.buy()
    spared = await shop.buy_unanswered(charged=False)
    await shop.after_deadline()
    assert (await shop.now(spared)).state is State.UNKNOWN
    assert (await shop.cancel(number)).state is State.CANCELLED
    await shop.reconcile()
    assert (await shop.now(spared)).state is State.DECLINED
    assert await shop.balance(REFUNDS_DUE) == 0
    assert await shop.differences() == []


async def test_open_numbers_of_other_prices_hide_nothing(shop: Shop) -> None:
    shop.sandbox.set_price("0003", "0.40")
    await shop.buy(pid="0003")
    spared = await shop.buy_unanswered(charged=False)
    await shop.after_deadline()
    assert (await shop.now(spared)).state is State.DECLINED


async def topped_up(shop: Shop) -> Activation:
    """Give a charged purchase that the owner does not decide on, beside a top-up."""
    undecided = await shop.buy_unanswered(charged=True)
    shop.sandbox.set_balance("59.75")
    await shop.after_deadline()
    assert (await shop.conclusions())[-1] == "unclear"
    await shop.reconcile(rounds=16)
    return undecided


async def test_an_undecided_purchase_beside_a_top_up_does_not_stop_the_evidence_for_ever(
    shop: Shop,
) -> None:
    undecided = await topped_up(shop)
    assert (await shop.now(undecided)).state is State.UNKNOWN
    [gain] = await shop.alerts()
    assert (gain["alert"], gain["amount"]) == ("unexplained_gain", "$9.75")
    lost = await shop.buy_unanswered(charged=True)
    await shop.after_deadline()
    assert (await shop.now(lost)).state is State.LOST
    assert (await shop.now(undecided)).state is State.UNKNOWN
    assert await shop.balance(PROVIDER) == 59_500_000
    assert await shop.differences() == []


async def test_what_the_owner_decides_then_is_no_difference_once_more(shop: Shop) -> None:
    undecided = await topped_up(shop)
    await shop.restarted().reconciliation.decide(undecided.id, OWNER, charged=True)
    await shop.reconcile()
    assert await shop.balance(LOSSES) == PRICE
    assert await shop.balance(UNEXPLAINED) == -10_000_000
    assert await shop.balance(PROVIDER) == 59_750_000
    assert len(await shop.alerts()) == 1
    assert await shop.differences() == []


async def never_refunded(shop: Shop) -> Activation:
    """Give a number whose refund is promised, and not paid within a day."""
    number = await shop.cancel(await shop.buy())
    shop.sandbox.set_balance("49.75")
    await shop.reconcile()
    assert await shop.alerts() == []
    shop.clock.forward(86_400)
    await shop.reconcile()
    return number


async def test_a_promised_refund_that_does_not_come_in_a_day_is_reported_once(
    shop: Shop,
) -> None:
    number = await never_refunded(shop)
    await shop.restarted().reconcile()
    [missing] = await shop.alerts()
    assert (missing["alert"], missing["activation_id"]) == ("refund_missing", number.id)
    assert missing["amount"] == "$0.25"
    assert await shop.balance(REFUNDS_DUE) == PRICE


async def test_the_owner_may_book_it_as_a_loss_once_and_what_comes_then_is_a_gain(
    shop: Shop,
) -> None:
    number = await never_refunded(shop)
    assert await shop.give_up_refund(number)
    assert not await shop.give_up_refund(number)
    assert await shop.balance(REFUNDS_DUE) == 0
    assert await shop.balance(LOSSES) == PRICE
    assert await shop.spent() == 0
    shop.sandbox.set_balance("50.00")
    await shop.reconcile()
    assert [alert["alert"] for alert in await shop.alerts()] == [
        "refund_missing",
        "unexplained_gain",
    ]
    assert await shop.differences() == []
