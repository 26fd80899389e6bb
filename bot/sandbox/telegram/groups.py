"""Who is where: users, private chats, groups, their members, topics and migrations."""

from bot.sandbox.telegram.errors import JsonObject
from bot.sandbox.telegram.model import Chat, Kind, Member, Status, Topic, User
from bot.sandbox.telegram.world import ANONYMOUS, World

SUPERGROUP_IDS_FROM = -1_000_000_000_000
TOPIC_COLOUR = 7322096


class Groups(World):
    """Changes of people and chats, with the updates that Telegram makes of them.

    Ids that do not exist raise ``KeyError``, acts that Telegram's apps do not offer
    ``ValueError``.
    """

    def add_user(
        self,
        id: int,  # noqa: A002 - the Bot API's own name
        first_name: str,
        username: str | None = None,
        language_code: str | None = "en",
    ) -> User:
        """A person who has never met the bot."""
        if id == self.bot.id or id <= 0:
            raise ValueError(f"{id} cannot be a person's id")
        user = self.users[id] = User(id, first_name, username, language_code)
        self.hub.tell({"type": "world"})
        return user

    def open_private(self, user_id: int) -> Chat:
        """The private chat of a user with the bot, opened without a word if need be."""
        if user_id not in self.chats:
            user = self.users[user_id]
            members = {user_id: Member(user), self.bot.id: Member(self.bot)}
            self.chats[user_id] = Chat(user_id, "private", partner=user, members=members)
            self.hub.tell({"type": "world"})
        return self.chats[user_id]

    def add_group(
        self,
        id: int,  # noqa: A002 - the Bot API's own name
        title: str,
        kind: Kind = "group",
        is_forum: bool = False,  # noqa: FBT001, FBT002 - the Bot API's own name
    ) -> Chat:
        """A group (its id is negative) without members, the bot among them."""
        if id >= 0 or (is_forum and kind != "supergroup"):
            raise ValueError("a group's id is negative, and only supergroups are forums")
        chat = self.chats[id] = Chat(id, kind, title, is_forum=is_forum)
        self.hub.tell({"type": "world"})
        return chat

    def join(
        self,
        chat_id: int,
        user_id: int,
        status: Status = "member",
        *,
        anonymous: bool = False,
    ) -> Member:
        """Make a user a member of a group, or change what the user is there."""
        chat, user = self.chat(chat_id), self.users[user_id]
        was_present = chat.has(user_id)
        member = Member(user, status, anonymous)
        self.set_member(chat, member, user)
        if not was_present:
            self._service(chat, user, new_chat_members=[user.shown()])
        return member

    def leave(self, chat_id: int, user_id: int) -> None:
        """Let a user leave a group."""
        chat, user = self.chat(chat_id), self.users[user_id]
        if not chat.has(user_id):
            raise ValueError(f"{user.first_name} is not in {chat.title}")
        self.set_member(chat, Member(user, "left"), user)
        self._service(chat, user, left_chat_member=user.shown())

    def add_bot(self, chat_id: int, as_admin: bool = False, by: int | None = None) -> None:  # noqa: FBT001, FBT002 - one word at the call
        """Bring the bot into a group, or change its rights there.

        ``by`` is who does it: a member, by default the creator or the first.
        """
        chat = self.chat(chat_id)
        was_present = chat.has(self.bot.id)
        actor = self._actor(chat, by)
        status: Status = "administrator" if as_admin else "member"
        self.set_member(chat, Member(self.bot, status), actor)
        if not was_present:
            self._service(chat, actor, new_chat_members=[self.bot.shown()])

    def remove_bot(self, chat_id: int, by: int | None = None) -> None:
        """Throw the bot out of a group."""
        chat = self.chat(chat_id)
        actor = self._actor(chat, by)
        self.set_member(chat, Member(self.bot, "kicked"), actor)
        self._service(chat, actor, left_chat_member=self.bot.shown())

    def block_bot(self, user_id: int) -> None:
        """Let a user block the bot in their private chat."""
        user = self.users[user_id]
        self.set_member(self.open_private(user_id), Member(self.bot, "kicked"), user)

    def unblock_bot(self, user_id: int) -> None:
        """Let a user take the bot back."""
        user = self.users[user_id]
        self.set_member(self.open_private(user_id), Member(self.bot), user)

    def add_topic(self, chat_id: int, name: str, by: int | None = None) -> int:
        """Open a topic in a forum; gives its ``message_thread_id``."""
        chat = self.chat(chat_id)
        if not chat.is_forum:
            raise ValueError(f"{chat.title} is no forum")
        thread_id = chat.last_message_id + 1
        chat.topics[thread_id] = Topic(thread_id, name)
        created = {"name": name, "icon_color": TOPIC_COLOUR}
        self._in_topic(chat, thread_id, self._actor(chat, by), forum_topic_created=created)
        self.hub.tell({"type": "world"})
        return thread_id

    def close_topic(self, chat_id: int, thread_id: int, by: int | None = None) -> None:
        """Close a topic: only admins may write in it from then on."""
        chat = self.chat(chat_id)
        chat.topics[thread_id].closed = True
        self._in_topic(chat, thread_id, self._actor(chat, by), forum_topic_closed={})

    def reopen_topic(self, chat_id: int, thread_id: int, by: int | None = None) -> None:
        """Open a closed topic again."""
        chat = self.chat(chat_id)
        chat.topics[thread_id].closed = False
        self._in_topic(chat, thread_id, self._actor(chat, by), forum_topic_reopened={})

    def migrate(self, chat_id: int) -> int:
        """Turn a group into a supergroup; gives its new id.

        Both get a service message. Calls with the old id are refused from then on, with
        ``migrate_to_chat_id``. The supergroup counts its messages from the start.
        """
        old = self.chat(chat_id)
        if old.kind != "group" or old.migrated_to is not None:
            raise ValueError(f"{old.title} cannot become a supergroup")
        new_id = SUPERGROUP_IDS_FROM + old.id
        self.chats[new_id] = Chat(new_id, "supergroup", old.title, members=dict(old.members))
        actor = self._actor(old, None)
        self._service(old, actor, migrate_to_chat_id=new_id)
        self._service(self.chats[new_id], actor, migrate_from_chat_id=old.id)
        old.migrated_to = new_id
        self.hub.tell({"type": "world"})
        return new_id

    def delete_chat(self, chat_id: int) -> None:
        """Delete a group for all, or a user's account."""
        self.chat(chat_id).gone = True
        self.hub.tell({"type": "world"})

    def _actor(self, chat: Chat, user_id: int | None) -> User:
        people = [one for one in chat.members.values() if one.present and not one.user.is_bot]
        creators = [one for one in people if one.status == "creator"]
        default = next(iter(creators or people), None)
        actor = default if user_id is None else chat.members[user_id]
        if actor is None or (actor.anonymous and chat.kind == "supergroup"):
            return ANONYMOUS
        return actor.user

    def _service(self, chat: Chat, actor: User, **content: object) -> JsonObject:
        anonymous = {"sender_chat": chat.shown()} if actor == ANONYMOUS else {}
        return self.announce(chat, {"from": actor.shown()} | anonymous | content)

    def _in_topic(self, chat: Chat, thread_id: int, actor: User, **content: object) -> None:
        place = {"message_thread_id": thread_id, "is_topic_message": True}
        self._service(chat, actor, **place, **content)
