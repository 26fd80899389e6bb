"""`/forget`: asks once more, erases what is one's own, and waits for what is open."""

from pathlib import Path

from bot.chat.codec import encode
from bot.chat.insight.buttons import Forget
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, EVE, Stage, words_on
from tests.integration.chat.past import remember, with_code


async def test_one_is_forgotten_after_saying_so_twice(run: Running, tmp_path: Path) -> None:
    await remember(tmp_path, [with_code(1), with_code(2, user_id=EVE, chat_id=EVE)])
    async with run() as stage:
        assert "000001" in (await stage.say(ANN, "/history"))["text"]
        asked = await stage.say(ANN, "/forget")
        assert "cannot be undone" in asked["text"]
        assert "000001" in (await stage.say(ANN, "/history"))["text"]
        await stage.forge(ANN, asked, encode(Forget(ANN)))
        done = await stage.see(ANN, "You are forgotten")
        assert done["message_id"] == asked["message_id"]
        assert "codes and SMS: 1, numbers: 1" in done["text"]
        history = (await stage.say(ANN, "/history"))["text"]
        assert "000001" not in history
        assert "+1202" not in history
        assert "Microsoft" in history
        assert "$0.0882" in history
        assert "000002" in (await stage.say(EVE, "/history"))["text"]


async def test_one_may_think_better_of_it(stage: Stage) -> None:
    await stage.say(ANN, "/forget")
    await stage.press(ANN, "No, keep it")
    await stage.see(ANN, "Closed")


async def test_open_numbers_are_named_and_nothing_is_erased(stage: Stage) -> None:
    asked = await stage.say(ANN, "/forget")
    await stage.buy()
    refused = await stage.say(ANN, "/forget")
    assert "#1 Microsoft" in refused["text"]
    assert words_on(refused) == ""
    await stage.forge(ANN, asked, encode(Forget(ANN)))
    await stage.telegram.wait_for(lambda: "cannot forget you yet" in stage.now(asked)["text"])
    stage.spotsms.send_sms(stage.spotsms.purchases[0].number, "Your code is 246810")
    await stage.see(ANN, "246810")


async def test_nobody_makes_another_forgotten(stage: Stage) -> None:
    own = await stage.say(EVE, "/forget")
    assert (await stage.forge(EVE, own, encode(Forget(ANN)))).show_alert
    group = await stage.open_group()
    assert "in a private chat" in (await stage.say(ANN, "/forget", group))["text"]
