"""Whom the visitor of the demo can be, and the groups that they are in."""

from dataclasses import dataclass, replace

from bot.sandbox.telegram import TelegramSandbox

_GROUP_ID = -1_000_000_002_001
_FORUM_ID = -1_000_000_002_002


@dataclass(frozen=True)
class Persona:
    """A person of the demo; ``hint`` says in a sentence what that role is about."""

    user_id: int
    first_name: str
    username: str
    role: str
    hint: str


OWNER = Persona(1001, "Olivia", "olivia_demo", "owner", "Decides which chats may use the bot.")
USER = Persona(
    1002, "Umar", "umar_demo", "user", "Nobody knows him yet: he asks, and the owner decides."
)
GROUP_ADMIN = Persona(
    1003, "Greta", "greta_demo", "group admin", "Decides who in her groups may spend how much."
)
MEMBER = Persona(1004, "Milo", "milo_demo", "member", "Buys what his groups allow him.")
PERSONAS = (OWNER, USER, GROUP_ADMIN, MEMBER)


def populate(telegram: TelegramSandbox) -> None:
    """Fill the sandbox with the personas and two supergroups that have the bot; one is a forum."""
    telegram.bot = replace(telegram.bot, first_name="SpotSMS")
    for persona in PERSONAS:
        telegram.add_user(persona.user_id, persona.first_name, persona.username)
    _add_group(telegram, _GROUP_ID, "Weekend trip", is_forum=False)
    _add_group(telegram, _FORUM_ID, "Repair café", is_forum=True)
    telegram.add_topic(_FORUM_ID, "Accounts")


def _add_group(telegram: TelegramSandbox, chat_id: int, title: str, *, is_forum: bool) -> None:
    telegram.add_group(chat_id, title, "supergroup", is_forum=is_forum)
    telegram.join(chat_id, GROUP_ADMIN.user_id, "creator")
    telegram.join(chat_id, OWNER.user_id)
    telegram.join(chat_id, MEMBER.user_id)
    telegram.add_bot(chat_id)
