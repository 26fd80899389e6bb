"""The owner's desk: `/admin` shows and decides, and does not exist for anybody else."""

import re
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.chat.codec import Button, encode
from bot.chat.owner.buttons import (
    DecideChat,
    MakeInvite,
    PauseAll,
    SetChatLimit,
    ShowChat,
    ShowDesk,
    ShowFound,
    WithdrawInvite,
)
from bot.domain.activation import State
from bot.sandbox.spotsms import Fault
from bot.sandbox.telegram import JsonObject
from bot.storage import readings
from bot.storage.database import Database
from bot.storage.readings import KeptReading
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, BOB, EVE, GROUP, OWNER, Stage, data_of, words_on
from tests.integration.chat.past import remember, with_code

CHANGING = (
    PauseAll(paused=True, sure=True),
    DecideChat(ANN, "suspended", sure=True, then="chat"),
    SetChatLimit(ANN, "daily", 0),
    MakeInvite(is_group=False, days=7, daily=-1),
    WithdrawInvite("abc"),
)
SHOWING = (ShowDesk(), ShowDesk("balance"), ShowChat(ANN), ShowFound(1))


@pytest.fixture
async def closed(run: Running) -> AsyncIterator[Stage]:
    """A bot that lets nobody in but whom the owner approves."""
    async with run(access="approval") as stage:
        await stage.say(OWNER, "/start")
        yield stage


async def _desk(stage: Stage, typed: str = "", words: str = "Desk") -> JsonObject:
    """What the owner is shown for `/admin`; other messages may come at the same time."""
    said = stage.telegram.say(OWNER, OWNER, f"/admin {typed}")
    return await stage.see(OWNER, words, after=said["message_id"])


async def _walk(stage: Stage, desk: JsonObject, *steps: tuple[str, str]) -> JsonObject:
    """Press one button after another; each step names the button and what is shown then."""
    shown = desk
    for button, words in steps:
        await stage.forge(OWNER, shown, data_of(shown, button))
        shown = await _shown(stage, desk, words)
    return shown


async def _shown(stage: Stage, desk: JsonObject, words: str) -> JsonObject:
    """The desk's message, as soon as it shows these words."""
    return await stage.telegram.wait_message(
        OWNER, lambda one: one["message_id"] == desk["message_id"] and words in one["text"]
    )


async def test_strangers_and_admins_find_no_such_command(stage: Stage) -> None:
    unknown = (await stage.say(ANN, "/nonsense"))["text"]
    for user_id in (ANN, BOB):
        assert (await stage.say(user_id, "/admin"))["text"] == unknown
        assert (await stage.say(user_id, "/admin find Ann"))["text"] == unknown


async def test_in_a_group_it_is_silent_even_for_the_owner(stage: Stage) -> None:
    group = await stage.open_group()
    stage.telegram.join(group, BOB, "administrator")
    for user_id in (OWNER, BOB, ANN):
        stage.telegram.say(user_id, group, "/admin")
    said = stage.telegram.say(ANN, group, "/balance")
    await stage.see(group, "Balance of this chat")
    bot_id = stage.telegram.bot.id
    told = [
        one["text"]
        for one in stage.telegram.chat(group).messages
        if one["from"]["id"] == bot_id and one["message_id"] != said["message_id"]
    ]
    assert not [text for text in told if "Desk" in text or "do not know" in text]


@pytest.mark.parametrize("button", [*CHANGING, *SHOWING], ids=lambda one: type(one).__name__)
async def test_a_stranger_s_forged_press_does_and_shows_nothing(
    stage: Stage, button: Button
) -> None:
    hello = await stage.say(ANN, "/start")
    answer = await stage.forge(ANN, hello, encode(button))
    assert answer.show_alert
    assert "no longer works" in answer.text
    assert stage.now(hello) == hello
    audit = await _walk(stage, await _desk(stage), ("Audit", "Audit"))
    assert "suspended" not in audit["text"]
    assert "paused" not in audit["text"]
    assert "invitation" not in audit["text"]


@pytest.mark.parametrize("button", CHANGING, ids=lambda one: type(one).__name__)
async def test_the_owner_changes_only_what_the_message_shows(stage: Stage, button: Button) -> None:
    await stage.say(ANN, "/start")
    desk = await _desk(stage)
    answer = await stage.forge(OWNER, desk, encode(button))
    assert answer.show_alert
    assert stage.now(desk) == desk


async def test_the_desk_sums_up_in_one_message(closed: Stage) -> None:
    await closed.say(ANN, "/start")
    desk = await _desk(closed)
    assert "Requests: 1" in desk["text"]
    assert "Open: no numbers" in desk["text"]
    assert "SpotSMS answers" in desk["text"]
    gone = await _walk(closed, desk, ("Close", "Desk closed"))
    assert words_on(gone) == ""


async def test_a_request_is_approved_at_the_desk_and_the_chat_is_told(closed: Stage) -> None:
    await closed.say(ANN, "/start")
    await _walk(closed, await _desk(closed), ("Requests", "Ann"), ("Approve Ann", "Nobody asks"))
    await closed.see(ANN, "has approved")
    await closed.buy(ANN)


async def test_a_request_is_denied_at_the_desk(closed: Stage) -> None:
    await closed.say(ANN, "/start")
    await _walk(closed, await _desk(closed), ("Requests", "Ann"), ("Deny Ann", "Nobody asks"))
    await closed.see(ANN, "has not approved")
    audit = await _walk(closed, await _desk(closed), ("Audit", "requested → denied"))
    assert "Olga" in audit["text"]


async def test_denying_what_was_approved_asks_once_more(closed: Stage) -> None:
    await closed.say(ANN, "/start")
    desk = await _desk(closed)
    await _walk(closed, desk, ("Requests", "Ann"), ("Approve Ann", "Nobody asks"))
    chat = await _desk(closed, f"chat {ANN}", "Access: ")
    sure = await _walk(closed, chat, ("Deny", "Deny Ann?"))
    await _walk(closed, sure, ("Deny Ann", "Access: denied"))


async def test_an_old_list_of_requests_does_not_lift_a_suspension(closed: Stage) -> None:
    await closed.say(ANN, "/start")
    old = await _walk(closed, await _desk(closed), ("Requests", "Ann"))
    now = await _walk(closed, await _desk(closed), ("Requests", "Ann"))
    await _walk(closed, now, ("Approve Ann", "Nobody asks"))
    chat = await _desk(closed, f"chat {ANN}", "Access: ")
    sure = await _walk(closed, chat, ("Suspend", "Suspend Ann?"))
    await _walk(closed, sure, ("Suspend Ann", "Access: suspended"))
    await _walk(closed, old, ("Approve Ann", "Access: suspended"))
    assert "suspended" in (await closed.say(ANN, "/buy"))["text"]


async def test_suspending_asks_once_more_and_names_what_is_open(closed: Stage) -> None:
    await closed.say(ANN, "/start")
    desk = await _desk(closed)
    await _walk(closed, desk, ("Requests", "Ann"), ("Approve Ann", "Nobody asks"))
    await closed.see(ANN, "has approved")
    card = await closed.buy(ANN)
    chat = await _desk(closed, f"chat {ANN}", "Access: ")
    assert "Open: 1 number, $0.0882 in all" in chat["text"]
    sure = await _walk(closed, chat, ("Suspend", "Suspend Ann?"))
    assert "Open: 1 number, $0.0882 in all. What is open goes on" in sure["text"]
    await _walk(closed, sure, ("Suspend Ann, $0.0882 open", "Access: suspended"))
    await closed.see(ANN, "suspended this chat")
    assert "suspended" in (await closed.say(ANN, "/buy"))["text"]
    assert "suspended" in (await closed.say(ANN, "/start"))["text"]
    await closed.say(ANN, "/cancel")
    await closed.see(ANN, "Refunded $0.0882")
    again = await _desk(closed, f"chat {ANN}", "Access: ")
    await _walk(closed, again, ("Approve", "Access: approved"))
    await closed.see(ANN, "has approved", after=card["message_id"])
    assert len(closed.spotsms.purchases) == 1
    await closed.buy(ANN)


async def test_the_owner_s_start_does_not_end_a_suspension(stage: Stage) -> None:
    group = await stage.open_group()
    chat = await _desk(stage, f"chat {group}", "Access: ")
    await _walk(stage, chat, ("Suspend", "Suspend Team?"), ("Suspend Team", "Access: suspended"))
    said = stage.telegram.say(OWNER, group, "/start")
    await stage.see(group, "has suspended this chat", after=said["message_id"])


async def test_an_owner_s_limit_is_given_by_a_tap_and_by_typing_and_holds(stage: Stage) -> None:
    await stage.say(ANN, "/start")
    chat = await _desk(stage, f"chat {ANN}", "Access: ")
    await _walk(stage, chat, ("Highest price", "Highest price"), ("● No limit", "Highest price"))
    tapped = await _walk(stage, stage.now(chat), ("$0.50", "Highest price: $0.50"))
    assert "● $0.50" in words_on(tapped)
    told = await stage.say(OWNER, f"/admin limit {ANN} daily 0.05")
    assert "per day $0.05" in told["text"]
    await stage.quote(ANN)
    await stage.press(ANN, "Confirm")
    await stage.see(ANN, "This would pass the daily limit of $0.05")
    assert not stage.spotsms.purchases
    log = await _walk(
        stage, await _desk(stage), ("Audit", "Per day from the owner: the usual limit → $0.05")
    )
    assert "Highest price from the owner: no limit → $0.50" in log["text"]


NONSENSE = (
    "limit",
    "limit 502 daily",
    "limit x daily 5",
    "limit 502 all 5",
    "limit 502 daily -5",
    "chat x",
    "everything",
)


@pytest.mark.parametrize("typed", NONSENSE)
async def test_what_makes_no_sense_is_explained(stage: Stage, typed: str) -> None:
    assert "/admin find" in (await stage.say(OWNER, f"/admin {typed}"))["text"]


async def test_pausing_everything_asks_once_more_and_names_what_is_open(stage: Stage) -> None:
    await stage.buy(ANN)
    await stage.quote(EVE)
    desk = await _desk(stage)
    sure = await _walk(stage, desk, ("Pause everything", "Pause everything?"))
    assert "Open: 1 number, $0.0882 in all" in sure["text"]
    await _walk(stage, sure, ("Pause everything, 1 open", "All purchases are paused"))
    await stage.press(EVE, "Confirm")
    await stage.see(EVE, "has paused all purchases")
    assert len(stage.spotsms.purchases) == 1
    await _walk(stage, stage.now(desk), ("Resume everything", "Purchases are on"))
    await stage.buy(EVE)


async def test_a_replayed_press_changes_nothing(stage: Stage) -> None:
    desk = await _desk(stage)
    sure = await _walk(stage, desk, ("Pause everything", "Pause everything?"))
    pause = data_of(sure, "Pause everything")
    paused = await _walk(stage, sure, ("Pause everything", "All purchases are paused"))
    await _walk(stage, paused, ("Resume everything", "Purchases are on"))
    answer = await stage.forge(OWNER, desk, pause)
    assert "no longer works" in answer.text
    assert "Purchases are on" in stage.now(desk)["text"]


async def test_chats_are_listed_with_their_spending(stage: Stage) -> None:
    await stage.open_group()
    await stage.buy(ANN, GROUP)
    desk = await _desk(stage)
    new = await _walk(stage, desk, ("Chats", "Chats: approved"), ("new", "Chats: new"))
    assert "Team · group" in new["text"]
    assert "Team |" in words_on(new)
    assert "Today $0.0882, this month $0.0882\nOpen: 1 number, $0.0882 in all" in new["text"]
    chat = await _walk(stage, new, ("Team", "Members I have met: "))
    assert "Today $0.0882" in chat["text"]


async def test_the_balance_shows_its_days_and_how_long_it_lasts(
    run: Running, tmp_path: Path
) -> None:
    await remember(tmp_path, [with_code(1)])
    reading = KeptReading(
        at=round(time.time() * 1000), micros=50_000_000, step=1, expected=0, conclusion="opening"
    )
    async with Database(f"sqlite:///{tmp_path}/bot.db") as database, database.write() as connection:
        await readings.add(connection, reading, follows=0)
    async with run() as stage:
        desk = await _desk(stage)
        balance = await _walk(stage, desk, ("Balance", "You are warned below $5.00"))
        yesterday = datetime.fromtimestamp(time.time() - 86_400, UTC).strftime("%d %b")
        assert f"{yesterday}: $0.0882" in balance["text"]
        assert "Now: $50.00" in balance["text"]
        assert re.search(r"about 1,13\d days at the present rate", balance["text"])


async def test_unknown_outcomes_lead_to_the_question(stage: Stage) -> None:
    await stage.say(OWNER, "/start")
    stage.spotsms.inject(Fault(action="getNumber", kind="drop", after_effect=True))
    await stage.quote(ANN)
    await stage.press(ANN, "Confirm")
    await stage.see(OWNER, "unknown")
    desk = await _desk(stage)
    assert "Unknown outcomes: 1" in desk["text"]
    listed = await _walk(stage, desk, ("Unknown outcomes", "$0.0882 is held"))
    question = await _walk(stage, listed, ("#1 Microsoft", "Balance before:"))
    assert "It was charged" in words_on(question)
    assert "SpotSMS may still answer until" in question["text"]
    assert "SpotSMS" in question["text"].partition("Reason: ")[2].splitlines()[0]
    await _walk(stage, question, ("Back", "$0.0882 is held. A button"))


async def test_the_desk_opens_in_private_alone_and_says_so_to_owners_only(stage: Stage) -> None:
    group = await stage.open_group()
    stage.telegram.say(ANN, group, "/admin")
    said = stage.telegram.say(OWNER, group, "/admin")
    told = await stage.see(group, "in private", after=said["message_id"])
    assert "Balance" not in words_on(told)
    answers = [
        one for one in stage.telegram.messages_to(group) if "in private alone" in one["text"]
    ]
    assert len(answers) == 1


async def test_a_refused_key_is_explained(stage: Stage) -> None:
    await stage.say(OWNER, "/start")
    for action in ("getNumber", "balance"):
        stage.spotsms.inject(Fault(action=action, kind="code", code=401, times=100))
    await stage.quote(ANN)
    await stage.press(ANN, "Confirm")
    await stage.see(OWNER, "refuses the key")
    assert "Purchases are stopped." in (await _desk(stage))["text"]
    shown = await _walk(stage, await _desk(stage), ("Provider", "Provider"))
    assert "SPOTSMS_API_KEY" in shown["text"]
    assert "Last error since the start: SpotSMS refuses the key" in shown["text"]


async def test_a_purchase_is_found_by_everything_that_people_name(
    run: Running, tmp_path: Path
) -> None:
    await remember(tmp_path, [with_code(1, 3), with_code(2, 1, user_id=EVE, chat_id=GROUP)])
    async with run() as stage:
        await stage.say(ANN, "/start")
        await stage.say(EVE, "/start")
        day = datetime.fromtimestamp(time.time() - 3 * 86_400 + 40, UTC).strftime("%Y-%m-%d")
        for typed in ("#1", str(ANN), "+1 202 555 0001", "12025550001", "ann", day):
            told = await stage.say(OWNER, f"/admin find {typed}")
            assert "#1 Microsoft" in words_on(told), typed
            assert "#2" not in words_on(told), typed
        assert "Nothing found" in (await stage.say(OWNER, "/admin find nobody"))["text"]


async def test_what_to_find_is_asked_and_answered_by_a_reply(run: Running, tmp_path: Path) -> None:
    await remember(tmp_path, [with_code(1)])
    async with run() as stage:
        desk = await _desk(stage)
        await stage.forge(OWNER, desk, data_of(desk, "Find"))
        asked = await stage.see(OWNER, "What shall I find?")
        said = stage.telegram.say(OWNER, OWNER, "12025550001", reply_to=asked["message_id"])
        found = await stage.see(OWNER, "Found", after=said["message_id"])
        assert "Buyer: " in found["text"]


async def test_what_to_find_is_answered_without_a_reply_until_something_else_is_asked(
    run: Running, tmp_path: Path
) -> None:
    await remember(tmp_path, [with_code(1)])
    async with run() as stage:
        desk = await _desk(stage)
        await stage.forge(OWNER, desk, data_of(desk, "Find"))
        await stage.see(OWNER, "What shall I find?")
        assert "Buyer: " in (await stage.say(OWNER, "12025550001"))["text"]
        assert "which country" in (await stage.say(OWNER, "whatsapp"))["text"].lower()
        await stage.forge(OWNER, desk, data_of(desk, "Find"))
        asked = await stage.see(OWNER, "What shall I find?", after=desk["message_id"] + 3)
        await stage.say(OWNER, "/buy")
        assert "which country" in (await stage.say(OWNER, "whatsapp"))["text"].lower(), asked


async def test_another_s_code_is_not_shown_and_one_s_own_is(run: Running, tmp_path: Path) -> None:
    await remember(tmp_path, [with_code(1), with_code(2, user_id=OWNER, chat_id=OWNER)])
    async with run() as stage:
        await stage.say(ANN, "/start")
        for number, is_shown in ((1, False), (2, True)):
            found = await stage.say(OWNER, f"/admin find #{number}")
            assert "Your code" not in found["text"]
            await stage.forge(OWNER, found, data_of(found, f"#{number}"))
            proof = await stage.see(OWNER, "Steps", after=found["message_id"])
            assert (f"{number:06}" in proof["text"]) is is_shown
            assert "Price: $0.0882" in proof["text"]
            assert State.FINISHED in proof["text"]
            assert "Cancel" not in words_on(proof)


async def test_a_group_that_has_moved_is_decided_with_what_is_open_there(closed: Stage) -> None:
    group = await closed.open_group()
    await closed.say(OWNER, "/start", group)
    await closed.buy(ANN, group)
    shown = await _desk(closed, f"chat {group}", "Access: approved")
    moved = closed.telegram.migrate(group)
    await closed.say(ANN, "/numbers", moved)
    await _walk(closed, shown, ("Suspend", "may not buy any more.\nOpen: 1 number, $0.0882"))
