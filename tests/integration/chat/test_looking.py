"""What people look at: help, numbers, history, balance."""

import time
from pathlib import Path

from bot.chat.keyboards import MOST_NUMBERS
from bot.sandbox.spotsms import Fault
from bot.sandbox.telegram import TelegramFault, TelegramSandbox
from bot.sandbox.telegram.methods.profile import commands_for
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, BOB, OWNER, Stage, words_on
from tests.integration.chat.past import MINUTE, bought, remember


async def test_start_takes_whatever_a_deep_link_adds(stage: Stage) -> None:
    assert "Hello, Ann" in (await stage.say(ANN, "/start ref_12-ab"))["text"]


async def test_the_command_menu_is_published(stage: Stage) -> None:
    await stage.telegram.wait_for(lambda: len(stage.telegram.calls_of("setMyCommands")) == 4)
    scopes = [call.params["scope"]["type"] for call in stage.telegram.calls_of("setMyCommands")]
    for scope in ("all_private_chats", "all_group_chats", "all_chat_administrators", "chat"):
        assert scope in scopes


async def test_the_owner_s_menu_and_help_name_the_desk_and_nobody_else_s(stage: Stage) -> None:
    await stage.say(OWNER, "/start")
    await stage.telegram.wait_for(lambda: "admin" in _menu(stage, OWNER))
    assert "/admin" in (await stage.say(OWNER, "/help"))["text"]
    assert "/admin" not in (await stage.say(ANN, "/help"))["text"]
    assert "admin" not in _menu(stage, ANN)


def _menu(stage: Stage, user_id: int) -> list[str]:
    world = stage.telegram
    return [one["command"] for one in commands_for(world, world.chat(user_id), user_id, "en")]


async def test_the_bot_says_what_it_is_before_anybody_starts(stage: Stage) -> None:
    await stage.telegram.wait_for(lambda: stage.telegram.calls_of("setMyShortDescription"))
    assert "receive SMS codes" in stage.telegram.profile.descriptions[""]


async def test_a_bot_api_without_descriptions_disturbs_nothing(
    run: Running, telegram: TelegramSandbox
) -> None:
    telegram.inject(TelegramFault("getMyDescription", "5xx", times=None, status=501))
    async with run() as stage:
        assert "Hello" in (await stage.say(ANN, "/start"))["text"]


async def test_help_names_every_command_of_the_menu(stage: Stage) -> None:
    text = (await stage.say(ANN, "/help"))["text"]
    await stage.telegram.wait_for(lambda: stage.telegram.calls_of("setMyCommands"))
    for command in stage.telegram.calls_of("setMyCommands")[0].params["commands"]:
        assert f"/{command['command']}" in text


async def test_an_unknown_command_is_answered_with_a_hint(stage: Stage) -> None:
    assert "/help" in (await stage.say(ANN, "/unheardof"))["text"]


async def test_numbers_shows_open_ones_and_follows_them(stage: Stage) -> None:
    assert "no open numbers" in (await stage.say(ANN, "/numbers"))["text"]
    await stage.buy()
    listed = await stage.say(ANN, "/numbers")
    assert "Waiting for the SMS" in listed["text"]
    assert "Cancel" in words_on(listed)
    stage.spotsms.send_sms(stage.spotsms.purchases[0].number, "Your code is 246810")
    await stage.see(ANN, "246810", after=listed["message_id"])
    await stage.press(ANN, "Refresh")
    followed = await stage.see(ANN, "Code received")
    assert followed["message_id"] == listed["message_id"]
    assert "246810" in followed["text"]


async def test_numbers_and_history_lead_back_to_the_menu(stage: Stage) -> None:
    menu = await stage.say(ANN, "/start")
    for words, shown in (("My numbers", "no open numbers"), ("History", "Nothing bought yet")):
        await stage.press(ANN, words)
        await stage.see(ANN, shown)
        await stage.press(ANN, "Back")
        await stage.see(ANN, "Hello, Ann")
        assert stage.now(menu) == {**menu, "edit_date": stage.now(menu)["edit_date"]}


async def test_a_long_list_shows_what_ends_first_and_counts_the_rest(
    run: Running, tmp_path: Path
) -> None:
    now = round(time.time() * 1000)
    ends = {number: now + (30 - number) * MINUTE for number in range(1, MOST_NUMBERS + 3)}
    await remember(tmp_path, [bought(number, 0, expires_at=at) for number, at in ends.items()])
    async with run() as stage:
        listed = await stage.say(ANN, "/numbers")
        assert words_on(listed).startswith(f"Microsoft …{MOST_NUMBERS + 2:04}")
        assert words_on(listed).count("Cancel") == MOST_NUMBERS
        assert "… and 2 more: /history" in listed["text"]


async def test_nobody_sees_another_s_number(stage: Stage) -> None:
    await stage.buy()
    other = await stage.say(BOB, "/numbers")
    assert "no open numbers" in other["text"]
    for data in ("b1:n:1", "b1:r:1:1", "b1:k:1"):
        answer = await stage.forge(BOB, other, data)
        assert answer.show_alert
        assert "Microsoft" not in answer.text
    assert not stage.spotsms.calls_of("cancelRsActivation")


async def test_history_has_pages(stage: Stage) -> None:
    assert "Nothing bought yet" in (await stage.say(ANN, "/history"))["text"]
    stage.spotsms.inject(Fault(action="getNumber", kind="code", code=402, times=None))
    for _ in range(9):
        await stage.quote()
        await stage.press(ANN, "Confirm")
    await stage.say(ANN, "/history")
    assert "#1" not in (await stage.see(ANN, "Your history"))["text"].replace("#1:", "")
    await stage.press(ANN, "▶")
    await stage.see(ANN, "page 2")


async def test_one_number_of_the_history_is_shown_with_all_that_came(stage: Stage) -> None:
    await stage.buy()
    stage.spotsms.send_sms(stage.spotsms.purchases[0].number, "Your code is 246810, keep it")
    code = await stage.see(ANN, "246810")
    await stage.say(ANN, "/history")
    await stage.press(ANN, "#1")
    shown = await stage.see(ANN, "keep it", after=code["message_id"])
    assert "Copy 246810" in words_on(shown)


async def test_balance_shows_what_is_left_and_the_owner_sees_the_prepaid_money(
    stage: Stage,
) -> None:
    await stage.buy()
    own = (await stage.say(ANN, "/balance"))["text"]
    assert "Left: $9.9118 of $10.00" in own
    assert "SpotSMS" not in own
    assert "SpotSMS balance: $49.9" in (await stage.say(OWNER, "/balance"))["text"]
    stage.spotsms.inject(Fault(action="balance", kind="http500", times=None))
    assert "does not tell its balance" in (await stage.say(OWNER, "/balance"))["text"]


async def test_a_code_waits_for_a_buyer_who_has_blocked_the_bot(stage: Stage) -> None:
    await stage.buy()
    stage.telegram.block_bot(ANN)
    stage.spotsms.send_sms(stage.spotsms.purchases[0].number, "246810")
    await stage.telegram.wait_for(
        lambda: [call for call in stage.telegram.calls_of("sendMessage") if not call.ok]
    )
    stage.telegram.unblock_bot(ANN)
    await stage.say(ANN, "/help")
    await stage.see(ANN, "246810")
