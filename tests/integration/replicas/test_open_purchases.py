"""A purchase is its own replica's until its lease is over, whatever becomes of the replica."""

from collections.abc import AsyncIterator

import pytest

from bot.domain.activation import State
from bot.sandbox.spotsms import Fault
from bot.storage.database import Database
from tests.integration.reconcile.shop import DEADLINE, PRICE, Shop, open_shop

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with open_shop(database) as shop:
        yield shop


async def test_a_live_replica_s_open_purchase_is_left_to_it(shop: Shop) -> None:
    other = shop.restarted()
    shop.sandbox.inject(Fault(action="getNumber", kind="delay", seconds=0.5))
    begun = await shop.begin()
    shop.clock.forward(DEADLINE)
    await other.purchases.recover(all_are_dead=False)
    assert (await shop.now(begun)).state is State.REQUESTED
    await shop.kit.calls.drain()
    assert (await shop.now(begun)).state is State.WAITING


async def test_a_replica_that_stood_still_does_not_buy_what_another_has_settled(
    shop: Shop,
) -> None:
    other = shop.restarted()
    async with shop.kit.gate.quiet(5):
        begun = await shop.begin()
        shop.clock.forward(60)
        await other.purchases.recover(all_are_dead=False)
        assert (await shop.now(begun)).state is State.UNKNOWN
    await shop.kit.calls.drain()
    assert not shop.sandbox.calls_of("getNumber")
    assert (await shop.now(begun)).state is State.DECLINED
    assert await shop.spent() == 0


async def test_a_number_that_a_replica_gets_after_it_stood_still_is_watched(shop: Shop) -> None:
    other = shop.restarted()
    shop.sandbox.inject(Fault(action="getNumber", kind="delay", seconds=0.5))
    begun = await shop.begin()
    await shop.sandbox.wait_for(lambda: bool(shop.sandbox.calls_of("getNumber")))
    shop.clock.forward(60)
    await other.purchases.recover(all_are_dead=False)
    assert (await shop.now(begun)).state is State.UNKNOWN
    await shop.kit.calls.drain()
    assert (await shop.now(begun)).state is State.WAITING
    assert await shop.spent() == PRICE
