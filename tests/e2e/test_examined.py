"""What an outside examination of the running bot found, kept from coming back."""

import asyncio

import pytest

from bot.sandbox.spotsms import Fault
from bot.sandbox.telegram import TelegramFault
from bot.sandbox.telegram.faults import FaultKind
from tests.e2e.installation import ANNA, BORIS, GROUP, Installation, digits, has_button

CARL = 504
STOP_SECONDS = 5.0


@pytest.mark.parametrize("action", ["balance", "services"])
@pytest.mark.timing
async def test_a_provider_that_hangs_does_not_hold_up_the_end(
    installation: Installation, action: str
) -> None:
    spotsms = installation.spotsms
    spotsms.inject(Fault(action, "stall", times=None))
    await installation.start(spotsms_timeout=20)
    installation.telegram.say(ANNA, ANNA, "/buy")
    await spotsms.wait_for(lambda: spotsms.calls_of(action))
    assert await installation.stop() < STOP_SECONDS


async def test_codes_are_looked_for_while_telegram_is_away_at_the_start(
    installation: Installation,
) -> None:
    await installation.start()
    purchase, card = await installation.buy(ANNA)
    await installation.kill()
    installation.telegram.inject(TelegramFault("*", "drop", times=None))
    polls = purchase.polls
    starting = asyncio.ensure_future(installation.start())
    await installation.spotsms.wait_for(lambda: purchase.polls > polls, 15)
    installation.spotsms.send_sms(purchase.number, "Code 44114")
    await installation.spotsms.wait_for(lambda: purchase.polls > polls + 2)
    installation.telegram.clear_faults()
    await starting
    await installation.telegram.wait_message(ANNA, "44114", after=card["message_id"], timeout=15)


@pytest.mark.timing
async def test_two_chats_that_fail_delay_no_third(installation: Installation) -> None:
    telegram, spotsms = installation.telegram, installation.spotsms
    telegram.add_user(CARL, "Carl")
    await installation.start()
    broken = [(await installation.buy(user))[0] for user in (ANNA, BORIS)]
    purchase, card = await installation.buy(CARL)
    for user in (ANNA, BORIS):
        telegram.inject(TelegramFault("sendMessage", "5xx", chat_id=user, times=None))
    for number, one in enumerate(broken):
        spotsms.send_sms(one.number, f"Code 4000{number}")
    failed = _failed_sends(installation)
    await telegram.wait_for(lambda: _failed_sends(installation) >= failed + 8, 20)
    spotsms.send_sms(purchase.number, "Code 50505")
    await telegram.wait_message(CARL, "50505", after=card["message_id"], timeout=3)


@pytest.mark.timing
async def test_one_number_that_always_fails_slows_no_other(installation: Installation) -> None:
    await installation.start(poll_interval=0.1, max_active_per_user=20, spotsms_max_rps=20)
    good, _ = await installation.buy(ANNA)
    installation.spotsms.inject(Fault("getMsg", "http500", times=None, probability=0.3))
    polls = good.polls
    await installation.spotsms.wait_for(lambda: good.polls > polls + 40, 10)


@pytest.mark.parametrize("kind", ["5xx", "drop", "drop_after"])
async def test_a_hiccup_of_telegram_costs_nobody_a_menu(
    installation: Installation, kind: FaultKind
) -> None:
    await installation.start()
    installation.telegram.inject(TelegramFault("sendMessage", kind))
    quote = await installation.quote(ANNA)
    installation.telegram.inject(TelegramFault("editMessageText", kind))
    await installation.telegram.press_button(ANNA, ANNA, "back", quote["message_id"]).answered()
    await installation.telegram.wait_message(ANNA, lambda one: has_button(one, "search"))


async def test_a_code_is_offered_beside_a_topic_that_was_closed(
    installation: Installation,
) -> None:
    telegram, spotsms = installation.telegram, installation.spotsms
    telegram.add_group(GROUP, "Team", "supergroup", is_forum=True)
    telegram.join(GROUP, ANNA)
    telegram.add_bot(GROUP)
    thread = telegram.add_topic(GROUP, "Numbers")
    await installation.start()
    asked = telegram.say(ANNA, GROUP, "/buy whatsapp turkey", thread_id=thread)
    quote = await telegram.wait_message(
        GROUP, lambda one: has_button(one, "confirm"), after=asked["message_id"]
    )
    await installation.confirm(ANNA, quote)
    await spotsms.wait_for(lambda: spotsms.purchases)
    await installation.card(quote, digits(spotsms.purchases[0].number))
    telegram.close_topic(GROUP, thread)
    spotsms.send_sms(spotsms.purchases[0].number, "Code 80808")
    await telegram.wait_message(GROUP, lambda one: has_button(one, "code"))


@pytest.mark.timing
async def test_a_code_overtakes_what_many_people_are_answered(
    installation: Installation,
) -> None:
    telegram = installation.telegram
    await installation.start()
    purchase, card = await installation.buy(ANNA)
    crowd = range(2000, 2150)
    for user in crowd:
        telegram.add_user(user, f"U{user}")
        telegram.say(user, user, "/help")
    await asyncio.gather(*(telegram.wait_message(user, timeout=20) for user in crowd))
    installation.spotsms.send_sms(purchase.number, "Code 73317")
    await telegram.wait_message(ANNA, "73317", after=card["message_id"], timeout=2.5)


def _failed_sends(installation: Installation) -> int:
    return sum(call.status >= 500 for call in installation.telegram.calls_of("sendMessage"))
