"""What works where: the country list tells it from the installation's own history."""

import re
from pathlib import Path
from typing import Any

from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, BOB, EVE, Stage, words_on
from tests.integration.chat.past import remember, silent, with_code

TURKEY: dict[str, Any] = {"country_code": "tr", "country_name": "Turkey"}
NORWAY: dict[str, Any] = {"country_code": "no", "country_name": "Norway"}


async def countries(stage: Stage, user_id: int) -> list[str]:
    return words_on(await stage.say(user_id, "/buy microsoft")).split(" | ")


async def test_without_history_countries_are_in_the_order_of_their_stock(stage: Stage) -> None:
    shown = await countries(stage, ANN)
    stocks = [int(words.rpartition(" · ")[2]) for words in shown if " · " in words]
    assert len(stocks) == 16
    assert stocks == sorted(stocks, reverse=True)


async def test_what_worked_comes_first_with_its_rate_and_what_did_not_last(
    run: Running, tmp_path: Path
) -> None:
    past = [with_code(number, seconds=30 + number, user_id=EVE) for number in range(9)]
    past += [silent(20, user_id=EVE)]
    past += [silent(number, **TURKEY) for number in range(30, 36)]
    past += [with_code(40, **NORWAY), silent(41, **NORWAY)]
    await remember(tmp_path, past)
    async with run() as stage:
        shown = await countries(stage, BOB)
        assert re.fullmatch(r"🇮🇸 Iceland · \d+ · 90% · 34s", shown[0])
        norway = next(words for words in shown[2:] if "Norway" in words)
        assert norway.endswith(" · 9\N{EN DASH}91% · 40s"), "its stock's place"
        assert "count is what is in stock" in (await stage.see(BOB, "Microsoft"))["text"]
        assert not any("Turkey" in words for words in shown)
        found = await stage.say(BOB, "/buy microsoft tur")
        assert re.search(r"🇹🇷 Turkey · \d+ · 0%", words_on(found))


async def test_the_last_page_ends_with_what_surely_does_not_work(
    run: Running, tmp_path: Path
) -> None:
    await remember(tmp_path, [silent(number, **TURKEY) for number in range(1, 7)])
    async with run() as stage:
        shown = await stage.say(ANN, "/buy microsoft")
        while "▶" in words_on(shown):
            await stage.press(ANN, "▶")
            shown = stage.now(shown)
        rows = [row[0]["text"] for row in shown["reply_markup"]["inline_keyboard"]]
        assert any(re.fullmatch(r"🇹🇷 Turkey · \d+ · 0%", words) for words in rows[-3:])
