"""`/history`: filters, pages, and the proof of each purchase."""

from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from bot.chat.buttons import FilterHistory
from bot.chat.codec import encode
from bot.sandbox.telegram import JsonObject
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, BOB, EVE, GROUP, Stage, words_on
from tests.integration.chat.past import bought, remember, silent, with_code

OTHER = {"service_id": "9999", "service_name": "Other"}


@pytest.fixture
async def stage(run: Running, tmp_path: Path) -> AsyncIterator[Stage]:
    """Ann has bought a lot in private, and one number in a group; Eve has bought one too."""
    past = [with_code(number) for number in range(1, 11)]
    past += [
        silent(11),
        with_code(12, 40),
        with_code(13, chat_id=GROUP),
        with_code(14, user_id=EVE),
    ]
    past += [{**bought(15), **OTHER}]
    await remember(tmp_path, past)
    async with run() as stage:
        yield stage


async def shown(stage: Stage, *presses: str) -> str:
    """Open the history, press one button after the other, and give what can be pressed then."""
    message = await stage.say(ANN, "/history")
    for words in presses:
        before = stage.now(message)
        await stage.press(ANN, words)
        await stage.telegram.wait_for(partial(_differs, stage, before))
    return words_on(stage.now(message))


def _differs(stage: Stage, before: JsonObject) -> bool:
    return stage.now(before) != before


def ids(words: str) -> list[int]:
    return [int(one[1:].split()[0]) for one in words.split(" | ") if one.startswith("#")]


async def test_the_newest_come_first_and_older_ones_are_behind(stage: Stage) -> None:
    assert ids(await shown(stage)) == [15, 13, 12, 11, 10, 9, 8, 7]
    assert ids(await shown(stage, "▶")) == [6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("presses", "found"),
    [
        (("Refunded",), [11]),
        (("Without",), [11]),
        (("With code", "▶"), [4, 3, 2, 1]),
        (("30 days", "▶"), [5, 4, 3, 2, 1]),
        (("Service", "Other"), [15]),
        (("Refunded", "Service", "Other"), []),
        (("Refunded", "All |"), [15, 13, 12, 11, 10, 9, 8, 7]),
    ],
)
async def test_a_filter_shows_only_what_it_names(
    stage: Stage, presses: tuple[str, ...], found: list[int]
) -> None:
    assert ids(await shown(stage, *(words.removesuffix(" |") for words in presses))) == found


async def test_what_is_filtered_is_marked_and_an_empty_page_leads_on(stage: Stage) -> None:
    words = await shown(stage, "Service", "Other", "Refunded")
    assert "● Refunded" in words
    assert "Service: Other" in words
    await stage.see(ANN, "Nothing found")


async def test_the_proof_shows_text_and_steps(stage: Stage) -> None:
    await shown(stage)
    await stage.press(ANN, "#10")
    proof = await stage.see(ANN, "Your code is 000010")
    assert "after 40s" in proof["text"]
    assert "Steps" in proof["text"]
    assert "Copy the proof" in words_on(proof)


async def test_a_foreign_or_forged_filter_shows_nothing(stage: Stage) -> None:
    await stage.say(ANN, "/history")
    own = await stage.say(BOB, "/history")
    for forged in (FilterHistory(ANN), FilterHistory(BOB, outcome="stolen")):
        assert (await stage.forge(BOB, own, encode(forged))).show_alert
    await stage.forge(BOB, own, encode(FilterHistory(BOB, service="0003")))
    await stage.see(BOB, "Nothing found")


async def test_in_a_group_one_sees_what_one_bought_there_without_texts(stage: Stage) -> None:
    await stage.open_group()
    listed = await stage.say(ANN, "/history", GROUP)
    assert ids(words_on(listed)) == [13]
    await stage.press(ANN, "#13", GROUP)
    proof = await stage.see(GROUP, "Steps")
    assert "A private chat with me shows the SMS" in proof["text"]
    assert "000013" not in str(stage.telegram.chat(GROUP).messages)
