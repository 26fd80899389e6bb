"""What one process was giving back when it stopped, died or was slow, another gives back once."""

from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation, CloseReason, State
from bot.domain.ledger import REFUNDS_DUE
from bot.provider import NotFound
from bot.sandbox.spotsms import Fault
from bot.storage import activations
from bot.workflows.cancel import (
    LEASE_SECONDS,
)
from bot.workflows.close import Closing
from tests.integration.reconcile.shop import CHAT, PRICE, RULES, Shop

STRANGER = 777
GROUP = -778


async def test_a_bot_that_stops_begins_no_cancellation(shop: Shop) -> None:
    number = await shop.buy()
    shop.cancellations.stop()
    assert (await shop.cancel(number)).state is State.WAITING
    heir = shop.restarted()
    await heir.cancellations.step()
    await heir.kit.calls.drain()
    assert (await shop.now(number)).state is State.CANCELLED


async def test_a_cancellation_that_is_claimed_while_the_bot_stops_is_left_to_its_heir(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await shop.buy()
    claim = activations.claim_cancels

    async def claim_late(
        connection: AsyncConnection, now: int, lease: int, limit: int, *, by: str | None
    ) -> list[Activation]:
        claimed = await claim(connection, now, lease, limit, by=by)
        shop.cancellations.stop()
        return claimed

    with monkeypatch.context() as patch:
        patch.setattr(activations, "claim_cancels", claim_late)
        assert (await shop.cancel(number)).state is State.WAITING
    assert shop.sandbox.calls_of("cancelRsActivation") == []
    heir = shop.restarted()
    await heir.cancellations.recover(all_are_dead=True)
    await heir.cancellations.step()
    await heir.kit.calls.drain()
    assert (await heir.now(number)).state is State.CANCELLED


async def test_what_a_dead_process_was_giving_back_is_asked_for_by_its_heir(shop: Shop) -> None:
    number = await shop.buy()
    await shop.cancellations.request(number.id, CHAT, CHAT, CloseReason.BUYER)
    shop.sandbox.inject(Fault(action="cancelRsActivation", kind="delay", seconds=0.2))
    await shop.cancellations.step()
    heir = shop.restarted()
    await heir.cancellations.recover(all_are_dead=False)
    await heir.cancellations.step()
    assert len(heir.kit.calls) == 0
    await heir.cancellations.recover(all_are_dead=True)
    await heir.cancellations.step()
    assert len(heir.kit.calls) == 1
    await heir.kit.calls.drain()
    await shop.kit.calls.drain()
    assert (await shop.now(number)).state is State.CANCELLED
    assert await shop.balance(REFUNDS_DUE) == PRICE


async def test_a_claim_that_has_run_out_is_not_taken_twice_by_one_process(shop: Shop) -> None:
    number = await shop.buy()
    await shop.cancellations.request(number.id, CHAT, CHAT, CloseReason.BUYER)
    shop.sandbox.inject(Fault(action="cancelRsActivation", kind="delay", seconds=0.2))
    await shop.cancellations.step()
    shop.clock.forward(LEASE_SECONDS + 3 * RULES.patience + 1)
    await shop.cancellations.step()
    assert len(shop.kit.calls) == 1
    await shop.kit.calls.drain()
    assert len(shop.sandbox.calls_of("cancelRsActivation")) == 1


async def test_what_another_replica_has_taken_over_is_not_asked_for_twice(shop: Shop) -> None:
    number = await shop.buy()
    await shop.cancellations.request(number.id, CHAT, CHAT, CloseReason.BUYER)
    await shop.cancellations.step()
    async with shop.database.write() as connection:
        await activations.change(connection, number.id, cancel_lease_by="another")
    await shop.kit.calls.drain()
    assert (await shop.now(number)).state is State.WAITING
    assert not shop.sandbox.calls_of("cancelRsActivation")


async def test_a_refusal_of_what_another_replica_has_taken_over_takes_no_refund_away(
    shop: Shop,
) -> None:
    number = await shop.buy()
    async with shop.database.write() as connection:
        now = shop.clock.now()
        waiting = (State.WAITING,)
        claimed = await activations.move(
            connection, number.id, waiting, State.CANCELLING, at=now, cancel_lease_by="another"
        )
    assert claimed
    overtaken = replace(claimed, cancel_lease_by="alone")
    closing = Closing(shop.kit)
    await closing.refused(overtaken, NotFound(404))
    await closing.ask_again(overtaken, unanswered=False)
    assert await shop.now(number) == claimed
    await closing.cancelled(claimed)
    assert (await shop.now(number)).state is State.CANCELLED
    assert await shop.balance(REFUNDS_DUE) == PRICE
