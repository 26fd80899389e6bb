"""`/settings`, and what admins type: who may, and what it changes."""

import asyncio
from pathlib import Path
from typing import Final

import pytest

from bot.chat.codec import encode
from bot.chat.groups.buttons import (
    HandOver,
    SetCodePlace,
    SetLimit,
    SetPaused,
    SetWhoMayBuy,
)
from bot.sandbox.spotsms import Fault
from bot.sandbox.telegram import JsonObject
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import (
    ANN,
    BOB,
    EVE,
    FORUM,
    GROUP,
    OWNER,
    Stage,
    data_of,
    words_on,
)
from tests.integration.chat.past import bought, remember

PATIENCE_SECONDS: Final = 10.0
"""Of the test: less than SPOTSMS_TIMEOUT, more than a busy machine takes for an answer."""


@pytest.fixture
async def group(stage: Stage) -> int:
    """A group in which Bob is an admin whom everybody knows."""
    group = await stage.open_group()
    stage.telegram.join(group, BOB, "administrator")
    return group


async def _settings(stage: Stage, group: int) -> JsonObject:
    said = stage.telegram.say(BOB, group, "/settings")
    return await stage.see(group, "Settings of this group", after=said["message_id"])


async def _walk(stage: Stage, group: int, *steps: str) -> None:
    """Press one button after another, each as soon as it is there."""
    for words in steps:
        await stage.see_button(group, words)
        await stage.press(BOB, words, group)


async def _leave(stage: Stage, group: int, user_id: int) -> None:
    """Wait until the bot knows: the news is in a lane of its own."""
    stage.telegram.leave(group, user_id)
    while "departed" not in (await stage.say(BOB, "/members", group))["text"]:
        """Ask again."""


async def _shown(stage: Stage, panel: JsonObject, words: str) -> JsonObject:
    """The panel, as soon as it shows these words."""
    return await stage.telegram.wait_message(
        panel["chat"]["id"],
        lambda one: one["message_id"] == panel["message_id"] and words in one["text"],
    )


async def test_the_panel_is_one_message_that_is_edited(stage: Stage, group: int) -> None:
    panel = await _settings(stage, group)
    await stage.press(BOB, "Who may buy", group)
    await _shown(stage, panel, "Who may buy here?")
    await stage.press(BOB, "Admins only", group)
    await _shown(stage, panel, "Now: Admins only")
    await stage.press(BOB, "Back", group)
    await _shown(stage, panel, "Who may buy: Admins only")


async def test_only_admins_may_buy_where_the_group_wants_it_so(stage: Stage, group: int) -> None:
    await stage.quote(ANN, group)
    panel = await _settings(stage, group)
    await _walk(stage, group, "Who may buy", "Admins only")
    await _shown(stage, panel, "Now: Admins only")
    await stage.press(ANN, "Confirm", group)
    await stage.see(group, "Only admins of this group may buy here")
    assert not stage.spotsms.purchases
    await stage.buy(OWNER, group)


async def test_a_limit_set_in_the_panel_holds(stage: Stage, group: int) -> None:
    panel = await _settings(stage, group)
    await _walk(stage, group, "Limits", "👤 Open", "1")
    await _shown(stage, panel, "Now: 1")
    await stage.buy(ANN, group)
    await stage.quote(ANN, group)
    await stage.press(ANN, "Confirm", group)
    await stage.see(group, "Nothing was bought")
    assert len(stage.spotsms.purchases) == 1


async def test_a_paused_group_buys_nothing_until_it_is_resumed(stage: Stage, group: int) -> None:
    await stage.quote(ANN, group)
    await _settings(stage, group)
    await stage.press(BOB, "Pause", group)
    await stage.press(ANN, "Confirm", group)
    refused = await stage.see(group, "paused here")
    assert words_on(refused) == "« Back | ✖ Close"
    assert not stage.spotsms.purchases
    assert "on again" in (await stage.say(BOB, "/resume", group))["text"]
    await stage.buy(ANN, group)


async def test_a_service_is_forbidden_by_a_tap(stage: Stage, group: int) -> None:
    panel = await _settings(stage, group)
    await _walk(stage, group, "Services", "▫️ Microsoft")
    await _shown(stage, panel, "Now: not Microsoft")
    await _walk(stage, group, "🚫 Microsoft")
    await _shown(stage, panel, "Now: only Microsoft")
    await _walk(stage, group, "✅ Microsoft")
    await _shown(stage, panel, "Now: all")


async def test_a_press_on_the_panel_is_answered_though_spotsms_is_slow(
    stage: Stage, group: int
) -> None:
    panel = await _settings(stage, group)
    for action in ("services", "countries"):
        stage.spotsms.inject(Fault(action, "stall", times=None))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await stage.press(BOB, "Countries", group)
    assert "Settings of this group" in stage.now(panel)["text"]


async def test_a_question_that_is_closed_changes_nothing_and_says_so(
    stage: Stage, group: int
) -> None:
    await stage.buy(ANN, group)
    question = await stage.say(BOB, f"/deny {ANN}", group)
    await stage.press(BOB, "Close", group)
    await _shown(stage, question, "Nothing was changed.")


async def test_a_pause_that_changes_nothing_says_so(stage: Stage, group: int) -> None:
    assert "on here already" in (await stage.say(BOB, "/resume", group))["text"]
    assert "Purchases are paused here. " in (await stage.say(BOB, "/pause", group))["text"]
    assert "paused here already" in (await stage.say(BOB, "/pause", group))["text"]


async def test_to_resume_does_not_promise_what_the_owner_has_stopped(
    stage: Stage, group: int
) -> None:
    await stage.say(BOB, "/pause", group)
    await stage.say(OWNER, f"/admin chat {group}")
    await stage.press(OWNER, "Suspend")
    await stage.see_button(OWNER, "Suspend Team")
    await stage.press(OWNER, "Suspend Team")
    await stage.see(OWNER, "Access: suspended")
    told = await stage.say(BOB, "/resume", group)
    assert "suspended this chat" in told["text"]
    assert "on again" not in told["text"]


async def test_every_change_is_in_the_log_with_who_and_from_what_to_what(
    stage: Stage, group: int
) -> None:
    await stage.say(BOB, "/limit daily 5", group)
    await stage.say(BOB, "/limit daily 7.50", group)
    log = await stage.say(BOB, "/audit", group)
    assert "Bob" in log["text"]
    assert "Per day for the whole group: $5.00 → $7.50" in log["text"]
    assert "Per day for the whole group: no limit → $5.00" in log["text"]


async def test_the_log_speaks_the_words_of_the_settings_and_calls_people_by_name(
    stage: Stage, group: int
) -> None:
    await stage.say(ANN, "/help", group)
    for order in (f"/limit daily 2 {ANN}", "/limit each open 3", f"/deny {ANN}", "/deny iceland"):
        await stage.say(BOB, order, group)
    await stage.say(BOB, "/pause", group)
    await _settings(stage, group)
    await _walk(stage, group, "Who may buy", "Admins only", "Back", "Where codes go", "Group:")
    log = (await stage.say(BOB, "/audit", group))["text"]
    for line in (
        "Per day for Ann: no limit → $2.00",
        "Open at once for each member: no limit → 3",
        "Ann: nothing → forbidden",
        "🇮🇸 Iceland: nothing → forbidden",
        "Purchases: on → paused",
        "Who may buy: Everyone → Admins only",
        "Where codes go: Private → Group",
    ):
        assert line in log
    assert str(ANN) not in log


async def test_all_admins_are_marked_among_the_members(stage: Stage, group: int) -> None:
    for user_id in (OWNER, ANN, BOB):
        await stage.say(user_id, "/help", group)
    told = (await stage.say(BOB, "/members", group))["text"]
    marked = [line.split(" · ")[0] for line in told.splitlines() if line.endswith("· admin")]
    assert marked == ["Bob", "Olga"]


async def test_codes_go_into_the_group_where_it_wants_them_there(stage: Stage, group: int) -> None:
    panel = await _settings(stage, group)
    await _walk(stage, group, "Where codes go", "Group:")
    await _shown(stage, panel, "Now: Group")
    card = await stage.buy(ANN, group)
    assert "Its code is written here, for everybody" in stage.now(card)["text"]
    stage.spotsms.send_sms(stage.spotsms.purchases[0].number, "Your code is 482913")
    told = await stage.see(group, "482913")
    assert "Ann" in told["text"]
    assert not [one for one in stage.telegram.messages_to(ANN) if "482913" in one["text"]]


async def test_codes_wait_behind_a_button_where_the_group_wants_it_so(
    stage: Stage, group: int
) -> None:
    await stage.say(ANN, "/start")
    panel = await _settings(stage, group)
    await _walk(stage, group, "Where codes go", "Reveal:")
    await _shown(stage, panel, "Now: Reveal")
    await stage.buy(ANN, group)
    stage.spotsms.send_sms(stage.spotsms.purchases[0].number, "Your code is 482913")
    await stage.see(group, "a code has arrived")
    assert "482913" in (await stage.press(ANN, "Show the code", group)).text
    assert not [one for one in stage.telegram.messages_to(ANN) if "482913" in one["text"]]


async def test_a_departed_member_s_number_is_handed_over(stage: Stage, group: int) -> None:
    await stage.say(EVE, "/help", group)
    await stage.buy(ANN, group)
    await _leave(stage, group, ANN)
    await _walk(stage, group, "Hand over #1", "Eve")
    await stage.see(group, "Eve's now")
    told = await stage.see(group, "An admin has handed you this number")
    assert "Eve, Microsoft · 🇮🇸 Iceland" in told["text"]
    assert "Number #1: Ann → Eve" in (await stage.say(BOB, "/audit", group))["text"]
    await stage.say(EVE, "/start")
    stage.spotsms.send_sms(stage.spotsms.purchases[0].number, "Your code is 482913")
    await stage.see(EVE, "482913")
    assert "Microsoft" in (await stage.say(EVE, "/numbers"))["text"]


async def test_who_gets_a_number_is_told_where_codes_go(stage: Stage, group: int) -> None:
    await stage.say(EVE, "/start")
    await stage.say(EVE, "/help", group)
    await stage.buy(ANN, group)
    await _leave(stage, group, ANN)
    await _walk(stage, group, "Hand over #1", "Eve")
    await stage.see(EVE, "An admin in the group Team has handed you this number")


async def test_a_service_s_name_stands_on_the_key_as_it_is(run: Running, tmp_path: Path) -> None:
    await remember(tmp_path, [bought(1, chat_id=GROUP, service_name="AT&T <1>")])
    async with run() as stage:
        await stage.open_group()
        stage.telegram.join(GROUP, BOB, "administrator")
        await _leave(stage, GROUP, ANN)
        await stage.see_button(GROUP, "Hand over #1 AT&T <1>")
        await stage.press(BOB, "Hand over", GROUP)
        await stage.see(GROUP, "To whom is #1 AT&T <1>")


FORGED = (
    SetWhoMayBuy("admins"),
    SetCodePlace("group"),
    SetPaused(paused=True),
    SetLimit("chat", "daily", 1),
    HandOver(1, EVE),
)


@pytest.mark.parametrize("who", [ANN, BOB])
@pytest.mark.parametrize("button", FORGED, ids=lambda one: type(one).__name__)
async def test_a_forged_button_changes_nothing(
    stage: Stage, group: int, who: int, button: SetPaused
) -> None:
    hello = await stage.see(group, "/buy gets one")
    answer = await stage.forge(who, hello, encode(button))
    assert answer.show_alert
    assert "Nothing has been changed" in (await stage.say(BOB, "/audit", group))["text"]


async def test_a_member_s_press_on_a_real_panel_changes_nothing(stage: Stage, group: int) -> None:
    panel = await _settings(stage, group)
    for words in ("Pause", "Limits", "Who may buy"):
        answer = await stage.press(ANN, words, group)
        assert "Only an admin" in answer.text
    assert stage.now(panel) == panel


async def test_an_ex_admin_s_panel_is_dead(stage: Stage, group: int) -> None:
    stage.telegram.promote(group, stage.telegram.bot.id)
    panel = await _settings(stage, group)
    stage.telegram.demote(group, BOB, by=OWNER)
    await stage.say(OWNER, "/help", group)  # handled after the demotion, which is Olga's as well
    answer = await stage.press(BOB, "Pause", group)
    assert "Only an admin" in answer.text
    assert stage.now(panel) == panel


async def test_a_panel_of_another_group_sets_only_the_group_it_is_pressed_in(
    stage: Stage, group: int
) -> None:
    panel = await _settings(stage, group)
    pause = data_of(panel, "Pause")
    await stage.open_group(FORUM)
    hello = await stage.see(FORUM, "/buy gets one")
    answer = await stage.forge(BOB, hello, pause)
    assert answer.show_alert
    assert "Purchases are on." in stage.now(panel)["text"]
    assert "Nothing has been changed" in (await stage.say(BOB, "/audit", FORUM))["text"]


async def test_an_anonymous_admin_sets_the_group(stage: Stage) -> None:
    await stage.open_group(FORUM)
    said = stage.telegram.say(BOB, FORUM, "/pause", anonymous=True)
    await stage.see(FORUM, "Purchases are paused", after=said["message_id"])
    said = stage.telegram.say(BOB, FORUM, "/settings", anonymous=True)
    panel = await stage.see(FORUM, "Settings of this group", after=said["message_id"])
    await stage.press(BOB, "Resume", FORUM)
    await _shown(stage, panel, "Purchases are on.")


async def test_the_panel_says_so_while_the_owner_has_paused_everything(
    stage: Stage, group: int
) -> None:
    await stage.say(OWNER, "/admin")
    for shown in ("Pause everything?", "All purchases are paused."):
        await stage.press(OWNER, "Pause everything")
        await stage.see(OWNER, shown)
    told = (await _settings(stage, group))["text"]
    assert "The owner of the bot has paused all purchases." in told
    assert "Purchases are on" not in told


async def test_the_panel_says_so_where_the_group_may_not_buy_at_all(run: Running) -> None:
    async with run(access="approval") as stage:
        stage.telegram.add_group(GROUP, "Team")
        stage.telegram.join(GROUP, BOB, "creator")
        stage.telegram.add_bot(GROUP)
        await stage.see(GROUP, "let this group in")
        panel = await _settings(stage, GROUP)
    assert "has not let this group buy" in panel["text"]
