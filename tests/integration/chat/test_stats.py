"""`/stats`: who may see what, the picture, and its buttons."""

import struct
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.chat.codec import encode
from bot.chat.insight.buttons import ShowStatistics
from bot.sandbox.telegram import JsonObject, TelegramFault
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, BOB, EVE, FORUM, GROUP, OWNER, Stage, words_on
from tests.integration.chat.past import remember, silent, with_code

PATIENCE = 30.0
"""The first picture loads matplotlib."""


@pytest.fixture
async def team(run: Running, tmp_path: Path) -> AsyncIterator[Stage]:
    """A group where Ann bought nine numbers and Eve one, and Ann one in private."""
    past = [with_code(number, chat_id=GROUP) for number in range(1, 9)]
    past += [silent(9, chat_id=GROUP), with_code(10, 20, seconds=75, chat_id=GROUP, user_id=EVE)]
    past += [with_code(11, service_id="x", service_name="<Odd> & Co")]
    await remember(tmp_path, past)
    async with run() as stage:
        await stage.open_group()
        yield stage


async def ask(stage: Stage, user_id: int, text: str, chat_id: int, **said: object) -> JsonObject:
    asked = stage.telegram.say(user_id, chat_id, text, **said)  # type: ignore[arg-type]  # as say() takes it
    return await stage.telegram.wait_message(chat_id, after=asked["message_id"], timeout=PATIENCE)


def size_of(stage: Stage, message: JsonObject) -> tuple[int, int]:
    picture = stage.telegram.files[message["photo"][-1]["file_id"]].content
    width, height = struct.unpack(">II", picture[16:24])
    return width, height


async def test_an_admin_sees_what_the_group_bought(team: Stage) -> None:
    shown = await ask(team, OWNER, "/stats", GROUP)
    words = shown["caption"]
    assert "Team · last 30 days" in words
    assert "Spent: $0.79 for 10 numbers" in words
    assert "With a code: 9, median wait 40s" in words
    assert "Success rate: 90% (60\N{EN DASH}98%)" in words
    assert "Microsoft: 10 bought · 90% · 40s · $0.79" in words
    assert "🇮🇸 Iceland: 10 bought" in words
    assert size_of(team, shown)[0] == 1080


async def test_a_member_sees_only_their_own(team: Stage) -> None:
    assert "Spent: $0.09 for 1 number" in (await ask(team, EVE, "/stats", GROUP))["caption"]
    for words in (f"/stats {ANN}", f"/stats all {OWNER}"):
        assert "Only an admin" in (await ask(team, EVE, words, GROUP))["text"]
    answered = team.telegram.say(ANN, GROUP, "hello")
    refused = await ask(team, EVE, "/stats", GROUP, reply_to=answered["message_id"])
    assert "Only an admin" in refused["text"]


async def test_an_admin_names_a_member_by_reply_mention_or_id(team: Stage) -> None:
    await ask(team, EVE, "/help", GROUP)
    said = team.telegram.say(EVE, GROUP, "hello")
    asked = [
        await ask(team, OWNER, "/stats", GROUP, reply_to=said["message_id"]),
        await ask(team, OWNER, "/stats Eve", GROUP, mention=EVE),
        await ask(team, OWNER, f"/stats {EVE}", GROUP),
    ]
    for shown in asked:
        assert shown["caption"].startswith("Eve · last 30 days\nSpent: $0.09")


async def test_a_window_leaves_out_what_is_older(team: Stage) -> None:
    shown = await ask(team, OWNER, "/stats 7d", GROUP)
    assert "last 7 days" in shown["caption"]
    assert "for 9 numbers" in shown["caption"]
    await team.press(OWNER, "All time", GROUP)
    changed = await team.see(GROUP, "for 10 numbers")
    assert changed["message_id"] == shown["message_id"]
    assert "● All time" in words_on(changed)


async def test_a_button_turns_the_picture_dark(team: Stage) -> None:
    shown = await ask(team, OWNER, "/stats", GROUP)
    await team.press(OWNER, "Dark", GROUP)
    dark = await team.telegram.wait_message(GROUP, lambda one: "Light" in words_on(one))
    assert dark["message_id"] == shown["message_id"]
    assert dark["caption"] == shown["caption"]
    assert dark["photo"][-1]["file_unique_id"] != shown["photo"][-1]["file_unique_id"]


async def test_in_private_one_sees_one_s_own_from_everywhere(team: Stage) -> None:
    shown = await ask(team, ANN, "/stats all", ANN)
    assert "for 10 numbers" in shown["caption"]
    assert "<Odd> & Co: 1 bought" in shown["caption"]
    assert "your own" in (await ask(team, ANN, f"/stats {EVE}", ANN))["text"]
    nothing = await ask(team, BOB, "/stats", BOB)
    assert "Nothing was bought" in nothing["caption"]


async def test_a_foreign_or_forged_button_shows_nothing(team: Stage) -> None:
    shown = await ask(team, OWNER, "/stats", GROUP)
    assert "Only the one who started" in (await team.press(EVE, "All time", GROUP)).text
    own = await ask(team, EVE, "/stats", GROUP)
    for forged in (
        ShowStatistics(EVE, ANN, "all", dark=False),
        ShowStatistics(EVE, 0, "century", dark=False),
        ShowStatistics(0, 0, "all", dark=False),
    ):
        assert (await team.forge(EVE, own, encode(forged))).show_alert
    assert team.now(own) == own
    assert team.now(shown) == shown


async def test_where_pictures_are_refused_the_words_come_alone(team: Stage) -> None:
    team.telegram.inject(TelegramFault("sendPhoto", "5xx", status=400))
    shown = await ask(team, OWNER, "/stats", GROUP)
    assert "for 10 numbers" in shown["text"]


async def test_an_anonymous_admin_sees_the_group_in_its_topic(stage: Stage) -> None:
    await stage.open_group(FORUM)
    topic = stage.telegram.add_topic(FORUM, "Numbers")
    shown = await ask(stage, BOB, "/stats", FORUM, thread_id=topic, anonymous=True)
    assert shown["message_thread_id"] == topic
    assert shown["caption"].startswith("Team")


@pytest.mark.parametrize("words", ["foo", "7d foo", "7d 30d", "xyz"])
async def test_words_that_mean_nothing_are_answered_with_the_usage(
    stage: Stage, words: str
) -> None:
    for command in ("stats", "export"):
        told = await stage.say(ANN, f"/{command} {words}")
        assert "How long: 7d, 30d or all." in told["text"]
