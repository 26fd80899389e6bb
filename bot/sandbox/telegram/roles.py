"""Who is what in a group: members are added, promoted, demoted and removed."""

from dataclasses import replace

from bot.sandbox.telegram.groups import Groups
from bot.sandbox.telegram.model import Chat, Member, User

NEW_IDS_FROM = -4_000_000_000
"""Ids of groups created here go down from this one, apart from those that tests choose."""


class Roles(Groups):
    """What the members of a group do to each other, with the updates that Telegram makes of it.

    ``by`` is who does it: by default the creator, or the first member of a group that has none.
    The bot can be the one whom it is done to. What Telegram's apps do not offer raises
    ``ValueError``, ids that do not exist ``KeyError``.
    """

    def create_group(self, user_id: int, title: str) -> Chat:
        """Create a group; its creator is alone in it."""
        if not title.strip():
            raise ValueError("a group needs a title")
        user = self.users[user_id]
        chat = self.add_group(NEW_IDS_FROM - len(self.chats), title.strip())
        self.set_member(chat, Member(user, "creator"), user)
        self._service(chat, user, group_chat_created=True)
        return chat

    def add_member(self, chat_id: int, user_id: int, by: int | None = None) -> Member:
        """Bring somebody into a group; any member may."""
        chat, user = self.chat(chat_id), self.user(user_id)
        if chat.has(user_id):
            raise ValueError(f"{user.first_name} is in {chat.title} already")
        actor = self._actor(chat, by)
        self.set_member(chat, Member(user), actor)
        self._service(chat, actor, new_chat_members=[user.shown()])
        return chat.members[user_id]

    def promote(
        self, chat_id: int, user_id: int, by: int | None = None, *, anonymous: bool = False
    ) -> Member:
        """Make a member an admin, or change whether an admin writes anonymously."""
        chat = self.chat(chat_id)
        former = self._subordinate(chat, user_id, by)
        member = replace(former, status="administrator", anonymous=anonymous)
        self.set_member(chat, member, self._actor(chat, by))
        return member

    def set_anonymous(self, chat_id: int, user_id: int, *, anonymous: bool) -> Member:
        """Let an admin, or the creator, write as the group from now on, or not."""
        chat = self.chat(chat_id)
        self._check_admin(chat, user_id)
        if anonymous and chat.kind != "supergroup":
            raise ValueError("only admins of a supergroup write anonymously")
        member = replace(chat.members[user_id], anonymous=anonymous)
        self.set_member(chat, member, self._actor(chat, None))
        return member

    def demote(self, chat_id: int, user_id: int, by: int | None = None) -> Member:
        """Make an admin a plain member again."""
        chat = self.chat(chat_id)
        member = replace(self._subordinate(chat, user_id, by), status="member", anonymous=False)
        self.set_member(chat, member, self._actor(chat, by))
        return member

    def remove_member(self, chat_id: int, user_id: int, by: int | None = None) -> None:
        """Throw somebody out: "kicked" from a supergroup, "left" where groups keep no ban list."""
        chat = self.chat(chat_id)
        user = self._subordinate(chat, user_id, by).user
        if user == self.bot:
            self.remove_bot(chat_id, by)
            return
        actor = self._actor(chat, by)
        gone = Member(user, "kicked" if chat.kind == "supergroup" else "left")
        self.set_member(chat, gone, actor)
        self._service(chat, actor, left_chat_member=user.shown())

    def pardon(self, chat_id: int, user_id: int, by: int | None = None) -> None:
        """Take somebody off a supergroup's ban list, so that they may join again."""
        chat, user = self.chat(chat_id), self.user(user_id)
        if user_id not in chat.members or chat.members[user_id].status != "kicked":
            raise ValueError(f"{user.first_name} was not removed from {chat.title}")
        self._check_admin(chat, by)
        self.set_member(chat, Member(user, "left"), self._actor(chat, by))

    def _subordinate(self, chat: Chat, user_id: int, by: int | None) -> Member:
        """The member whom an admin may change."""
        user = self.user(user_id)
        if not chat.has(user_id):
            raise ValueError(f"{user.first_name} is not in {chat.title}")
        self._check_admin(chat, by)
        if chat.members[user_id].status == "creator":
            raise ValueError(f"{user.first_name} created {chat.title} and stays its owner")
        return chat.members[user_id]

    def _check_admin(self, chat: Chat, by: int | None) -> None:
        if by is not None and not chat.is_admin(by):
            raise ValueError(f"{_name(self.users.get(by))} is no admin of {chat.title}")


def _name(user: User | None) -> str:
    return user.first_name if user else "this user"
