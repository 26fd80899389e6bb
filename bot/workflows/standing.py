"""How a chat stands: everything that decides what it may buy, read together."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chat import ChatRules
from bot.storage import installation, limits, permissions
from bot.storage.chats import Chat
from bot.workflows.rules import Rules

ALL_PAUSED = "paused"
"""The key of the installation's pause; its value is `{"by": owner's id}`."""


async def standing_of(connection: AsyncConnection, chat: Chat, rules: Rules) -> ChatRules:
    """Give a chat's rules, with what the settings say where nobody has decided."""
    return ChatRules(
        chat_id=chat.id,
        access=chat.access,
        open_to_all=rules.open_to_all,
        all_paused=await installation.get(connection, ALL_PAUSED) is not None,
        paused=chat.paused,
        who_may_buy=chat.who_may_buy,
        code_place=chat.code_place,
        permissions=tuple(await permissions.of_chat(connection, chat.id)),
        limits=tuple(await limits.of_chat(connection, chat.id)),
        defaults=rules.limits,
    )
