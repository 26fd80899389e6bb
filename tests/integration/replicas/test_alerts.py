"""The owner is told of a trouble once, however many replicas have it and whichever of them dies."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.provider import OutcomeUnknown, Unauthorized
from bot.storage.database import Database
from bot.workflows.clock import SteadyClock
from bot.workflows.health import FAILURES_TO_OPEN, OUTAGE_SECONDS, ProviderHealth
from bot.workflows.replica import LeasedReplica
from tests.integration.reconcile.shop import RULES, Shop, open_shop

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with open_shop(database) as shop:
        yield shop


class Side:
    """A replica and what it thinks of the provider."""

    def __init__(self, shop: Shop) -> None:
        self.replica = LeasedReplica(shop.database, SteadyClock())
        rules = replace(RULES, low_balance=1_000_000)
        self.health = ProviderHealth(replace(shop.kit, replica=self.replica, rules=rules))
        self._shop = shop

    async def fail(self) -> None:
        for _ in range(FAILURES_TO_OPEN):
            await self.health.failed(OutcomeUnknown("no answer"))
        self._shop.clock.forward(OUTAGE_SECONDS)
        await self.health.failed(OutcomeUnknown("no answer"))
        assert self.health.is_down


async def two(shop: Shop) -> tuple[Side, Side]:
    first, second = Side(shop), Side(shop)
    await first.replica.join(others_are_gone=False)
    await second.replica.join(others_are_gone=False)
    return first, second


async def alerts(shop: Shop) -> list[str]:
    return [alert["alert"] for alert in await shop.alerts()]


async def test_an_outage_that_both_see_is_told_once_each_way(shop: Shop) -> None:
    first, second = await two(shop)
    await first.fail()
    await second.fail()
    assert await alerts(shop) == ["provider_down"]
    await second.health.succeeded()
    await first.health.succeeded()
    assert await alerts(shop) == ["provider_down", "provider_up"]


async def test_a_refused_key_is_told_once_each_way(shop: Shop) -> None:
    first, second = await two(shop)
    for side in (first, second):
        await side.health.failed(Unauthorized(401, "Unauthorized"))
    shop.clock.forward(60)
    for side in (first, second):
        await side.health.balance_read(2_000_000)
    assert await alerts(shop) == ["key_refused", "key_accepted"]


async def test_a_low_balance_is_told_once_and_again_after_a_top_up(shop: Shop) -> None:
    first, second = await two(shop)
    for balance in (900_000, 2_000_000, 800_000):
        await first.health.balance_read(balance)
        await second.health.balance_read(balance)
        shop.clock.forward(1)
    assert await alerts(shop) == ["low_balance", "low_balance"]


async def test_another_s_good_answer_does_not_end_a_trouble_of_one_that_lives(shop: Shop) -> None:
    first, second = await two(shop)
    await first.fail()
    await second.health.balance_read(2_000_000)
    assert await alerts(shop) == ["provider_down"]


async def test_the_trouble_of_a_replica_that_died_is_ended_by_another(shop: Shop) -> None:
    first, second = await two(shop)
    await first.fail()
    await first.replica.leave()
    await second.health.balance_read(2_000_000)
    await second.health.balance_read(2_000_000)
    assert await alerts(shop) == ["provider_down", "provider_up"]
