"""A database that fails at the wrong moment costs no number, no money, no refund and no code."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import pytest
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import State
from bot.domain.ledger import HOLDS
from bot.domain.policy import Reason
from bot.provider import OutcomeUnknown, Unauthorized
from bot.sandbox.spotsms import Fault
from bot.storage.database import Database
from bot.workflows import worker
from bot.workflows.confirmation import NotAllowed
from bot.workflows.health import FAILURES_TO_OPEN, OUTAGE_SECONDS
from tests.integration.reconcile.shop import PRICE, Shop


class Outage:
    """Makes writing fail while it lasts; `asked` is set by whoever wants to write meanwhile."""

    def __init__(self, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
        self.lasts = False
        self.error: Exception = OperationalError("COMMIT", None, ConnectionError("server gone"))
        self.asked = asyncio.Event()
        self._write = database.write
        monkeypatch.setattr(database, "write", self.write)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        if self.lasts:
            self.asked.set()
            raise self.error
        async with self._write() as connection:
            yield connection

    @contextmanager
    def after_the_answer(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch, call: str = "get_number"
    ) -> Iterator[None]:
        """Begin with what the provider answers to a call, or refuses it with."""
        ask = getattr(shop.provider, call)

        async def answered(*args: object, **options: object) -> object:
            try:
                return await ask(*args, **options)
            finally:
                self.lasts = True

        with monkeypatch.context() as patch:
            patch.setattr(shop.provider, call, answered)
            yield

    async def ends_once_asked(self) -> None:
        """Let it end as soon as somebody has met it."""
        await self.asked.wait()
        self.lasts = False


@pytest.fixture
def outage(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Outage:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.01)
    return Outage(shop.database, monkeypatch)


async def until_it_is_reserving(shop: Shop) -> None:
    async with asyncio.timeout(10):
        while not len(shop.kit.calls):  # noqa: ASYNC110 - a set of tasks rings no bell
            await asyncio.sleep(0)


async def test_a_number_that_comes_while_the_database_fails_is_kept(
    shop: Shop, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with outage.after_the_answer(shop, monkeypatch):
        begun = await shop.begin()
        await outage.asked.wait()
        assert not shop.kit.gate._all_ended.is_set(), "no balance is quiet until it is settled"
        outage.lasts = False
        await shop.kit.calls.drain()
    bought = await shop.now(begun)
    assert (bought.state, bought.number) == (State.WAITING, shop.sandbox.purchases[-1].number)
    assert len(shop.sandbox.purchases) == 1
    assert await shop.differences() == []


async def test_a_refusal_that_comes_while_the_database_fails_frees_the_money(
    shop: Shop, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.sandbox.inject(Fault(action="getNumber", kind="code", code=404))
    with outage.after_the_answer(shop, monkeypatch):
        begun = await shop.begin()
        await outage.asked.wait()
        outage.lasts = False
        await shop.kit.calls.drain()
    assert (await shop.now(begun)).state is State.DECLINED
    assert await shop.balance(HOLDS) == 0


@pytest.mark.parametrize("kind", [DataError, IntegrityError])
async def test_what_the_database_refuses_for_good_is_unknown_after_its_lease(
    shop: Shop, outage: Outage, monkeypatch: pytest.MonkeyPatch, kind: type[DBAPIError]
) -> None:
    outage.error = kind("INSERT", None, ValueError("never"))
    shop.sandbox.inject(Fault(action="getNumber", kind="code", code=404))
    with outage.after_the_answer(shop, monkeypatch):
        begun = await shop.begin()
        await shop.kit.calls.drain()
    outage.lasts = False
    assert (await shop.now(begun)).state is State.REQUESTED
    await shop.purchases.recover(all_are_dead=True)
    assert (await shop.now(begun)).state is State.UNKNOWN
    assert await shop.spent() == PRICE


async def test_a_settlement_whose_success_was_not_heard_of_is_not_booked_twice(
    shop: Shop, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = outage._write
    heard = asyncio.Event()

    @asynccontextmanager
    async def silent() -> AsyncIterator[AsyncConnection]:
        async with commit() as connection:
            yield connection
        if shop.sandbox.purchases and not heard.is_set():
            heard.set()
            raise OperationalError("COMMIT", None, ConnectionError("no answer"))

    monkeypatch.setattr(outage, "_write", silent)
    bought = await shop.buy()
    assert heard.is_set()
    assert bought.state is State.WAITING
    assert (await shop.spent(), await shop.balance(HOLDS)) == (PRICE, 0)
    assert await shop.differences() == []


async def test_a_refund_that_is_granted_while_the_database_fails_is_booked_at_once(
    shop: Shop, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await shop.buy()
    with outage.after_the_answer(shop, monkeypatch, "cancel"):
        cancelled, _ = await asyncio.gather(shop.cancel(number), outage.ends_once_asked())
    assert (cancelled.state, cancelled.reason) == (State.CANCELLED, None)
    assert len(shop.sandbox.calls_of("cancelRsActivation")) == 1
    assert await shop.spent() == 0


async def test_a_refusal_to_cancel_while_the_database_fails_leaves_the_number_as_it_was(
    shop: Shop, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await shop.buy()
    shop.sandbox.inject(Fault(action="cancelRsActivation", kind="code", code=400, msg="No"))
    with outage.after_the_answer(shop, monkeypatch, "cancel"):
        refused, _ = await asyncio.gather(shop.cancel(number), outage.ends_once_asked())
    assert (refused.state, refused.reason) == (State.WAITING, "No")


async def test_a_cancellation_that_cannot_be_claimed_is_claimed_as_soon_as_it_can(
    shop: Shop, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await shop.buy()
    with outage.after_the_answer(shop, monkeypatch, "get_message"):
        cancelled, _ = await asyncio.gather(shop.cancel(number), outage.ends_once_asked())
    assert cancelled.state is State.CANCELLED


async def test_a_cancellation_that_cannot_be_claimed_keeps_no_stop_waiting(
    shop: Shop, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await shop.buy()
    with outage.after_the_answer(shop, monkeypatch, "get_message"):
        cancelling = asyncio.create_task(shop.cancel(number))
        await outage.asked.wait()
        shop.cancellations.stop()
        await cancelling
    outage.lasts = False
    assert shop.sandbox.calls_of("cancelRsActivation") == []


async def test_a_code_that_is_shown_once_while_the_database_fails_is_kept(
    shop: Shop, outage: Outage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await shop.buy()
    shop.sandbox.send_sms(shop.sandbox.purchases[-1].number, "Your code is 4711")
    with outage.after_the_answer(shop, monkeypatch, "get_message"):
        await asyncio.gather(shop.watch.look(number), outage.ends_once_asked())
    assert (await shop.now(number)).state is State.RECEIVED


async def test_a_buyer_who_cannot_be_told_that_it_takes_long_gets_the_number(
    shop: Shop, outage: Outage
) -> None:
    shop.sandbox.inject(Fault(action="getNumber", kind="delay", seconds=1.3))
    begun = await shop.begin()
    outage.lasts = True
    await outage.asked.wait()
    outage.lasts = False
    await shop.kit.calls.drain()
    assert (await shop.now(begun)).state is State.WAITING


async def test_a_confirmation_that_waits_for_the_database_while_the_bot_stops_buys_nothing(
    shop: Shop,
) -> None:
    quote = await shop.quote()
    async with shop.database.write():
        pressed = asyncio.create_task(shop.confirm(quote))
        await until_it_is_reserving(shop)
        shop.purchases.stop()
        pressed.cancel()
        await asyncio.gather(pressed, return_exceptions=True)
        draining = asyncio.create_task(shop.kit.calls.drain())
    await draining
    assert shop.sandbox.calls_of("getNumber") == []
    assert (await shop.spent(), await shop.balance(HOLDS)) == (0, 0)


async def test_who_presses_while_the_bot_stops_is_told(shop: Shop) -> None:
    quote = await shop.quote()
    async with shop.database.write():
        pressed = asyncio.create_task(shop.confirm(quote))
        await until_it_is_reserving(shop)
        shop.purchases.stop()
    refused = await pressed
    assert isinstance(refused, NotAllowed)
    assert refused.refusal.reason is Reason.RESTARTING


async def test_an_outage_that_begins_while_the_database_fails_is_told_afterwards(
    shop: Shop, outage: Outage
) -> None:
    outage.lasts = True
    for _ in range(FAILURES_TO_OPEN + 1):
        shop.clock.forward(OUTAGE_SECONDS)
        with contextlib.suppress(OperationalError):
            await shop.health.failed(OutcomeUnknown("no answer"))
    outage.lasts = False
    assert outage.asked.is_set()
    await shop.health.failed(OutcomeUnknown("no answer"))
    assert [alert["alert"] for alert in await shop.alerts()] == ["provider_down"]
    await shop.health.succeeded()
    assert [alert["alert"] for alert in await shop.alerts()] == ["provider_down", "provider_up"]


async def test_a_key_that_is_refused_while_the_database_fails_is_told_afterwards(
    shop: Shop, outage: Outage
) -> None:
    outage.lasts = True
    with pytest.raises(OperationalError):
        await shop.health.failed(Unauthorized(401))
    outage.lasts = False
    assert shop.health.key_refused
    await shop.health.failed(Unauthorized(401))
    assert [alert["alert"] for alert in await shop.alerts()] == ["key_refused"]
