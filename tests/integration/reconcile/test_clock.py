"""A machine's clock that was set back does not set the bot back."""

import time
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import ledger as books
from bot.domain.notice import Alert, alerts
from bot.storage import changes, inbox, ledger, outbox, readings
from bot.storage.changes import Change
from bot.storage.readings import KeptReading
from bot.workflows.clock import SteadyClock
from tests.integration.reconcile.shop import OWNER, Shop

WRONG_BY = {True: 0.0, False: 3600.0}
"""How many seconds the machine's clock may be wrong by: on PostgreSQL its database's counts."""

Write = Callable[[AsyncConnection, int], Awaitable[object]]


async def _reading(connection: AsyncConnection, at: int) -> None:
    kept = KeptReading(at=at, micros=0, step=1, expected=0, conclusion=readings.UNCLEAR)
    await readings.add(connection, kept, follows=await readings.last_id(connection))


async def _entry(connection: AsyncConnection, at: int) -> None:
    await ledger.record_alone(connection, books.unexplained(1), at=at)


async def _message(connection: AsyncConnection, at: int) -> None:
    for notice in alerts(Alert.LOW_BALANCE, (OWNER,), at):
        await outbox.enqueue(connection, notice, at)


async def _update(connection: AsyncConnection, at: int) -> None:
    await inbox.store(connection, [inbox.Update(7, "7", "{}")], at)


async def _change(connection: AsyncConnection, at: int) -> None:
    await changes.add(connection, Change(at=at, actor_id=OWNER, chat_id=None, action="pause"))


@pytest.mark.parametrize("write", [_reading, _entry, _message, _update, _change])
async def test_a_process_begins_no_earlier_than_anything_written(shop: Shop, write: Write) -> None:
    hour_later = round(time.time() * 1000) + 3_600_000
    async with shop.database.write() as connection:
        await write(connection, hour_later)
    clock = await SteadyClock.going_on(shop.database, wall=lambda: 0.0, monotonic=lambda: 0.0)
    assert clock.now() == hour_later


async def test_a_clock_that_goes_right_is_followed(shop: Shop) -> None:
    now = time.time()
    clock = await SteadyClock.going_on(
        shop.database, wall=lambda: now + WRONG_BY[shop.database.is_sqlite], monotonic=lambda: 0.0
    )
    assert now - 1 < clock.now() / 1000 < time.time() + 1
