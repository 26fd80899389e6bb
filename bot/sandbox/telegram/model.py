"""People, chats and their members, as plain records."""

from dataclasses import dataclass, field
from typing import Literal

from bot.sandbox.telegram.errors import JsonObject

Kind = Literal["private", "group", "supergroup"]
Status = Literal["creator", "administrator", "member", "left", "kicked"]
PRESENT: frozenset[Status] = frozenset({"creator", "administrator", "member"})

GROUP_ANONYMOUS_BOT = 1087968824
"""The user id that signs what anonymous admins write."""

ADMIN_RIGHTS = (
    "can_manage_chat",
    "can_delete_messages",
    "can_manage_video_chats",
    "can_restrict_members",
    "can_promote_members",
    "can_change_info",
    "can_invite_users",
    "can_post_stories",
    "can_edit_stories",
    "can_delete_stories",
    "can_pin_messages",
    "can_send_welcome_messages",  # newer than Bot API 10.1; aiogram demands it already
)


@dataclass(frozen=True)
class User:
    """A person or a bot (Bot API ``User``)."""

    id: int
    first_name: str
    username: str | None = None
    language_code: str | None = None
    is_bot: bool = False

    def shown(self) -> JsonObject:
        """As the Bot API shows it."""
        shown: JsonObject = {"id": self.id, "is_bot": self.is_bot, "first_name": self.first_name}
        if self.username:
            shown["username"] = self.username
        if self.language_code:
            shown["language_code"] = self.language_code
        return shown


@dataclass(frozen=True)
class Member:
    """What a user is in a chat (Bot API ``ChatMember``)."""

    user: User
    status: Status = "member"
    anonymous: bool = False

    @property
    def present(self) -> bool:
        """Whether the user is in the chat now."""
        return self.status in PRESENT

    @property
    def is_admin(self) -> bool:
        """Whether the user runs the chat, as its creator or as an administrator."""
        return self.status in {"creator", "administrator"}

    def shown(self) -> JsonObject:
        """As the Bot API shows it; which fields there are depends on the status."""
        shown: JsonObject = {"status": self.status, "user": self.user.shown()}
        if self.is_admin:
            shown["is_anonymous"] = self.anonymous
        if self.status == "administrator":
            shown |= {"can_be_edited": False} | dict.fromkeys(ADMIN_RIGHTS, True)
        if self.status == "kicked":
            shown["until_date"] = 0
        return shown


@dataclass
class Topic:
    """A thread of a forum; its id is the id of the service message that opened it."""

    id: int
    name: str
    closed: bool = False


@dataclass
class Chat:
    """A private chat (its id is the user's) or a group, and everything said in it.

    ``deleted`` keeps what was deleted, ``edits`` every message as it stood after each edit,
    in the order of the edits. ``asides`` is what is known of a message beyond what the Bot API
    shows: the reply that the bot asked for, and who wrote anonymously.
    """

    id: int
    kind: Kind
    title: str = ""
    partner: User | None = None
    is_forum: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    by_id: dict[int, JsonObject] = field(default_factory=dict)
    deleted: list[JsonObject] = field(default_factory=list)
    edits: list[JsonObject] = field(default_factory=list)
    asides: dict[int, JsonObject] = field(default_factory=dict)
    pinned: int | None = None
    migrated_to: int | None = None
    gone: bool = False
    last_message_id: int = 0

    @property
    def messages(self) -> list[JsonObject]:
        """The messages that are there now, oldest first, in the Bot API's form."""
        return list(self.by_id.values())

    def next_message_id(self) -> int:
        """The id of the message that is written now (each chat counts for itself)."""
        self.last_message_id += 1
        return self.last_message_id

    def shown(self) -> JsonObject:
        """As the Bot API shows it inside a message (``Chat``)."""
        if self.partner is not None:
            person = self.partner.shown()
            names = {key: person[key] for key in ("first_name", "username") if key in person}
            return {"id": self.id, "type": self.kind} | names
        forum = {"is_forum": True} if self.is_forum else {}
        return {"id": self.id, "type": self.kind, "title": self.title} | forum

    def has(self, user_id: int) -> bool:
        """Whether the user is in the chat now."""
        member = self.members.get(user_id)
        return member is not None and member.present

    def is_admin(self, user_id: int) -> bool:
        """Whether the user runs the chat."""
        member = self.members.get(user_id)
        return member is not None and member.is_admin
