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
STRANGER = Persona(
    1002, "Umar", "umar_demo", "stranger", "Nobody knows him yet: he asks, and the owner decides."
)
GROUP_ADMIN = Persona(
    1003, "Greta", "greta_demo", "group admin", "Decides who in her groups may spend how much."
)
MEMBER = Persona(1004, "Milo", "milo_demo", "member", "Buys what his groups allow him.")
PERSONAS = (OWNER, STRANGER, GROUP_ADMIN, MEMBER)


def populate(telegram: TelegramSandbox) -> None:
    """Fill the sandbox with the personas and two supergroups that have the bot.

    The owner's has an admin and a member, and the bot is an admin; the other is the group
    admin's, a forum, and waits for the owner's decision.
    """
    telegram.bot = replace(telegram.bot, first_name="SpotSMS")
    for persona in PERSONAS:
        telegram.add_user(persona.user_id, persona.first_name, persona.username)
    _fill_trip(telegram)
    _fill_forum(telegram)


def _fill_trip(telegram: TelegramSandbox) -> None:
    telegram.add_group(_GROUP_ID, "Weekend trip", "supergroup")
    telegram.join(_GROUP_ID, OWNER.user_id, "creator")
    telegram.join(_GROUP_ID, GROUP_ADMIN.user_id, "administrator")
    telegram.join(_GROUP_ID, MEMBER.user_id)
    telegram.add_bot(_GROUP_ID, as_admin=True)


def _fill_forum(telegram: TelegramSandbox) -> None:
    telegram.add_group(_FORUM_ID, "Repair café", "supergroup", is_forum=True)
    telegram.join(_FORUM_ID, GROUP_ADMIN.user_id, "creator")
    telegram.join(_FORUM_ID, MEMBER.user_id)
    telegram.add_bot(_FORUM_ID)
    telegram.add_topic(_FORUM_ID, "Accounts")
