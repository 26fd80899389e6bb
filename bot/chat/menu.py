"""What Telegram shows of the bot before anybody writes to it: its commands, and what it is."""

import logging
from collections.abc import Iterable

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.chat.texts import (
    ADMIN_COMMANDS,
    COMMANDS,
    DESCRIPTION,
    OWNER_COMMANDS,
    SHORT_DESCRIPTION,
)

log = logging.getLogger(__name__)


async def publish(bot: Bot, owner_ids: Iterable[int]) -> None:
    """Set the command menus (Bot API, setMyCommands), and what people read before they start.

    Raises:
        TelegramError: Telegram did not take the menus that everybody sees.
    """
    menu, admins = _menu(COMMANDS), _menu(ADMIN_COMMANDS)
    await bot.set_my_commands(menu, scope=BotCommandScopeAllPrivateChats())
    await bot.set_my_commands(menu, scope=BotCommandScopeAllGroupChats())
    await bot.set_my_commands(menu + admins, scope=BotCommandScopeAllChatAdministrators())
    for owner_id in owner_ids:
        await publish_to_owner(bot, owner_id)
    await _describe(bot)


async def publish_to_owner(bot: Bot, owner_id: int) -> None:
    """Add `/admin` to an owner's menu; Telegram refuses that before the owner's first `/start`."""
    menu = _menu(COMMANDS | OWNER_COMMANDS)
    try:
        await bot.set_my_commands(menu, scope=BotCommandScopeChat(owner_id))
    except TelegramError as error:
        log.debug("an owner's menu was not set (%s)", type(error).__name__)


async def _describe(bot: Bot) -> None:
    """Tell what the bot is; asked first, since Telegram lets it be changed rarely."""
    try:
        if (await bot.get_my_description()).description != DESCRIPTION:
            await bot.set_my_description(DESCRIPTION)
        if (await bot.get_my_short_description()).short_description != SHORT_DESCRIPTION:
            await bot.set_my_short_description(SHORT_DESCRIPTION)
    except TelegramError as error:
        log.debug("the description was not set (%s)", type(error).__name__)


def _menu(commands: dict[str, str]) -> list[BotCommand]:
    return [BotCommand(command, words) for command, words in commands.items()]
