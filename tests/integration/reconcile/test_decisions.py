"""The owner settles what the balance does not tell; a late number is booked after all."""

import asyncio

import pytest

from bot.domain.activation import Activation, State
from bot.domain.ledger import HOLDS, LOSSES, PROVIDER, UNEXPLAINED
from bot.workflows.outcome import Decided, TooSoon
from tests.integration.reconcile.shop import CHAT, OTHER_OWNER, OWNER, PRICE, Shop

BALANCE = 50_000_000


@pytest.fixture
async def doubtful(shop: Shop) -> Activation:
    """Two purchases of one price, one of them charged: this is the charged one."""
    charged = await shop.buy_unanswered(charged=True)
    await shop.buy_unanswered(charged=False)
    await shop.after_deadline()
    return await shop.now(charged)


async def test_charged_says_the_owner_who_bears_it(shop: Shop, doubtful: Activation) -> None:
    decision = await shop.reconciliation.decide(doubtful.id, OWNER, charged=True)
    assert isinstance(decision, Decided)
    assert (decision.anew, decision.activation.state) == (True, State.LOST)
    assert await shop.balance(LOSSES) == PRICE
    assert await shop.balance(PROVIDER) == BALANCE - PRICE
    assert await shop.spent() == PRICE
    assert "known" in [told["kind"] for told in await shop.told(CHAT)]


async def test_the_balance_settles_the_other_once_one_is_decided(
    shop: Shop, doubtful: Activation
) -> None:
    await shop.reconciliation.decide(doubtful.id + 1, OWNER, charged=False)
    await shop.reconcile()
    assert (await shop.now(doubtful)).state is State.LOST
    assert await shop.spent() == 0
    assert await shop.balance(UNEXPLAINED) == 0
    assert await shop.differences() == []


async def test_a_charge_that_was_decided_on_may_come_back_and_hide_the_other(
    shop: Shop, doubtful: Activation
) -> None:
    await shop.reconciliation.decide(doubtful.id, OWNER, charged=True)
    await shop.reconcile()
    assert await shop.spent() == PRICE
    await shop.reconciliation.decide(doubtful.id + 1, OWNER, charged=False)
    await shop.reconcile()
    assert await shop.spent() == 0
    assert await shop.balance(UNEXPLAINED) == 0
    assert await shop.differences() == []


async def test_a_wrong_decision_costs_nobody_anything_unseen(shop: Shop) -> None:
    """The balance tells on it: what the owner denied shows as unexplained."""
    activation = await shop.buy_unanswered(charged=True)
    shop.clock.forward(20)
    await shop.reconciliation.decide(activation.id, OWNER, charged=False)
    await shop.reconcile()
    assert (await shop.now(activation)).state is State.DECLINED
    [alert] = await shop.alerts()
    assert (alert["alert"], alert["amount"]) == ("unexplained_spending", "$0.25")
    assert await shop.spent() == 0
    assert await shop.balance(UNEXPLAINED) == PRICE
    assert await shop.balance(PROVIDER) == BALANCE - PRICE
    assert await shop.differences() == []


async def test_a_second_decision_changes_nothing(shop: Shop, doubtful: Activation) -> None:
    await shop.reconciliation.decide(doubtful.id, OWNER, charged=True)
    second = await shop.reconciliation.decide(doubtful.id, OTHER_OWNER, charged=False)
    assert isinstance(second, Decided)
    assert (second.anew, second.activation.state) == (False, State.LOST)
    assert await shop.balance(LOSSES) == PRICE
    assert await shop.differences() == []


async def test_nobody_but_an_owner_decides(shop: Shop, doubtful: Activation) -> None:
    assert await shop.reconciliation.decide(doubtful.id, CHAT, charged=False) is None
    assert (await shop.now(doubtful)).state is State.UNKNOWN


async def test_a_purchase_that_does_not_exist_cannot_be_decided(shop: Shop) -> None:
    assert await shop.reconciliation.decide(12_345, OWNER, charged=True) is None


async def test_a_purchase_that_was_never_unknown_stays_as_it_is(shop: Shop) -> None:
    number = await shop.buy()
    decision = await shop.reconciliation.decide(number.id, OWNER, charged=False)
    assert decision == Decided(number, anew=False)
    assert await shop.balance(PROVIDER) == BALANCE - PRICE


async def test_nothing_is_decided_while_the_provider_may_still_answer(shop: Shop) -> None:
    activation = await shop.buy_unanswered(charged=True)
    decision = await shop.reconciliation.decide(activation.id, OWNER, charged=True)
    assert decision == TooSoon(activation.lease_until)
    assert (await shop.now(activation)).state is State.UNKNOWN


async def test_the_owner_sees_the_readings_around_the_purchase(shop: Shop) -> None:
    activation = await shop.buy_unanswered(charged=True)
    evidence = await shop.reconciliation.evidence(activation)
    assert evidence.before
    assert evidence.latest is None
    await shop.buy_unanswered(charged=False)
    await shop.after_deadline()
    evidence = await shop.reconciliation.evidence(activation)
    assert evidence.before
    assert evidence.latest
    assert (evidence.before.micros, evidence.latest.micros) == (BALANCE, BALANCE - PRICE)
    assert evidence.before.at < activation.requested_at <= evidence.latest.at


@pytest.mark.parametrize("charged", [True, False])
async def test_a_number_that_comes_late_is_watched_booked_and_reported(
    shop: Shop, charged: bool
) -> None:
    activation = await shop.buy_unanswered(charged=True)
    shop.clock.forward(20)
    given_up = await shop.reconciliation.decide(activation.id, OWNER, charged=charged)
    assert isinstance(given_up, Decided)
    await shop.settlement.bought(activation, shop.last_number())
    late = await shop.now(activation)
    assert (late.state, late.closed_at) == (State.WAITING, None)
    assert late.number == shop.last_number().number
    assert late.next_poll_at
    assert await shop.balance(LOSSES) == 0
    assert await shop.balance(HOLDS) == 0
    assert await shop.balance(PROVIDER) == BALANCE - PRICE
    assert await shop.spent() == PRICE
    assert await shop.differences() == []
    [alert] = await shop.alerts()
    assert (alert["alert"], alert["activation_id"]) == ("late_number", activation.id)


async def test_a_late_number_can_be_given_back_like_any_other(shop: Shop) -> None:
    activation = await shop.buy_unanswered(charged=True)
    shop.clock.forward(20)
    await shop.reconciliation.decide(activation.id, OWNER, charged=True)
    await shop.settlement.bought(activation, shop.last_number())
    assert (await shop.cancel(activation)).state is State.CANCELLED
    await shop.reconcile()
    assert await shop.spent() == 0
    assert await shop.balance(PROVIDER) == BALANCE
    assert await shop.differences() == []
    assert [alert["alert"] for alert in await shop.alerts()] == ["late_number"]


async def test_a_late_answer_that_comes_twice_is_booked_once(shop: Shop) -> None:
    activation = await shop.buy_unanswered(charged=True)
    shop.clock.forward(20)
    await shop.reconciliation.decide(activation.id, OWNER, charged=True)
    for _ in range(2):
        await shop.settlement.bought(activation, shop.last_number())
    assert await shop.spent() == PRICE
    assert await shop.differences() == []


async def test_one_answer_for_two_purchases_at_the_same_moment_is_one_s_number(
    shop: Shop,
) -> None:
    first = await shop.buy_unanswered(charged=True)
    second = await shop.buy_unanswered(charged=False)
    number = shop.last_number()
    await asyncio.gather(
        shop.settlement.bought(first, number), shop.settlement.bought(second, number)
    )
    states = sorted([(await shop.now(one)).state for one in (first, second)])
    assert states == [State.UNKNOWN, State.WAITING]
    assert await shop.differences() == []
