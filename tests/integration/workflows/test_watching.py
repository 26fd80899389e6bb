"""Every open number is looked at in time, whatever the provider answers."""

import asyncio

from bot.domain.activation import Activation, State
from bot.domain.polling import SECOND_CODE_SECONDS
from bot.sandbox.spotsms import Fault
from bot.workflows.health import FAILURES_TO_OPEN, OUTAGE_SECONDS
from tests.integration.reconcile.shop import CHAT, RULES, Shop


def looks(shop: Shop) -> int:
    return len(shop.sandbox.calls_of("getMsg"))


async def look(shop: Shop, seconds: float = RULES.poll_interval) -> None:
    """Let that time pass, and what is due be looked at."""
    shop.clock.forward(seconds)
    await shop.watch.step()
    await asyncio.gather(*shop.watch._looks.values(), return_exceptions=True)


def send(shop: Shop, number: Activation, text: str) -> None:
    assert number.number
    shop.sandbox.send_sms(number.number, text)


async def test_a_number_is_looked_at_once_in_each_interval(shop: Shop) -> None:
    await shop.buy()
    for wanted in (1, 2, 3):
        await look(shop)
        await look(shop, 0)
        assert looks(shop) == wanted


async def test_a_number_that_is_looked_at_too_often_is_looked_at_less_often(shop: Shop) -> None:
    await shop.buy()
    shop.sandbox.inject(Fault(action="getMsg", kind="code", code=409))
    await look(shop)
    await look(shop)
    assert looks(shop) == 2
    await look(shop)
    assert looks(shop) == 2
    await look(shop, RULES.poll_interval / 2)
    assert looks(shop) == 3


async def test_a_code_is_kept_and_told_once(shop: Shop) -> None:
    number = await shop.buy()
    send(shop, number, "Code 4711")
    for _ in range(3):
        await look(shop)
    assert (await shop.now(number)).state is State.RECEIVED
    assert [told["kind"] for told in await shop.told(CHAT)].count("code") == 1


async def test_with_a_code_it_is_kept_when_a_look_had_found_nothing(shop: Shop) -> None:
    """An SMS came between the two: how long SMS take is learned from both."""
    number = await shop.buy()
    await look(shop)
    missed_at = shop.clock.now()
    shop.sandbox.inject(Fault(action="getMsg", kind="http500"))
    await look(shop)
    send(shop, number, "Code 4711")
    await look(shop)
    present = await shop.now(number)
    assert (present.missed_at, present.first_code_at) == (missed_at, shop.clock.now())
    send(shop, number, "Code 4712")
    await look(shop, 2 * RULES.poll_interval)
    assert (await shop.now(number)).missed_at == missed_at


async def test_a_second_different_code_is_told_too(shop: Shop) -> None:
    number = await shop.buy()
    for text in ("Code 4711", "Code 4712"):
        send(shop, number, text)
        await look(shop, 2 * RULES.poll_interval)
    assert [told["kind"] for told in await shop.told(CHAT)].count("code") == 2


async def test_a_number_with_its_code_ends_when_no_second_one_is_looked_for(shop: Shop) -> None:
    number = await shop.buy()
    send(shop, number, "Code 4711")
    await look(shop)
    await shop.watch.finish()
    assert (await shop.now(number)).state is State.RECEIVED
    await look(shop, SECOND_CODE_SECONDS + 1)
    await shop.watch.finish()
    assert (await shop.now(number)).state is State.FINISHED
    before = looks(shop)
    await look(shop)
    assert looks(shop) == before


async def test_a_look_that_fails_is_made_again(shop: Shop) -> None:
    number = await shop.buy()
    send(shop, number, "Code 4711")
    shop.sandbox.inject(Fault(action="getMsg", kind="http500"))
    await look(shop)
    assert (await shop.now(number)).state is State.WAITING
    await look(shop)
    assert (await shop.now(number)).state is State.RECEIVED


async def test_while_the_provider_is_away_one_look_at_a_time_tries_whether_it_is_back(
    shop: Shop,
) -> None:
    for _ in range(3):
        await shop.buy()
    shop.sandbox.inject(Fault(action="getMsg", kind="http500", times=None))
    while not shop.health.is_down:
        assert looks(shop) <= 2 * FAILURES_TO_OPEN
        await look(shop, OUTAGE_SECONDS)
    before = looks(shop)
    await look(shop, 10)
    assert looks(shop) == before + 1
    shop.sandbox.clear_faults()
    await look(shop, 10)
    assert not shop.health.is_down


async def test_a_claim_that_comes_a_little_early_waits_for_the_interval(shop: Shop) -> None:
    number = await shop.buy()
    await look(shop)
    claimed = await shop.now(number)
    assert claimed.next_poll_at
    shop.clock.forward(0.05)
    assert await shop.watch.look(claimed) is None
    shop.clock.forward((claimed.next_poll_at - shop.clock.now()) / 1000)
    await shop.watch.step()
    assert looks(shop) == 2
    await asyncio.gather(*shop.watch._looks.values())
    assert looks(shop) == 3


async def test_what_has_no_number_yet_is_not_looked_at(shop: Shop) -> None:
    doubtful = await shop.buy_unanswered(charged=True)
    assert await shop.watch.look(doubtful) is None
    assert looks(shop) == 0


async def test_looks_that_are_on_their_way_are_given_up_at_the_end(shop: Shop) -> None:
    number = await shop.buy()
    hanging = shop.sandbox.inject(Fault(action="getMsg", kind="stall"))
    shop.clock.forward(RULES.poll_interval)
    await shop.watch.step()
    await shop.sandbox.wait_for(lambda: hanging.hits)
    await shop.watch.stop()
    assert shop.watch._looks == {}
    assert (await shop.now(number)).state is State.WAITING
