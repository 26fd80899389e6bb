"""A purchase that meets its group's change into a supergroup is the supergroup's."""

import asyncio

from sqlalchemy import text

from bot.domain.chat import EVERYBODY, Scope
from bot.domain.policy import Reason
from bot.storage import chats, limits
from bot.workflows.confirmation import Confirmation, NotAllowed, Started
from bot.workflows.ports import Buyer
from bot.workflows.purchase import Place
from tests.integration.reconcile.shop import CHAT, PRICE, Shop

GROUP, SUPERGROUP = -4001, -1_000_000_004_001


async def confirmed_while_it_moves(shop: Shop, limit: int) -> Confirmation:
    """Confirm a quote of the group's while another process moves the group."""
    async with shop.database.write() as connection:
        await chats.remember_chat(connection, GROUP, "group", "Friends", 1)
        name = "daily"
        await limits.put(connection, GROUP, Scope.CHAT, EVERYBODY, name=name, value=limit)
    service = (await shop.catalogue.services())[0]
    country = (await shop.catalogue.countries(service.id))[0]
    place = Place(GROUP, None)
    quote = await shop.purchases.quote(place, CHAT, service, service.offers[0], country)
    async with shop.database.write() as connection:
        group = await chats.get(connection, GROUP, lock=True)
        assert group is not None
        pressed = asyncio.create_task(shop.purchases.confirm(quote.id, Buyer(CHAT, GROUP), 1))
        await until_it_waits(shop)
        await chats.migrate(connection, group, SUPERGROUP, 2)
    outcome = await pressed
    await shop.kit.calls.drain()
    return outcome


async def until_it_waits(shop: Shop) -> None:
    """On SQLite it waits for the one writer as soon as it has begun."""
    locks = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(10):
        while not len(shop.kit.calls):  # noqa: ASYNC110 - a set of tasks rings no bell
            await asyncio.sleep(0)
        while not shop.database.is_sqlite:
            async with shop.database.read() as connection:
                if await connection.scalar(locks):
                    return


async def test_it_keeps_the_limits_that_have_moved(shop: Shop) -> None:
    outcome = await confirmed_while_it_moves(shop, limit=0)
    assert isinstance(outcome, NotAllowed)
    assert outcome.refusal.reason is Reason.DAILY_LIMIT
    assert shop.sandbox.purchases == []


async def test_it_is_bought_for_the_supergroup(shop: Shop) -> None:
    outcome = await confirmed_while_it_moves(shop, limit=100 * PRICE)
    assert isinstance(outcome, Started)
    assert (await shop.now(outcome.activation)).chat_id == SUPERGROUP
