"""A purchase's lease: who comes too late to ask has bought nothing, and knows it."""

from bot.domain.activation import State
from tests.integration.reconcile.shop import Shop


async def test_a_purchase_that_comes_too_late_to_ask_costs_nothing(shop: Shop) -> None:
    async with shop.kit.gate.quiet(5):
        begun = await shop.begin()
        shop.clock.forward(10)
    await shop.kit.calls.drain()
    assert (await shop.now(begun)).state is State.DECLINED
    assert not shop.sandbox.calls_of("getNumber")
    assert await shop.spent() == 0
