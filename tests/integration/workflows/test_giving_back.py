"""A number is given back for its refund: who may ask, and whatever the provider answers."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.domain.activation import Activation, CloseReason, State
from bot.domain.ledger import REFUNDS_DUE
from bot.sandbox.spotsms import Fault, FaultKind
from bot.storage import activations, chats
from bot.storage.outbox import SENT
from bot.storage.tables import outbox
from bot.workflows.cancel import (
    Cancelling,
    NotCancellable,
    NotFoundHere,
)
from tests.integration.reconcile.shop import CHAT, PRICE, RULES, Shop

STRANGER = 777
GROUP = -778


async def attempt(shop: Shop, activation: Activation) -> Activation:
    """Let what is due be asked for, once."""
    await shop.cancellations.step()
    await shop.kit.calls.drain()
    return await shop.now(activation)


async def refuse(shop: Shop, activation: Activation, **fault: Any) -> Activation:  # noqa: ANN401 - a fault's fields
    """Cancel, and let the provider answer otherwise than with a refund."""
    injected = shop.sandbox.inject(Fault(action="cancelRsActivation", **fault))
    after = await shop.cancel(activation)
    assert injected.hits == 1
    return after


async def test_a_number_given_back_is_refunded_once(shop: Shop) -> None:
    number = await shop.buy()
    assert (await shop.cancel(number)).state is State.CANCELLED
    assert await shop.cancel(number) == await shop.now(number)
    assert await shop.spent() == 0
    assert await shop.balance(REFUNDS_DUE) == PRICE
    assert len(shop.sandbox.calls_of("cancelRsActivation")) == 1


@pytest.mark.parametrize(
    ("user_id", "chat_id", "reason"),
    [
        (STRANGER, CHAT, CloseReason.BUYER),
        (CHAT, GROUP, CloseReason.BUYER),
        (STRANGER, GROUP, CloseReason.ADMIN),
    ],
)
async def test_nobody_gives_back_what_is_another_s(
    shop: Shop, user_id: int, chat_id: int, reason: CloseReason
) -> None:
    number = await shop.buy()
    asked = await shop.cancellations.request(number.id, user_id, chat_id, reason)
    assert asked == NotFoundHere()
    assert await attempt(shop, number) == number


async def test_an_admin_gives_back_what_was_bought_in_the_chat(shop: Shop) -> None:
    number = await shop.buy()
    asked = await shop.cancellations.request(number.id, STRANGER, CHAT, CloseReason.ADMIN)
    assert isinstance(asked, Cancelling)
    assert (await attempt(shop, number)).state is State.CANCELLED


async def test_a_number_that_does_not_exist_cannot_be_given_back(shop: Shop) -> None:
    asked = await shop.cancellations.request(12_345, CHAT, CHAT, CloseReason.BUYER)
    assert asked == NotFoundHere()


async def test_asking_again_while_it_is_given_back_changes_nothing(shop: Shop) -> None:
    number = await shop.buy()
    waiting = await refuse(shop, number, kind="http500")
    assert waiting.state is State.CANCELLING
    asked = await shop.cancellations.request(number.id, CHAT, CHAT, CloseReason.BUYER)
    assert asked == Cancelling(waiting)


async def test_what_has_its_code_cannot_be_given_back(shop: Shop) -> None:
    number = await shop.buy()
    assert number.number
    shop.sandbox.send_sms(number.number, "Code 4711")
    assert await shop.watch.look(number) == "Code 4711"
    asked = await shop.cancellations.request(number.id, CHAT, CHAT, CloseReason.BUYER)
    assert isinstance(asked, NotCancellable)


async def test_a_code_that_is_there_already_is_worth_more_than_the_refund(shop: Shop) -> None:
    number = await shop.buy()
    assert number.number
    shop.sandbox.send_sms(number.number, "Code 4711")
    assert (await shop.cancel(number)).state is State.RECEIVED
    assert shop.sandbox.calls_of("cancelRsActivation") == []


async def test_a_look_that_is_under_way_is_the_look_before_a_cancellation(shop: Shop) -> None:
    number = await shop.buy()
    assert number.number
    slow = shop.sandbox.inject(Fault(action="getMsg", kind="delay", seconds=0.2))
    looking = asyncio.create_task(shop.watch.look(number))
    await shop.sandbox.wait_for(lambda: slow.hits)
    shop.sandbox.send_sms(number.number, "Code 4711")
    assert (await shop.cancel(number)).state is State.RECEIVED
    assert await looking == "Code 4711"
    assert len(shop.sandbox.calls_of("getMsg")) == 1
    assert shop.sandbox.calls_of("cancelRsActivation") == []


async def test_between_a_look_and_a_cancellation_it_is_looked_again_but_not_at_once(
    shop: Shop,
) -> None:
    numbers = [await shop.buy(), await shop.buy()]
    for number, pause, looks in zip(numbers, (0, 1), (1, 2), strict=True):
        assert await shop.watch.look(number) is None
        shop.clock.forward(pause)
        assert (await shop.cancel(number)).state is State.CANCELLED
        asked = [call.params["pn"] for call in shop.sandbox.calls_of("getMsg")]
        assert asked.count(number.number or "") == looks


async def test_the_look_after_a_cancellation_keeps_the_interval_to_the_one_before(
    shop: Shop,
) -> None:
    number = await shop.buy()
    cancelled = await shop.cancel(number)
    at = shop.clock.now() + round(RULES.poll_interval * 1000)
    assert (cancelled.state, cancelled.next_poll_at) == (State.CANCELLED, at)
    assert len(shop.sandbox.calls_of("getMsg")) == 1


async def test_a_code_that_crossed_with_the_cancellation_arrives_also_after_a_crash(
    shop: Shop,
) -> None:
    number = await shop.buy()
    assert number.number
    assert (await shop.cancel(number)).state is State.CANCELLED
    shop.sandbox.send_sms(number.number, "Code 4711")
    heir = shop.restarted()
    shop.clock.forward(RULES.poll_interval)
    await heir.watch.step()
    await asyncio.gather(*heir.watch._looks.values())
    assert "code" in [told["kind"] for told in await shop.told(CHAT)]
    assert (await shop.now(number)).state is State.CANCELLED


async def test_a_provider_that_cannot_be_asked_for_the_code_is_asked_for_the_refund(
    shop: Shop,
) -> None:
    number = await shop.buy()
    look = shop.sandbox.inject(Fault(action="getMsg", kind="http500"))
    assert (await shop.cancel(number)).state is State.CANCELLED
    assert look.hits == 1


async def test_before_the_refund_is_asked_for_again_it_is_looked_again(shop: Shop) -> None:
    """While SpotSMS was away a code may have come: the refund would take it with it."""
    number = await shop.buy()
    assert number.number
    shop.sandbox.inject(Fault(action="getMsg", kind="http500"))
    await refuse(shop, number, kind="http500")
    shop.sandbox.send_sms(number.number, "Code 4711")
    shop.clock.forward(5)
    assert (await attempt(shop, number)).state is State.RECEIVED
    assert "code" in [told["kind"] for told in await shop.told(CHAT)]


async def test_that_look_keeps_the_interval_to_one_that_found_nothing(shop: Shop) -> None:
    number = await shop.buy()
    shop.sandbox.inject(Fault(action="cancelRsActivation", kind="http500", times=3))
    await shop.cancel(number)
    for pause, looks in ((3, 1), (5, 1), (9, 2)):
        shop.clock.forward(pause)
        await attempt(shop, number)
        assert len(shop.sandbox.calls_of("getMsg")) == looks


async def test_of_many_attempts_only_the_first_renews_the_card(shop: Shop) -> None:
    number = await shop.buy()
    shop.sandbox.inject(Fault(action="cancelRsActivation", kind="http500", times=None))
    await shop.cancel(number)
    async with shop.database.write() as connection:
        await connection.execute(update(outbox).values(status=SENT))
    shop.clock.forward(5)
    assert (await attempt(shop, number)).cancel_attempts == 2
    async with shop.database.read() as connection:
        statuses = await connection.scalars(select(outbox.c.status))
        assert set(statuses) == {SENT}


@pytest.mark.parametrize("kind", ["http500", "drop", "garbage"])
@pytest.mark.parametrize("refunded", [True, False])
async def test_without_an_answer_it_is_asked_again_until_there_is_one(
    shop: Shop, kind: FaultKind, refunded: bool
) -> None:
    number = await shop.buy()
    waiting = await refuse(shop, number, kind=kind, after_effect=refunded)
    assert (waiting.state, waiting.cancel_unanswered) == (State.CANCELLING, True)
    assert (await attempt(shop, number)).state is State.CANCELLING
    shop.clock.forward(5)
    after = await attempt(shop, number)
    assert (after.state, after.reason) == (State.CANCELLED, "not confirmed" if refunded else None)
    told = [alert["alert"] for alert in await shop.alerts()]
    assert told == (["cancel_unconfirmed"] if refunded else [])
    assert await shop.spent() == 0


async def test_of_refunds_concluded_in_the_same_moment_each_is_told(shop: Shop) -> None:
    numbers = [await shop.buy() for _ in range(2)]
    for number in numbers:
        await refuse(shop, number, kind="drop", after_effect=True)
    shop.clock.forward(5)
    await shop.cancellations.step()
    await shop.kit.calls.drain()
    told = {(alert["alert"], alert["activation_id"]) for alert in await shop.alerts()}
    assert told == {("cancel_unconfirmed", number.id) for number in numbers}


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (400, "Already cancelled"),
        (409, "Already cancelled"),
        (402, "Already refunded"),
        (403, "Activation is closed"),
        (404, "Finished by cancel"),
    ],
)
async def test_after_a_silence_already_cancelled_is_no_refusal(
    shop: Shop, code: int, words: str
) -> None:
    number = await shop.buy()
    await refuse(shop, number, kind="drop", after_effect=True)
    shop.clock.forward(5)
    shop.sandbox.inject(Fault(action="cancelRsActivation", kind="code", code=code, msg=words))
    after = await attempt(shop, number)
    assert (after.state, after.reason) == (State.CANCELLED, "not confirmed")
    assert [alert["alert"] for alert in await shop.alerts()] == ["cancel_unconfirmed"]
    assert await shop.spent() == 0


async def test_not_found_after_a_silence_is_a_refusal_where_a_code_has_come(shop: Shop) -> None:
    number = await shop.buy()
    assert number.number
    await refuse(shop, number, kind="http500")
    shop.sandbox.send_sms(number.number, "Code 4711")
    shop.clock.forward(11)
    shop.sandbox.inject(Fault(action="cancelRsActivation", kind="code", code=404))
    assert (await attempt(shop, number)).state is State.RECEIVED
    assert await shop.alerts() == []
    assert await shop.spent() == PRICE


async def test_after_a_crash_during_the_call_already_cancelled_is_no_refusal(shop: Shop) -> None:
    number = await shop.buy()
    async with shop.database.write() as connection:
        at, waiting = shop.clock.now(), (State.WAITING,)
        await activations.schedule_cancel(connection, number.id, at, CloseReason.BUYER)
        await activations.move(
            connection, number.id, waiting, State.CANCELLING, at=at, cancel_unanswered=True
        )
    already = Fault(action="cancelRsActivation", kind="code", code=400, msg="Already cancelled")
    shop.sandbox.inject(already)
    assert (await attempt(shop, number)).state is State.CANCELLED
    assert await shop.spent() == 0


async def test_already_cancelled_without_a_cancellation_of_ours_is_a_refusal(shop: Shop) -> None:
    number = await shop.buy()
    refused = await refuse(shop, number, kind="code", code=400, msg="Already cancelled")
    assert (refused.state, refused.reason) == (State.WAITING, "Already cancelled")
    assert await shop.spent() == PRICE


@pytest.mark.parametrize("code", [401, 409])
async def test_a_provider_that_will_not_listen_is_asked_again(shop: Shop, code: int) -> None:
    number = await shop.buy()
    waiting = await refuse(shop, number, kind="code", code=code)
    assert (waiting.state, waiting.cancel_unanswered) == (State.CANCELLING, False)
    assert waiting.cancel_attempts == 1
    shop.clock.forward(5)
    assert (await attempt(shop, number)).state is State.CANCELLED


async def test_a_button_of_a_group_that_became_a_supergroup_still_counts(shop: Shop) -> None:
    number = await shop.buy()
    async with shop.database.write() as connection:
        before = await chats.get(connection, CHAT)
        assert before
        await chats.migrate(connection, before, GROUP, 1)
    asked = await shop.cancellations.request(number.id, STRANGER, CHAT, CloseReason.ADMIN)
    assert isinstance(asked, Cancelling)


async def test_a_first_not_found_is_a_refusal(shop: Shop) -> None:
    number = await shop.buy()
    refused = await refuse(shop, number, kind="code", code=404)
    assert (refused.state, refused.cancel_reason) == (State.WAITING, CloseReason.EXPIRY)
    assert refused.reason
    assert await shop.spent() == PRICE


async def test_a_refused_number_is_tried_once_more_before_its_time_is_up(shop: Shop) -> None:
    number = await shop.buy()
    refused = await refuse(shop, number, kind="code", code=400)
    assert refused.expires_at
    assert refused.cancel_at
    assert shop.clock.now() < refused.cancel_at < refused.expires_at
    shop.clock.forward((refused.cancel_at - shop.clock.now()) / 1000)
    assert (await attempt(shop, number)).state is State.CANCELLED
    assert "expired" in [told["kind"] for told in await shop.told(CHAT)]


async def test_a_number_refused_to_the_end_expires_without_a_refund(shop: Shop) -> None:
    number = await shop.buy()
    shop.sandbox.inject(Fault(action="cancelRsActivation", kind="code", code=400, times=None))
    shop.clock.forward(RULES.activation_ttl - 1)
    refused = await attempt(shop, number)
    assert (refused.state, refused.cancel_at) == (State.WAITING, None)
    assert refused.cancel_reason is CloseReason.EXPIRY
    shop.clock.forward(2)
    expired = await shop.cancel_when_due(number)
    assert (expired.state, expired.reason) == (State.EXPIRED, refused.reason)
    await shop.cancellations.expire()
    assert [told["kind"] for told in await shop.told(CHAT)].count("expired") == 1
    assert await shop.spent() == PRICE


async def test_too_early_is_cancelled_as_soon_as_the_provider_allows(shop: Shop) -> None:
    number = await shop.buy()
    shop.sandbox.cancel_min_age = 100.0
    asked = await shop.cancel(number)
    assert (asked.state, asked.cancel_reason) == (State.WAITING, CloseReason.BUYER)
    assert asked.cancel_at
    wait = (asked.cancel_at - shop.clock.now()) / 1000
    assert 99 < wait <= 101
    shop.sandbox.cancel_min_age = 0.0
    shop.clock.forward(wait)
    assert (await attempt(shop, number)).state is State.CANCELLED


async def test_too_early_without_a_time_is_asked_again_soon_and_then_less_often(
    shop: Shop,
) -> None:
    number = await shop.buy()
    early = Fault(
        action="cancelRsActivation", kind="code", code=409, msg="Too early to cancel", times=None
    )
    shop.sandbox.inject(early)
    asked = await shop.cancel(number)
    waits = []
    for _ in range(4):
        assert (asked.state, asked.cancel_reason) == (State.WAITING, CloseReason.BUYER)
        waits.append(((asked.cancel_at or 0) - shop.clock.now()) / 1000)
        shop.clock.forward(waits[-1])
        asked = await attempt(shop, number)
    assert waits == [3, 6, 12, 15]
    await shop.cancellations.request(number.id, CHAT, CHAT, CloseReason.BUYER)
    again = await attempt(shop, number)
    assert again.cancel_at == shop.clock.now() + 3_000


async def test_a_time_beyond_its_end_does_not_keep_a_number_from_being_given_back(
    shop: Shop,
) -> None:
    number = await shop.buy()
    early = await refuse(shop, number, kind="code", code=400, msg="Cancel after 20 minutes")
    assert early.state is State.WAITING
    assert early.cancel_at == number.cancel_at


async def test_a_code_that_came_meanwhile_leaves_the_number_received(shop: Shop) -> None:
    number = await shop.buy()
    assert number.number
    await refuse(shop, number, kind="http500")
    shop.sandbox.send_sms(number.number, "Code 4711")
    assert await shop.watch.look(await shop.now(number)) == "Code 4711"
    assert (await shop.now(number)).state is State.CANCELLING
    shop.clock.forward(5)
    after = await attempt(shop, number)
    assert (after.state, after.cancel_at) == (State.RECEIVED, None)
