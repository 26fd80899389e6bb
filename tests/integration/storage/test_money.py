"""The ledger's sums: what a chat spent and holds, by the day of the purchase."""

import asyncio

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation, State
from bot.domain.ledger import (
    HOLDS,
    LOSSES,
    PRICE_DIFFERENCES,
    PROVIDER,
    REFUNDS_DUE,
    Entry,
    chat_account,
    hold,
    loss,
    post,
    price_difference,
    refund,
    void,
)
from bot.domain.times import DAY_MS
from bot.storage import chats, ledger
from bot.storage.database import Database
from bot.storage.tables import entries
from tests.integration.storage.helpers import CHAT, NOW, PRICE, in_state, request

ACCOUNTS = (chat_account(CHAT), HOLDS, PROVIDER, REFUNDS_DUE, PRICE_DIFFERENCES, LOSSES)


async def sums(connection: AsyncConnection, since: int = NOW) -> tuple[int, int]:
    return await ledger.spent(connection, CHAT, since), await ledger.held(connection, CHAT)


async def balance(connection: AsyncConnection, account: str) -> int:
    received = select(func.coalesce(func.sum(entries.c.amount), 0))
    incoming = await connection.scalar(received.where(entries.c.target == account))
    outgoing = await connection.scalar(received.where(entries.c.source == account))
    return int(incoming or 0) - int(outgoing or 0)


async def test_money_is_held_then_spent_then_refunded(database: Database) -> None:
    async with database.write() as connection:
        assert await sums(connection) == (0, 0)
        activation = await in_state(connection, State.WAITING)
        steps = [hold(CHAT, PRICE), post(PRICE), refund(CHAT, PRICE)]
        seen = []
        for entry in steps:
            await ledger.record(connection, activation, entry, at=NOW)
            seen.append(await sums(connection))
        assert seen == [(PRICE, PRICE), (PRICE, 0), (0, 0)]
        assert await ledger.refunds_of(connection, [activation.id, 999]) == {activation.id: PRICE}


async def test_a_purchase_that_was_declined_costs_nothing(database: Database) -> None:
    async with database.write() as connection:
        activation = await in_state(connection, State.DECLINED)
        await ledger.record(connection, activation, hold(CHAT, PRICE), void(CHAT, PRICE), at=NOW)
        assert await sums(connection) == (0, 0)
        assert await ledger.refunds_of(connection, [activation.id]) == {}


async def test_a_refund_counts_on_the_day_of_the_purchase(database: Database) -> None:
    yesterday = NOW - DAY_MS
    async with database.write() as connection:
        old = await request(connection, "old", requested_at=yesterday)
        new = await request(connection, "new")
        assert old is not None
        assert new is not None
        for activation in (old, new):
            await ledger.record(connection, activation, hold(CHAT, PRICE), post(PRICE), at=NOW)
        assert await ledger.spent(connection, CHAT, NOW) == PRICE
        await ledger.record(connection, old, refund(CHAT, PRICE), at=NOW)
        assert await ledger.spent(connection, CHAT, NOW) == PRICE
        assert await ledger.spent(connection, CHAT, yesterday) == PRICE


async def test_what_a_group_spent_still_counts_after_it_became_a_supergroup(
    database: Database,
) -> None:
    old, new = -5, -1005
    async with database.write() as connection:
        activation = await in_state(connection, State.WAITING, chat_id=old)
        await ledger.record(connection, activation, hold(old, PRICE), post(PRICE), at=NOW)
        chat = await chats.get(connection, old, lock=True)
        assert chat is not None
        await chats.migrate(connection, chat, new, NOW)
        later = await in_state(connection, State.REQUESTED, "q2", chat_id=new)
        await ledger.record(connection, later, hold(new, PRICE), at=NOW)
        assert await ledger.spent(connection, new, NOW) == 2 * PRICE
        assert await ledger.held(connection, new) == PRICE
        await ledger.record(connection, activation, refund(new, PRICE), at=NOW)
        assert await ledger.spent(connection, new, NOW) == PRICE


async def test_other_chats_money_does_not_count(database: Database) -> None:
    async with database.write() as connection:
        other = await in_state(connection, State.REQUESTED, chat_id=CHAT + 1)
        await ledger.record(connection, other, hold(CHAT + 1, PRICE), at=NOW)
        assert await sums(connection) == (0, 0)


@pytest.mark.parametrize("entry", [hold(CHAT, 1), post(1), void(CHAT, 1), refund(CHAT, 1), loss(1)])
async def test_nothing_is_booked_twice(database: Database, entry: Entry) -> None:
    async with database.write() as connection:
        activation = await in_state(connection, State.WAITING)
        await ledger.record(connection, activation, entry, at=NOW)
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await ledger.record(connection, activation, entry, at=NOW)


async def test_every_way_of_a_purchase_leaves_no_money_unexplained(database: Database) -> None:
    ways = {
        "finished": [hold(CHAT, 5), post(5), price_difference(5, 7)],
        "refunded": [hold(CHAT, 5), post(5), price_difference(5, 4), refund(CHAT, 5)],
        "declined": [hold(CHAT, 5), void(CHAT, 5)],
        "lost": [hold(CHAT, 5), void(CHAT, 5), loss(5)],
    }
    async with database.write() as connection:
        for name, way in ways.items():
            activation = await in_state(connection, State.UNKNOWN, name)
            await ledger.record(connection, activation, *way, at=NOW)
        balances = {account: await balance(connection, account) for account in ACCOUNTS}
        assert await sums(connection) == (5, 0)
    assert balances == {
        chat_account(CHAT): -5,
        HOLDS: 0,
        PROVIDER: 7 + 4 + 5,
        REFUNDS_DUE: -5,
        PRICE_DIFFERENCES: -2 + 1,
        LOSSES: -5,
    }
    assert sum(balances.values()) == 0


async def test_two_buyers_cannot_both_spend_the_last_cent(database: Database) -> None:
    async with database.write() as connection:
        await chats.remember_chat(connection, CHAT, "group", "Friends", NOW)

    async def buy(quote_id: str) -> Activation | None:
        async with database.write() as connection:
            await chats.get(connection, CHAT, lock=True)
            if await ledger.spent(connection, CHAT, NOW) + PRICE > 2 * PRICE:
                return None
            activation = await request(connection, quote_id)
            assert activation is not None
            await ledger.record(connection, activation, hold(CHAT, PRICE), at=NOW)
            return activation

    bought = await asyncio.gather(*(buy(f"q{number}") for number in range(8)))
    assert len([one for one in bought if one]) == 2
