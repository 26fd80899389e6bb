"""The balance is read in one place, which also tells how the provider and the money are."""

from dataclasses import replace

from bot.domain.activation import State
from bot.provider import Unauthorized
from bot.sandbox.spotsms import Fault
from bot.workflows.health import CHECK_SECONDS, ProviderHealth
from bot.workflows.reconcile import Reconciliation
from tests.integration.reconcile.shop import RULES, Shop


async def alerts(shop: Shop) -> list[str]:
    return [alert["alert"] for alert in await shop.alerts()]


async def test_the_owner_learns_once_that_the_balance_is_low(shop: Shop) -> None:
    kit = replace(shop.kit, rules=replace(RULES, low_balance=20_000_000))
    shop.reconciliation = Reconciliation(kit, ProviderHealth(kit))
    await shop.reconcile()
    assert await alerts(shop) == []
    shop.sandbox.set_balance("19.99")
    await shop.reconcile()
    assert await alerts(shop) == ["low_balance", "unexplained_spending"]


async def test_an_outage_is_told_once_when_it_begins_and_once_when_it_ends(shop: Shop) -> None:
    outage = Fault(action="balance", kind="http500", times=None)
    shop.sandbox.inject(outage)
    await shop.reconcile(rounds=8)
    assert await alerts(shop) == ["provider_down"]
    shop.sandbox.clear_faults()
    await shop.reconcile()
    assert await alerts(shop) == ["provider_down", "provider_up"]


async def test_while_something_is_wrong_the_balance_is_asked_for_often(shop: Shop) -> None:
    await shop.reconciliation.step()
    await shop.health.failed(Unauthorized(401, "Unauthorized"))
    asked = len(shop.sandbox.calls_of("balance"))
    shop.clock.forward(CHECK_SECONDS - 1)
    await shop.reconciliation.step()
    assert len(shop.sandbox.calls_of("balance")) == asked
    for times in (1, 2, 3):
        shop.clock.forward(CHECK_SECONDS)
        await shop.reconciliation.step()
        assert len(shop.sandbox.calls_of("balance")) == asked + times
    assert await alerts(shop) == ["key_refused", "key_accepted"]


async def test_a_purchase_refused_for_want_of_money_has_the_balance_read_at_once(
    shop: Shop,
) -> None:
    await shop.reconciliation.step()
    asked = len(shop.sandbox.calls_of("balance"))
    await shop.reconciliation.step()
    assert len(shop.sandbox.calls_of("balance")) == asked
    shop.sandbox.inject(Fault(action="getNumber", kind="code", code=402))
    assert (await shop.buy()).state is State.DECLINED
    await shop.reconciliation.step()
    assert len(shop.sandbox.calls_of("balance")) == asked + 1


async def test_an_outage_that_began_before_a_restart_is_told_once_each_way(shop: Shop) -> None:
    shop.sandbox.inject(Fault(action="balance", kind="http500", times=None))
    await shop.reconcile(rounds=8)
    restarted = shop.restarted()
    await restarted.reconcile(rounds=8)
    assert restarted.health.is_down
    after = restarted.restarted()
    shop.sandbox.clear_faults()
    await after.reconcile()
    assert await alerts(shop) == ["provider_down", "provider_up"]
