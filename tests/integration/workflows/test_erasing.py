"""Maintenance erases what is personal after the days that the operator set."""

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import State
from bot.storage import activations as queries
from bot.storage import slices
from bot.storage.tables import activations, codes
from bot.workflows import maintain
from bot.workflows.maintain import Maintenance
from tests.integration.reconcile.shop import RULES, Shop

DAY = 86_400.0


async def stored(shop: Shop) -> tuple[list[str | None], list[str]]:
    """Give the numbers and the codes that the database holds."""
    async with shop.database.read() as connection:
        numbers = await connection.scalars(select(activations.c.number).order_by(activations.c.id))
        return list(numbers), list(await connection.scalars(select(codes.c.text)))


async def test_numbers_and_codes_go_in_time_and_the_books_stay(shop: Shop) -> None:
    maintenance = Maintenance(shop.kit, shop.purchases, shop.cancellations, shop.watch)
    bought = await shop.buy()
    shop.sandbox.send_sms(shop.last_number().number, "Your code is 246810")
    await shop.watch.look(bought)
    shop.clock.forward(2 * RULES.activation_ttl)
    await shop.watch.step()
    await asyncio.gather(*shop.watch._looks.values())
    await maintenance.step()
    assert (await shop.now(bought)).state is State.FINISHED
    shop.clock.forward((RULES.retention_days - 1) * DAY)
    await maintenance.step()
    assert await stored(shop) == ([bought.number], ["Your code is 246810"])
    shop.clock.forward(DAY)
    await maintenance.step()
    assert await stored(shop) == ([None], [])
    assert await shop.differences() == []
    assert await shop.spent() == bought.price


async def test_a_number_that_is_still_looked_at_is_kept_however_old(shop: Shop) -> None:
    maintenance = Maintenance(shop.kit, shop.purchases, shop.cancellations, shop.watch)
    waiting = await shop.buy()
    shop.clock.forward((RULES.retention_days + 1) * DAY)
    await maintenance.step()
    assert (await stored(shop))[0] == [waiting.number]


async def test_much_is_erased_in_slices_so_that_others_can_write_meanwhile(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (slices, maintain):
        monkeypatch.setattr(module, "SLICE", 2)
    erased: list[int] = []

    async def purge(connection: AsyncConnection, before: int) -> int:
        erased.append(await queries.purge_quotes(connection, before))
        return erased[-1]

    monkeypatch.setattr(maintain, "UNCOUNTED", (purge,))
    for _ in range(5):
        await shop.quote()
    shop.clock.forward((RULES.retention_days + 1) * DAY)
    await Maintenance(shop.kit, shop.purchases, shop.cancellations, shop.watch).step()
    assert erased == [2, 2, 1]
