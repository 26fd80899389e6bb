"""What works where is learnt from purchases, and remembered for a short while."""

from bot.domain.statistics import FAIR_CHANCE_SECONDS, Evidence, Window
from bot.workflows.statistics import RECENT_DAYS, REMEMBERED_SECONDS, Statistics
from tests.integration.reconcile.shop import CHAT, PRICE, Shop

DAY = 86_400.0


async def learnt(shop: Shop, statistics: Statistics) -> list[Evidence]:
    shop.clock.forward(REMEMBERED_SECONDS)
    return list((await statistics.what_works("0948")).values())


async def test_a_code_and_a_silence_are_cases_and_an_early_cancel_is_none(shop: Shop) -> None:
    statistics = Statistics(shop.kit)
    assert await learnt(shop, statistics) == []
    await shop.cancel(await shop.buy())
    assert await learnt(shop, statistics) == [Evidence(0, 0)]
    silent = await shop.buy()
    shop.clock.forward(FAIR_CHANCE_SECONDS)
    await shop.cancel(silent)
    assert await learnt(shop, statistics) == [Evidence(1, 0)]
    heard = await shop.buy()
    shop.sandbox.send_sms(shop.last_number().number, "Your code is 246810")
    shop.clock.forward(35)
    await shop.watch.look(heard)
    assert await learnt(shop, statistics) == [Evidence(2, 1, 35_000)]


async def test_what_was_learnt_is_asked_for_again_only_after_a_while(shop: Shop) -> None:
    statistics = Statistics(shop.kit)
    before = await statistics.what_works("0948")
    await shop.buy()
    shop.clock.forward(REMEMBERED_SECONDS - 1)
    assert await statistics.what_works("0948") is before
    shop.clock.forward(1)
    assert len(await statistics.what_works("0948")) == 1


async def test_what_is_long_ago_tells_nothing_any_more(shop: Shop) -> None:
    statistics = Statistics(shop.kit)
    await shop.buy()
    assert len(await learnt(shop, statistics)) == 1
    shop.clock.forward(RECENT_DAYS * DAY)
    assert await learnt(shop, statistics) == []


async def test_a_report_counts_money_as_the_ledger_does(shop: Shop) -> None:
    await shop.buy()
    await shop.cancel(await shop.buy())
    report = await Statistics(shop.kit).report(Window.ALL, chat_id=CHAT)
    assert report.total.bought == 2
    assert report.total.spent == await shop.spent() == PRICE
    assert [one.spent for one in report.services] == [PRICE]
    assert sum(one.spent for one in report.countries) == PRICE
