"""The balance settles what nobody answered for, only where exactly one explanation fits."""

import asyncio
import threading

import pytest

from bot.domain.activation import State
from bot.domain.evidence import Reading
from bot.domain.ledger import (
    HOLDS,
    LOSSES,
    PRICE_DIFFERENCES,
    PROVIDER,
    REFUNDS_DUE,
    UNEXPLAINED,
)
from bot.domain.verdict import Books, Verdict, judge
from bot.sandbox.spotsms import Fault
from bot.workflows import reconcile
from tests.integration.reconcile.shop import OWNER, PRICE, Shop

BALANCE = 50_000_000
PATIENCE = 5.0


async def test_the_first_reading_opens_the_ledger_and_is_reported_to_nobody(shop: Shop) -> None:
    assert await shop.balance(PROVIDER) == BALANCE
    assert await shop.told() == []
    assert await shop.conclusions() == ["opening", "explained", "explained"]


async def test_a_lost_answer_without_a_charge_gives_the_held_money_back(shop: Shop) -> None:
    activation = await shop.buy_unanswered(charged=False)
    assert await shop.spent() == PRICE
    await shop.after_deadline()
    assert (await shop.now(activation)).state is State.DECLINED
    assert await shop.spent() == 0
    assert await shop.balance(HOLDS) == 0
    assert await shop.balance(PROVIDER) == BALANCE
    assert await shop.differences() == []


async def test_a_lost_answer_with_a_charge_is_the_owners_loss(shop: Shop) -> None:
    activation = await shop.buy_unanswered(charged=True)
    await shop.after_deadline()
    assert (await shop.now(activation)).state is State.LOST
    assert await shop.spent() == 0
    assert await shop.balance(LOSSES) == PRICE
    assert await shop.balance(PROVIDER) == BALANCE - PRICE
    assert await shop.differences() == []


async def test_buyer_and_owners_are_told_once_what_the_balance_said(shop: Shop) -> None:
    activation = await shop.buy_unanswered(charged=True)
    await shop.after_deadline()
    await shop.reconcile()
    [concluded] = await shop.alerts()
    assert concluded == {
        "kind": "alert",
        "alert": "outcome_concluded",
        "activation_id": activation.id,
        "charged": True,
        "amount": "$0.25",
    }
    told = [one["kind"] for one in await shop.told(activation.chat_id)]
    assert told == ["card", "unknown", "known"]


async def test_nothing_is_concluded_before_the_calls_deadline(shop: Shop) -> None:
    activation = await shop.buy_unanswered(charged=True)
    for _ in range(3):
        await shop.reconciliation.step()
        shop.clock.forward(1)
    assert (await shop.now(activation)).state is State.UNKNOWN


async def test_one_reading_alone_settles_nothing_since_a_balance_may_lag(shop: Shop) -> None:
    activation = await shop.buy_unanswered(charged=True)
    shop.sandbox.set_balance("50.00")
    shop.clock.forward(300)
    await shop.reconciliation.step()
    assert (await shop.now(activation)).state is State.UNKNOWN
    shop.sandbox.set_balance("49.75")
    shop.clock.forward(10)
    await shop.reconcile()
    assert (await shop.now(activation)).state is State.LOST


async def test_purchases_of_different_prices_are_told_apart(shop: Shop) -> None:
    shop.sandbox.set_price("0003", "0.40")
    lost = await shop.buy_unanswered(charged=True)
    spared = await shop.buy_unanswered(charged=False, pid="0003")
    await shop.after_deadline()
    assert (await shop.now(lost)).state is State.LOST
    assert (await shop.now(spared)).state is State.DECLINED


async def test_two_purchases_of_one_price_stay_for_the_owner_who_is_asked_once(
    shop: Shop,
) -> None:
    first = await shop.buy_unanswered(charged=True)
    second = await shop.buy_unanswered(charged=False)
    await shop.after_deadline()
    await shop.reconcile()
    assert (await shop.now(first)).state is State.UNKNOWN
    assert (await shop.now(second)).state is State.UNKNOWN
    kinds = [told["kind"] for told in await shop.told()]
    assert kinds == ["unknown_owner", "unknown_owner", "undecided", "undecided"]
    assert await shop.spent() == 2 * PRICE


async def test_two_purchases_of_one_price_that_were_both_charged_are_settled(shop: Shop) -> None:
    both = [await shop.buy_unanswered(charged=True) for _ in range(2)]
    await shop.after_deadline()
    assert [(await shop.now(one)).state for one in both] == [State.LOST, State.LOST]
    assert await shop.balance(PROVIDER) == BALANCE - 2 * PRICE


async def test_a_purchase_beside_a_top_up_stays_for_the_owner(shop: Shop) -> None:
    activation = await shop.buy_unanswered(charged=True)
    shop.sandbox.set_balance("60.00")
    await shop.after_deadline()
    assert (await shop.now(activation)).state is State.UNKNOWN
    assert await shop.balance(UNEXPLAINED) == 0
    assert await shop.alerts() == []


async def test_the_owner_is_asked_even_while_the_balance_cannot_be_read(shop: Shop) -> None:
    await shop.buy_unanswered(charged=True)
    shop.sandbox.inject(Fault(action="balance", kind="http500", times=None))
    await shop.after_deadline()
    assert [told["kind"] for told in await shop.told()] == ["unknown_owner", "undecided"]


async def test_a_refund_is_booked_as_seen_once_the_balance_shows_it(shop: Shop) -> None:
    number = await shop.buy()
    assert (await shop.cancel(number)).state is State.CANCELLED
    assert await shop.balance(REFUNDS_DUE) == PRICE
    await shop.reconcile()
    assert await shop.balance(REFUNDS_DUE) == 0
    assert await shop.balance(PROVIDER) == BALANCE
    assert await shop.alerts() == []
    assert await shop.differences() == []


async def test_a_refund_that_does_not_come_stays_due_and_is_recognised_later(shop: Shop) -> None:
    number = await shop.buy()
    await shop.cancel(number)
    shop.sandbox.set_balance("49.75")
    await shop.reconcile()
    assert await shop.balance(REFUNDS_DUE) == PRICE
    shop.sandbox.set_balance("50.00")
    await shop.reconcile()
    assert await shop.balance(REFUNDS_DUE) == 0
    assert await shop.alerts() == []


async def test_a_cheaper_or_dearer_pid_is_refunded_for_what_it_took(shop: Shop) -> None:
    shop.sandbox.catalogue.offer("0948").used_pid = "0003"
    shop.sandbox.set_price("0003", "0.40")
    number = await shop.buy()
    assert number.pid_used == "0003"
    assert await shop.balance(PROVIDER) == BALANCE - 400_000
    await shop.cancel(number)
    await shop.reconcile()
    assert await shop.balance(PROVIDER) == BALANCE
    assert await shop.balance(REFUNDS_DUE) == 0
    assert await shop.spent() == 0
    assert await shop.alerts() == []
    assert await shop.differences() == []


async def test_an_unanswered_cancellation_is_no_unexplained_gain(shop: Shop) -> None:
    number = await shop.buy()
    shop.sandbox.inject(Fault(action="cancelRsActivation", kind="drop", after_effect=True))
    assert (await shop.cancel(number)).state is State.CANCELLING
    await shop.reconcile()
    assert await shop.balance(UNEXPLAINED) == 0
    assert await shop.alerts() == []


async def test_what_nothing_explains_is_reported_once_and_blamed_on_nobody(shop: Shop) -> None:
    await shop.buy()
    shop.sandbox.set_balance("39.75")
    await shop.reconcile()
    await shop.reconcile()
    [spending] = await shop.alerts()
    assert spending["alert"] == "unexplained_spending"
    assert (spending["amount"], spending["shown"], spending["expected"]) == (
        "$10.00",
        "$39.75",
        "$49.75",
    )
    assert spending["since"] < spending["at"]
    assert await shop.spent() == PRICE
    assert await shop.balance(PROVIDER) == 39_750_000
    assert await shop.differences() == []


async def test_a_top_up_is_reported_once_as_a_gain(shop: Shop) -> None:
    shop.sandbox.set_balance("75.00")
    await shop.reconcile()
    await shop.reconcile()
    [gain] = await shop.alerts()
    assert (gain["alert"], gain["amount"], gain["fitting"]) == ("unexplained_gain", "$25.00", [])
    assert await shop.balance(PROVIDER) == 75_000_000


async def test_a_refund_that_nobody_asked_for_names_the_numbers_that_fit(shop: Shop) -> None:
    number = await shop.buy()
    shop.clock.forward(1_300)
    await shop.cancellations.expire()
    shop.sandbox.inject(Fault(action="cancelRsActivation", kind="code", code=402))
    assert (await shop.cancel_when_due(number)).state is State.EXPIRED
    shop.sandbox.refund(shop.last_number().number)
    await shop.reconcile()
    [gain] = await shop.alerts()
    assert (gain["alert"], gain["fitting"]) == ("unexplained_gain", [number.id])
    assert await shop.spent() == PRICE


async def test_rounding_does_not_accumulate(shop: Shop) -> None:
    shop.sandbox.set_price("0948", "0.0882")
    for _ in range(12):
        await shop.buy()
        await shop.reconcile(1)
    assert await shop.alerts() == []
    assert await shop.balance(PROVIDER) == BALANCE - 12 * 88_200


async def test_a_balance_that_drops_its_last_zeros_is_as_exact_as_ever(shop: Shop) -> None:
    shop.sandbox.balance_places = 0
    shop.sandbox.set_balance("49.00")
    await shop.reconcile()
    [spending] = await shop.alerts()
    assert spending["amount"] == "$1.00"


async def test_no_conclusion_is_drawn_while_a_purchase_is_on_its_way(shop: Shop) -> None:
    shop.sandbox.inject(Fault(action="getNumber", kind="delay", seconds=0.3, after_effect=True))
    begun = await shop.begin()
    await shop.sandbox.wait_for(lambda: shop.sandbox.purchases)
    await shop.reconcile()
    await shop.kit.calls.drain()
    assert (await shop.now(begun)).state is State.WAITING
    await shop.reconcile()
    assert await shop.alerts() == []


async def test_after_a_restart_the_evidence_is_still_there(shop: Shop) -> None:
    activation = await shop.buy_unanswered(charged=True)
    shop.clock.forward(20)
    await shop.reconciliation.step()
    await shop.restarted().reconcile()
    assert (await shop.now(activation)).state is State.LOST


async def test_a_ledger_is_not_opened_while_an_outcome_is_unknown(shop: Shop) -> None:
    """The first reading would hold the charge already, and say that there was none."""
    async with shop.database.write() as connection:
        await connection.exec_driver_sql("DELETE FROM readings")
    activation = await shop.buy_unanswered(charged=True)
    await shop.after_deadline()
    assert (await shop.now(activation)).state is State.UNKNOWN
    assert await shop.conclusions() == []
    assert "undecided" in [told["kind"] for told in await shop.told(OWNER)]


async def test_a_charge_by_another_offer_is_recognised_at_what_it_took(shop: Shop) -> None:
    """Offer 0411 is filled by 0412 of the same service, which costs three cents more."""
    lost = await shop.buy_unanswered(charged=True, pid="0411")
    await shop.after_deadline()
    assert (await shop.now(lost)).state is State.LOST
    assert await shop.balance(LOSSES) == 150_000
    assert await shop.balance(PRICE_DIFFERENCES) == 30_000
    assert await shop.balance(PROVIDER) == BALANCE - 180_000
    [concluded] = await shop.alerts()
    assert (concluded["alert"], concluded["amount"]) == ("outcome_concluded", "$0.18")
    assert await shop.differences() == []


async def test_a_number_that_comes_after_such_a_charge_is_booked_at_what_it_took(
    shop: Shop,
) -> None:
    lost = await shop.buy_unanswered(charged=True, pid="0411")
    await shop.after_deadline()
    await shop.settlement.bought(lost, shop.last_number())
    assert await shop.balance(LOSSES) == 0
    assert await shop.balance(PRICE_DIFFERENCES) == 30_000
    assert await shop.balance(PROVIDER) == BALANCE - 180_000
    assert await shop.differences() == []


async def test_the_prices_of_the_moment_count_whatever_offers_cost_later(shop: Shop) -> None:
    lost = await shop.buy_unanswered(charged=True, pid="0411")
    shop.sandbox.set_price("0412", "0.55")
    await shop.restarted().after_deadline()
    assert (await shop.now(lost)).state is State.LOST
    assert await shop.balance(PROVIDER) == BALANCE - 180_000


async def test_a_price_that_changes_while_the_answer_is_on_its_way_is_not_booked(
    shop: Shop,
) -> None:
    slow = Fault(action="getNumber", kind="delay", seconds=0.3, after_effect=True)
    shop.sandbox.inject(slow)
    begun = await shop.begin()
    await shop.sandbox.wait_for(lambda: shop.sandbox.purchases)
    shop.sandbox.set_price("0948", "0.40")
    await shop.catalogue.current_service((await shop.now(begun)).service_id)
    await shop.kit.calls.drain()
    assert (await shop.now(begun)).state is State.WAITING
    assert await shop.balance(PROVIDER) == BALANCE - PRICE
    await shop.reconcile()
    assert await shop.alerts() == []


async def test_others_go_on_while_a_reading_is_judged(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop, others_go_on = asyncio.get_running_loop(), threading.Event()

    def hard_to_judge(books: Books, reading: Reading) -> Verdict:
        loop.call_soon_threadsafe(others_go_on.set)
        assert others_go_on.wait(PATIENCE)
        return judge(books, reading)

    monkeypatch.setattr(reconcile, "judge", hard_to_judge)
    activation = await shop.buy_unanswered(charged=True)
    await shop.after_deadline()
    assert (await shop.now(activation)).state is State.LOST
