"""The owner is told once when the provider goes away, refuses the key or runs out of money."""

from typing import Any

from bot.domain.activation import State
from bot.domain.policy import Reason
from bot.provider import NotSent, OutcomeUnknown, TooFrequent, Unauthorized
from bot.sandbox.spotsms import Fault
from bot.workflows.budget import CUT_EVERY_SECONDS
from bot.workflows.confirmation import NotAllowed, Started
from bot.workflows.health import (
    CHECK_SECONDS,
    FAILURES_TO_OPEN,
    FORGOTTEN_SECONDS,
    KEY_DOUBT_SECONDS,
    OUTAGE_SECONDS,
)
from tests.integration.reconcile.shop import KEY, OTHER_OWNER, RULES, Shop

READING_SECONDS = 60.0
"""Longer than between two readings of the balance, which `Reconciliation` takes."""


async def alerts_of(shop: Shop) -> list[str]:
    return [alert["alert"] for alert in await shop.alerts()]


async def check_now(shop: Shop, times: int = 1) -> None:
    for _ in range(times):
        shop.clock.forward(READING_SECONDS)
        await shop.reconciliation.step()


async def test_an_outage_is_told_once_when_it_begins_and_once_when_it_ends(shop: Shop) -> None:
    outage = shop.sandbox.inject(Fault(action="balance", kind="http500", times=None))
    await check_now(shop, FAILURES_TO_OPEN + 2)
    assert outage.hits == FAILURES_TO_OPEN + 2
    assert shop.health.is_down
    assert await alerts_of(shop) == ["provider_down"]
    shop.sandbox.clear_faults()
    await check_now(shop, 2)
    assert not shop.health.is_down
    assert await alerts_of(shop) == ["provider_down", "provider_up"]


async def test_an_outage_of_the_looks_lasts_though_the_balance_is_shown(shop: Shop) -> None:
    for _ in range(2 * FAILURES_TO_OPEN):
        shop.clock.forward(OUTAGE_SECONDS)
        await shop.health.failed(OutcomeUnknown("no answer"))
        await shop.reconciliation.step()
    assert shop.health.is_down
    assert await alerts_of(shop) == ["provider_down"]
    await shop.health.succeeded()
    assert not shop.health.is_down
    assert await alerts_of(shop) == ["provider_down", "provider_up"]


async def test_an_outage_is_over_once_the_balance_is_shown_and_nothing_else_is_asked(
    shop: Shop,
) -> None:
    for _ in range(FAILURES_TO_OPEN):
        shop.clock.forward(OUTAGE_SECONDS)
        await shop.health.failed(OutcomeUnknown("no answer"))
    shop.clock.forward(FORGOTTEN_SECONDS)
    await shop.reconciliation.step()
    assert await alerts_of(shop) == ["provider_down", "provider_up"]


async def test_a_reading_that_fails_is_no_outage_while_looks_are_answered(shop: Shop) -> None:
    shop.sandbox.inject(Fault(action="balance", kind="http500", times=None))
    for _ in range(2 * FAILURES_TO_OPEN):
        await check_now(shop)
        await shop.health.succeeded()
    assert await alerts_of(shop) == []


async def test_a_key_that_is_refused_now_and_then_stays_refused(shop: Shop) -> None:
    for _ in range(5):
        await shop.health.failed(Unauthorized(401, "Invalid key"))
        await shop.health.succeeded()
        await shop.reconciliation.step()
        shop.clock.forward(KEY_DOUBT_SECONDS / 2)
        assert shop.health.key_refused
    assert await alerts_of(shop) == ["key_refused"]
    shop.clock.forward(READING_SECONDS)
    await shop.reconciliation.step()
    assert await alerts_of(shop) == ["key_refused", "key_accepted"]


async def test_every_owner_is_told(shop: Shop) -> None:
    shop.sandbox.keys.clear()
    await check_now(shop)
    assert [told["alert"] for told in await shop.told(OTHER_OWNER)] == ["key_refused"]


async def test_failures_that_all_fall_into_a_moment_are_no_outage(shop: Shop) -> None:
    for _ in range(FAILURES_TO_OPEN):
        await shop.health.failed(OutcomeUnknown("no answer"))
    assert not shop.health.is_down
    shop.clock.forward(OUTAGE_SECONDS)
    await shop.health.failed(OutcomeUnknown("no answer"))
    assert shop.health.is_down


async def test_failures_between_answers_are_no_outage(shop: Shop) -> None:
    for _ in range(2 * FAILURES_TO_OPEN):
        shop.clock.forward(OUTAGE_SECONDS)
        await shop.health.failed(NotSent("nobody there"))
        await shop.health.succeeded()
    assert await alerts_of(shop) == []


async def test_while_something_is_wrong_the_provider_is_asked_more_often(shop: Shop) -> None:
    await check_now(shop)
    shop.clock.forward(CHECK_SECONDS)
    before = len(shop.sandbox.calls_of("balance"))
    await shop.reconciliation.step()
    assert len(shop.sandbox.calls_of("balance")) == before
    shop.sandbox.keys.clear()
    await check_now(shop)
    shop.sandbox.keys.add(KEY)
    shop.clock.forward(CHECK_SECONDS)
    await shop.reconciliation.step()
    assert await alerts_of(shop) == ["key_refused", "key_accepted"]


async def test_a_refused_key_stops_purchases_until_it_is_taken_again(shop: Shop) -> None:
    shop.sandbox.keys.clear()
    await check_now(shop, 2)
    shop.sandbox.keys.add(KEY)
    refused = await shop.confirm(await shop.quote())
    assert isinstance(refused, NotAllowed)
    assert refused.refusal.reason is Reason.PURCHASES_STOPPED
    await check_now(shop)
    assert isinstance(await shop.confirm(await shop.quote()), Started)
    await shop.kit.calls.drain()
    assert await alerts_of(shop) == ["key_refused", "key_accepted"]


async def test_too_many_requests_cut_the_rate_and_ring_nobody(shop: Shop) -> None:
    shop.clock.forward(OUTAGE_SECONDS)
    for _ in range(FAILURES_TO_OPEN):
        await shop.health.failed(TooFrequent(409, "Too frequent"))
    assert shop.health.budget.rate < RULES.max_rps
    assert await alerts_of(shop) == []


async def test_one_failure_alone_does_not_slow_the_rest(shop: Shop) -> None:
    shop.clock.forward(CUT_EVERY_SECONDS)
    await shop.health.failed(OutcomeUnknown("no answer"))
    assert shop.health.budget.rate == RULES.max_rps
    await shop.health.failed(OutcomeUnknown("no answer"))
    await shop.health.failed(OutcomeUnknown("no answer"))
    assert shop.health.budget.rate < RULES.max_rps


async def test_a_low_balance_is_told_once_and_again_after_a_top_up(shop: Shop) -> None:
    for balance in ("-0.01", "-0.02", "10.00", "-0.03"):
        shop.sandbox.set_balance(balance)
        await check_now(shop)
    told = [one for one in await shop.alerts() if one["alert"] == "low_balance"]
    assert [(one["alert"], one["amount"]) for one in told] == [
        ("low_balance", "-$0.01"),
        ("low_balance", "-$0.03"),
    ]


async def refuse_for_want_of_money(shop: Shop, times: int) -> None:
    shop.sandbox.set_balance("0.05")
    for _ in range(times):
        assert (await shop.buy()).state is State.DECLINED


async def refusals_told(shop: Shop) -> list[dict[str, Any]]:
    return [told for told in await shop.alerts() if told["alert"] == "purchases_refused"]


async def test_ten_buyers_refused_for_want_of_money_are_told_to_the_owners_once(
    shop: Shop,
) -> None:
    await refuse_for_want_of_money(shop, 10)
    [told] = await refusals_told(shop)
    assert (told["service"], told["amount"], told["shown"]) == ("WhatsApp", "$0.25", "$50.00")
    assert "purchases_refused" in [one.get("alert") for one in await shop.told(OTHER_OWNER)]


async def test_a_refusal_for_want_of_money_is_told_again_after_a_purchase(shop: Shop) -> None:
    await refuse_for_want_of_money(shop, 2)
    shop.sandbox.set_balance("0.25")
    assert (await shop.buy()).state is State.WAITING
    shop.clock.forward(1)
    await refuse_for_want_of_money(shop, 2)
    assert len(await refusals_told(shop)) == 2


async def test_a_refusal_for_want_of_money_is_told_again_after_the_balance_has_risen(
    shop: Shop,
) -> None:
    await refuse_for_want_of_money(shop, 1)
    for balance in ("0.05", "0.04", "0.04"):
        shop.sandbox.set_balance(balance)
        await check_now(shop)
    await refuse_for_want_of_money(shop, 1)
    assert len(await refusals_told(shop)) == 1
    await check_now(shop)
    await refuse_for_want_of_money(shop, 2)
    assert len(await refusals_told(shop)) == 2
