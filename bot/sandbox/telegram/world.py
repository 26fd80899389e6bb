"""The state behind the Bot API: who exists, what was said, what waits for the bot."""

import time
from dataclasses import dataclass, field

from bot.sandbox.telegram.errors import JsonObject
from bot.sandbox.telegram.hub import Hub
from bot.sandbox.telegram.model import GROUP_ANONYMOUS_BOT, Chat, Member, User
from bot.sandbox.telegram.queries import Queries
from bot.sandbox.telegram.updates import UpdateQueue
from bot.sandbox.telegram.webhook import WebhookDelivery

ANONYMOUS = User(GROUP_ANONYMOUS_BOT, "Group", "GroupAnonymousBot", is_bot=True)
"""Who signs what an anonymous admin writes."""


@dataclass
class Profile:
    """What the bot set about itself; keys are language codes, commands also carry their scope."""

    commands: dict[tuple[str, str], list[JsonObject]] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    short_descriptions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredFile:
    """A file that the bot sent."""

    name: str
    content: bytes
    content_type: str


class World:
    """Users, chats and messages, and the queue of updates that the bot gets of them.

    Message records are never changed in place: an edit puts a new record in the old one's
    place, so that answers and updates keep what they showed.
    """

    def __init__(
        self, bot_id: int, username: str, *, privacy_mode: bool, query_lifetime: float
    ) -> None:
        self.bot = User(bot_id, username.replace("_", " ").capitalize(), username, is_bot=True)
        self.privacy_mode = privacy_mode
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.profile = Profile()
        self.files: dict[str, StoredFile] = {}
        self.hub = Hub()
        self.updates = UpdateQueue(self.hub)
        self.queries = Queries(query_lifetime)
        self.webhook = WebhookDelivery(self.updates, self.hub)

    def user(self, user_id: int) -> User:
        """The user with this id, the bot included.

        Raises:
            KeyError: nobody has it.
        """
        return self.bot if user_id == self.bot.id else self.users[user_id]

    def chat(self, chat_id: int) -> Chat:
        """The chat with this id (a private chat has its user's).

        Raises:
            KeyError: there is no such chat.
        """
        return self.chats[chat_id]

    def post(self, chat: Chat, content: JsonObject, aside: JsonObject | None = None) -> JsonObject:
        """Put a message into a chat and give it as stored, with its id and date."""
        message: JsonObject = {
            "message_id": chat.next_message_id(),
            "date": int(time.time()),
            "chat": chat.shown(),
        } | content
        chat.by_id[message["message_id"]] = message
        if aside:
            chat.asides[message["message_id"]] = aside
        self.hub.tell({"type": "message", "chat_id": chat.id, "message": message})
        return message

    def replace(self, chat: Chat, message: JsonObject) -> JsonObject:
        """Put an edited message in its former record's place."""
        chat.by_id[message["message_id"]] = message
        chat.edits.append(message)
        self.hub.tell({"type": "edit", "chat_id": chat.id, "message": message})
        return message

    def remove(self, chat: Chat, message_id: int) -> None:
        """Take a message out of a chat."""
        chat.deleted.append(chat.by_id.pop(message_id))
        self.hub.tell({"type": "delete", "chat_id": chat.id, "message_id": message_id})

    def announce(
        self, chat: Chat, content: JsonObject, aside: JsonObject | None = None
    ) -> JsonObject:
        """Post a message of a user, or a service message, and show it to the bot if it may see."""
        message = self.post(chat, content, aside)
        if bot_sees(self.bot, chat, message, privacy_mode=self.privacy_mode):
            self.updates.put("message", message)
        return message

    def set_member(self, chat: Chat, member: Member, actor: User) -> None:
        """Change what somebody is in a chat, and tell the bot as far as Telegram would.

        Its own changes come as ``my_chat_member``; those of others as ``chat_member``, only
        where it is an admin.
        """
        former = chat.members.get(member.user.id) or Member(member.user, "left")
        chat.members[member.user.id] = member
        own = member.user.id == self.bot.id
        change = {
            "chat": chat.shown(),
            "from": actor.shown(),
            "date": int(time.time()),
            "old_chat_member": former.shown(),
            "new_chat_member": member.shown(),
        }
        if own:
            self.updates.put("my_chat_member", change)
        elif chat.is_admin(self.bot.id):
            self.updates.put("chat_member", change)
        self.hub.tell({"type": "world"})


def bot_sees(bot: User, chat: Chat, message: JsonObject, *, privacy_mode: bool) -> bool:
    """Whether the bot gets this message (Telegram's privacy mode).

    In a group, a bot that is no admin gets service messages, what was sent through it inline,
    replies to its own messages, and commands that name no other bot.
    """
    if chat.kind == "private":
        return True
    leaving = message.get("left_chat_member", {}).get("id") == bot.id
    if not chat.has(bot.id) and not leaving:
        return False
    if not privacy_mode or chat.is_admin(bot.id) or "text" not in message:
        return True
    replied = message.get("reply_to_message", {}).get("from", {}).get("id")
    via_bot = message.get("via_bot", {}).get("id") == bot.id
    return via_bot or replied == bot.id or _is_command_for(bot, message)


def _is_command_for(bot: User, message: JsonObject) -> bool:
    first = next((one for one in message.get("entities", []) if one["offset"] == 0), None)
    if first is None or first["type"] != "bot_command":
        return False
    command = message["text"].encode("utf-16-le")[: first["length"] * 2].decode("utf-16-le")
    _, _, name = command.partition("@")
    return not name or name.lower() == (bot.username or "").lower()


def known_mentions(world: World, chat: Chat, entities: list[JsonObject]) -> list[JsonObject]:
    """The entities with their users spelled out, without mentions of people unknown to the bot.

    It may mention whom it met in private, and who is or was in the chat (Bot API, "Formatting
    options").
    """
    known: list[JsonObject] = []
    for entity in entities:
        user_id = entity["user"]["id"] if entity["type"] == "text_mention" else None
        if user_id is None:
            known.append(entity)
        elif user_id in chat.members or user_id in world.chats:
            known.append(entity | {"user": world.user(user_id).shown()})
    return known


def place_in_topic(chat: Chat, thread_id: int) -> JsonObject:
    """The fields of a message in a topic.

    Telegram shows it as a reply to the service message that opened the topic, unless it answers
    another one.
    """
    place: JsonObject = {"message_thread_id": thread_id, "is_topic_message": True}
    opening = chat.by_id.get(thread_id)
    return place | ({"reply_to_message": quoted(opening)} if opening else {})


def quoted(message: JsonObject) -> JsonObject:
    """A message as shown inside a reply to it: without the one that it answers itself."""
    return {key: value for key, value in message.items() if key != "reply_to_message"}
