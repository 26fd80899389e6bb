"""What only the leader does: sending, and concluding from the balance."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from bot.chat.pacing import GROUP_LIMIT, Pacing
from bot.domain.notice import Notice, NoticeKind
from bot.provider import Unauthorized
from bot.storage import outbox
from bot.storage.database import Database
from bot.storage.outbox import OutboxRow
from bot.storage.tables import readings
from bot.workflows.clock import SteadyClock
from bot.workflows.deliver import Delivery
from bot.workflows.health import ProviderHealth
from bot.workflows.reconcile import Reconciliation
from bot.workflows.replica import LEASE_SECONDS, LeasedReplica
from tests.integration.reconcile.shop import Shop, open_shop

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]

GROUP = -4001


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    async with open_shop(database) as shop:
        yield shop


class Telegram:
    """Takes messages, as soon as it is let."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.answers = asyncio.Event()
        self.answers.set()

    async def deliver(self, row: OutboxRow) -> int | None:
        self.begun.append(row.chat_id)
        await self.answers.wait()
        return None


class Side:
    """A replica with its sender; its machine stands still as long as a test likes."""

    def __init__(self, shop: Shop) -> None:
        self.stood_still = 0.0
        self.replica = LeasedReplica(
            shop.database, SteadyClock(), monotonic=lambda: self.stood_still
        )
        self.kit = replace(shop.kit, replica=self.replica)
        self.telegram = Telegram()
        self.pacing = Pacing()
        self.delivery = Delivery(self.kit, self.telegram, self.pacing)
        self.health = ProviderHealth(self.kit)
        self.reconciliation = Reconciliation(self.kit, self.health)

    async def send(self) -> None:
        """Send all that may leave now, to the end."""
        await self.delivery.step()
        await self.delivery.stop()


async def two(shop: Shop) -> tuple[Side, Side]:
    leader, other = Side(shop), Side(shop)
    await leader.replica.join(others_are_gone=False)
    await other.replica.join(others_are_gone=False)
    assert (leader.replica.is_leader, other.replica.is_leader) == (True, False)
    return leader, other


async def tell(shop: Shop, *chat_ids: int) -> None:
    now = shop.clock.now()
    async with shop.database.write() as connection:
        for chat_id in chat_ids:
            told = Notice(key=f"{chat_id}", chat_id=chat_id, kind=NoticeKind.ALERT)
            await outbox.enqueue(connection, told, now)


async def pending(shop: Shop) -> int:
    async with shop.database.read() as connection:
        return await outbox.count(connection, outbox.PENDING)


async def test_only_the_leader_sends(shop: Shop) -> None:
    leader, other = await two(shop)
    await tell(shop, 1, 2)
    await other.send()
    assert other.telegram.begun == []
    await leader.send()
    assert leader.telegram.begun == [1, 2]
    assert await pending(shop) == 0


async def test_a_leader_that_stood_still_sends_nothing_when_it_goes_on(shop: Shop) -> None:
    leader, _ = await two(shop)
    await tell(shop, 1, 2, 3)
    await leader.delivery.step()
    leader.stood_still = LEASE_SECONDS
    await leader.delivery.stop()
    await leader.send()
    assert leader.telegram.begun == []
    assert await pending(shop) == 3


async def test_it_ends_the_send_that_it_was_in_and_begins_no_other(shop: Shop) -> None:
    leader, _ = await two(shop)
    await tell(shop, 1)
    leader.telegram.answers.clear()
    await leader.delivery.step()
    await asyncio.sleep(0)
    assert leader.telegram.begun == [1]
    await tell(shop, 2)
    leader.stood_still = LEASE_SECONDS
    leader.telegram.answers.set()
    await leader.delivery.step()
    await leader.delivery.stop()
    assert leader.telegram.begun == [1]
    assert await pending(shop) == 1


async def test_the_next_leader_keeps_to_what_a_group_was_sent_before(shop: Shop) -> None:
    leader, other = await two(shop)
    now = shop.clock.now()
    async with shop.database.write() as connection:
        for number in range(GROUP_LIMIT):
            told = Notice(key=f"{number}", chat_id=GROUP, kind=NoticeKind.ALERT)
            await outbox.enqueue(connection, told, now)
            (row,) = await outbox.due(connection, now, 1)
            await outbox.settle(connection, row, outbox.SENT, now - 20_000)
    await leader.replica.resign()
    other.stood_still = LEASE_SECONDS / 2
    await other.replica.step()
    assert other.replica.is_leader
    await other.send()
    assert 20 < other.pacing.wait_for(GROUP) < 61


async def test_only_the_leader_concludes_from_the_balance(shop: Shop) -> None:
    leader, other = await two(shop)
    before = await kept_readings(shop)
    await other.reconciliation.step()
    assert await kept_readings(shop) == before
    await leader.reconciliation.step()
    assert await kept_readings(shop) == before + 1


async def test_another_replica_reads_the_balance_to_see_whether_its_trouble_is_over(
    shop: Shop,
) -> None:
    _, other = await two(shop)
    before = await kept_readings(shop)
    await other.health.failed(Unauthorized(401, "Unauthorized"))
    shop.clock.forward(60)
    await other.reconciliation.step()
    assert not other.health.key_refused
    assert await kept_readings(shop) == before


async def kept_readings(shop: Shop) -> int:
    async with shop.database.read() as connection:
        return (await connection.execute(select(func.count()).select_from(readings))).scalar_one()
