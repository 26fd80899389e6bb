"""Who is an admin, is Telegram's say, and a minute old at most."""

from collections.abc import AsyncIterator

import pytest
from telegram import ChatMember
from telegram.ext import ExtBot

from bot.chat.admins import KEPT_SECONDS, Admins
from bot.sandbox.serve import serve
from bot.sandbox.telegram import TelegramFault, TelegramSandbox
from tests.clocks import HandSeconds
from tests.integration.chat.helpers import ANN, BOB, GROUP, OWNER


@pytest.fixture
def clock() -> HandSeconds:
    return HandSeconds()


@pytest.fixture
async def admins(telegram: TelegramSandbox, clock: HandSeconds) -> AsyncIterator[Admins]:
    telegram.add_group(GROUP, "Team")
    telegram.join(GROUP, OWNER, "creator")
    telegram.join(GROUP, ANN)
    telegram.join(GROUP, BOB, "administrator", anonymous=True)
    telegram.add_bot(GROUP)
    async with serve(telegram.application()) as url:
        bot: ExtBot[None] = ExtBot(telegram.token, base_url=f"{url}/bot")
        async with bot:
            yield Admins(bot, clock)


async def test_creator_and_admins_are_admins_and_members_are_not(admins: Admins) -> None:
    assert await admins.include(GROUP, OWNER)
    assert await admins.include(GROUP, BOB)
    assert not await admins.include(GROUP, ANN)


async def test_telegram_is_asked_once_a_minute(
    admins: Admins, clock: HandSeconds, telegram: TelegramSandbox
) -> None:
    for _ in range(5):
        await admins.include(GROUP, BOB)
    assert len(telegram.calls_of("getChatAdministrators")) == 1
    clock.seconds += KEPT_SECONDS
    await admins.include(GROUP, BOB)
    assert len(telegram.calls_of("getChatAdministrators")) == 2


async def test_a_change_of_rights_counts_at_once(admins: Admins, telegram: TelegramSandbox) -> None:
    assert await admins.include(GROUP, BOB)
    telegram.join(GROUP, BOB)
    admins.forget(GROUP)
    assert not await admins.include(GROUP, BOB)


async def test_a_change_of_rights_counts_though_an_older_answer_is_on_its_way(
    admins: Admins, telegram: TelegramSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = ExtBot.get_chat_administrators

    async def overtaken(bot: ExtBot[None], chat_id: int) -> tuple[ChatMember, ...]:
        members = await ask(bot, chat_id)
        telegram.join(GROUP, BOB)
        admins.forget(GROUP)
        return members

    with monkeypatch.context() as patched:
        patched.setattr(ExtBot, "get_chat_administrators", overtaken)
        await admins.include(GROUP, BOB)
    assert not await admins.include(GROUP, BOB)


async def test_nobody_is_an_admin_while_telegram_does_not_say(
    admins: Admins, telegram: TelegramSandbox
) -> None:
    telegram.inject(TelegramFault("getChatAdministrators", "5xx"))
    assert not await admins.include(GROUP, BOB)
    assert await admins.include(GROUP, BOB)
