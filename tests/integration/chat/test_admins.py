"""Who is an admin, is Telegram's say, and a minute old at most."""

from collections.abc import AsyncIterator

import pytest
from telegram.ext import ExtBot

from bot.chat.admins import KEPT_SECONDS, Admins
from bot.sandbox.serve import serve
from bot.sandbox.telegram import TelegramFault, TelegramSandbox
from tests.integration.chat.helpers import ANN, BOB, GROUP, OWNER


class _Seconds:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> _Seconds:
    return _Seconds()


@pytest.fixture
async def admins(telegram: TelegramSandbox, seconds: _Seconds) -> AsyncIterator[Admins]:
    telegram.add_group(GROUP, "Team")
    telegram.join(GROUP, OWNER, "creator")
    telegram.join(GROUP, ANN)
    telegram.join(GROUP, BOB, "administrator", anonymous=True)
    telegram.add_bot(GROUP)
    async with serve(telegram.application()) as url:
        bot: ExtBot[None] = ExtBot(telegram.token, base_url=f"{url}/bot")
        async with bot:
            yield Admins(bot, seconds)


async def test_creator_and_admins_are_admins_and_members_are_not(admins: Admins) -> None:
    assert await admins.include(GROUP, OWNER)
    assert await admins.include(GROUP, BOB)
    assert not await admins.include(GROUP, ANN)


async def test_telegram_is_asked_once_a_minute(
    admins: Admins, seconds: _Seconds, telegram: TelegramSandbox
) -> None:
    for _ in range(5):
        await admins.include(GROUP, BOB)
    assert len(telegram.calls_of("getChatAdministrators")) == 1
    seconds.now += KEPT_SECONDS
    await admins.include(GROUP, BOB)
    assert len(telegram.calls_of("getChatAdministrators")) == 2


async def test_a_change_of_rights_counts_at_once(admins: Admins, telegram: TelegramSandbox) -> None:
    assert await admins.include(GROUP, BOB)
    telegram.join(GROUP, BOB)
    admins.forget(GROUP)
    assert not await admins.include(GROUP, BOB)


async def test_nobody_is_an_admin_while_telegram_does_not_say(
    admins: Admins, telegram: TelegramSandbox
) -> None:
    telegram.inject(TelegramFault("getChatAdministrators", "5xx"))
    assert not await admins.include(GROUP, BOB)
    assert await admins.include(GROUP, BOB)
