"""Strangers, forgers and logs."""

import random
import re

import pytest

from tests.e2e.installation import ANNA, BORIS, Installation, has_button
from tests.environment import OWNER


async def test_a_stranger_asks_and_the_owner_decides(installation: Installation) -> None:
    telegram = installation.telegram
    await installation.start(access="approval")
    telegram.say(OWNER, OWNER, "/start")
    await telegram.wait_message(OWNER)
    telegram.say(ANNA, ANNA, "/buy whatsapp turkey")
    refused = await telegram.wait_message(ANNA, lambda one: has_button(one, "ask"))
    assert not has_button(refused, "confirm")
    await telegram.press_button(ANNA, ANNA, "ask").answered()
    request = await telegram.wait_message(OWNER, lambda one: has_button(one, "approve"))
    assert "Anna" in request["text"]
    await telegram.press_button(OWNER, OWNER, "approve").answered()
    await telegram.wait_message(ANNA, after=refused["message_id"])
    quote = await installation.quote(ANNA)
    await installation.confirm(ANNA, quote)
    await installation.spotsms.wait_for(lambda: installation.spotsms.purchases)


async def test_nobody_but_the_owner_can_approve(installation: Installation) -> None:
    telegram = installation.telegram
    await installation.start(access="approval")
    telegram.say(OWNER, OWNER, "/start")
    await telegram.wait_message(OWNER)
    telegram.say(ANNA, ANNA, "/start")
    asked = await telegram.wait_message(ANNA, lambda one: has_button(one, "ask"))
    await telegram.press_button(ANNA, ANNA, "ask").answered()
    request = await telegram.wait_message(OWNER, lambda one: has_button(one, "approve"))
    [row] = [
        button["callback_data"]
        for line in request["reply_markup"]["inline_keyboard"]
        for button in line
        if "approve" in button["text"].lower()
    ]
    await telegram.press(ANNA, ANNA, asked["message_id"], row).answered()
    assert ("requested", ANNA) in installation.rows("select access, id from chats")


async def test_forged_buttons_buy_nothing_cancel_nothing_and_break_nothing(
    installation: Installation,
) -> None:
    telegram = installation.telegram
    await installation.start(daily_limit=1000, max_active_per_user=100)
    purchase, card = await installation.buy(ANNA)
    quote = await installation.quote(ANNA)
    telegram.say(BORIS, BORIS, "/buy")
    menu = await telegram.wait_message(BORIS, lambda one: has_button(one, "whatsapp"))
    genuine = [
        button["callback_data"]
        for message in (card, quote, menu)
        for line in message["reply_markup"]["inline_keyboard"]
        for button in line
        if "callback_data" in button
    ]
    for data in _forgeries(genuine):
        press = telegram.press(BORIS, BORIS, menu["message_id"], data)
        await press.answered()
    assert len(installation.spotsms.purchases) == 1
    assert purchase.state == "open"
    assert not installation.spotsms.calls_of("cancelRsActivation")
    assert installation.rows("select count(*) from inbox where status = 'broken'") == [(0,)]


@pytest.mark.parametrize("log_format", ["text", "json"])
async def test_no_code_is_ever_logged(installation: Installation, log_format: str) -> None:
    await installation.start(log_format=log_format)
    purchase, _ = await installation.buy(ANNA)
    installation.spotsms.send_sms(purchase.number, "Code 860153")
    await installation.telegram.wait_message(ANNA, "860153")
    await installation.stop()
    assert "860153" not in installation.log()


def _forgeries(genuine: list[str]) -> list[str]:
    """Give 120: cut, lengthened, others' ids, SQL, NUL, noise."""
    chance = random.Random(7)  # noqa: S311 - noise, no secret
    forged = [data[: chance.randrange(1, len(data))] for data in chance.choices(genuine, k=25)]
    forged += [(data + "x" * 64)[:64] for data in chance.choices(genuine, k=20)]
    own = [data for data in genuine if re.match(r"b1:(ok|c|n|q)", data)] or genuine
    forged += [re.sub(r"\d+", str(number), own[number % len(own)])[:64] for number in range(25)]
    forged += [f"b1:c:{text}"[:64] for text in ("1' OR '1'='1", "1; DROP TABLE activations; --")]
    forged += [data[:30] + "\0" + data[30:60] for data in chance.choices(genuine, k=18)]
    noise = ["".join(chr(chance.randrange(1, 128)) for _ in range(64)) for _ in range(30)]
    return forged + noise
