"""What people do in Telegram's apps: write, press buttons, ask inline."""

import time

from bot.sandbox.telegram.entities import clean, tidy, units
from bot.sandbox.telegram.errors import MAX_UNITS_OF_TEXT, JsonObject
from bot.sandbox.telegram.keyboards import buttons_of, find_button
from bot.sandbox.telegram.model import Chat, User
from bot.sandbox.telegram.queries import InlineQuestion, Press
from bot.sandbox.telegram.roles import Roles
from bot.sandbox.telegram.world import ANONYMOUS, bot_sees, known_mentions, place_in_topic, quoted


class Acts(Roles):
    """Acts of users. Each queues its update and returns at once.

    What Telegram's apps would not let a user do raises ``ValueError``.
    """

    def say(
        self,
        user_id: int,
        chat_id: int,
        text: str,
        reply_to: int | None = None,
        thread_id: int | None = None,
        *,
        anonymous: bool = False,
        mention: int | None = None,
    ) -> JsonObject:
        """Write a message; gives it as the Bot API shows it.

        In a private chat (``chat_id`` = ``user_id``) the first message opens the chat, and
        ``/start`` unblocks a blocked bot. ``mention`` is a user whose first name stands in the
        text and becomes a ``text_mention``. An anonymous admin writes as the group.
        """
        user = self.users[user_id]
        chat = self._chat_to_write_in(user, chat_id, text)
        content = self._signed(chat, user, anonymous=anonymous)
        content |= self._place(chat, user, thread_id, reply_to)
        mentions = [] if mention is None else [_text_mention(clean(text), self.users[mention])]
        content["text"], entities = tidy(clean(text), mentions)
        if not content["text"]:
            raise ValueError("an empty message cannot be sent")
        if units(content["text"]) > MAX_UNITS_OF_TEXT:
            raise ValueError("a message that long is cut into several by Telegram's apps")
        if entities:
            content["entities"] = entities
        aside = {"sandbox_user_id": user_id} if "sender_chat" in content else None
        return self.announce(chat, content, aside)

    def edit(self, user_id: int, chat_id: int, message_id: int, text: str) -> JsonObject:
        """Change the text of an own message (``edited_message``)."""
        chat = self.chat(chat_id)
        message = chat.by_id[message_id]
        if message["from"]["id"] != user_id:
            raise ValueError("only own messages can be edited")
        new, entities = tidy(clean(text), [])
        edited = {key: value for key, value in message.items() if key != "entities"}
        edited |= {"text": new, "edit_date": int(time.time())}
        edited |= {"entities": entities} if entities else {}
        if bot_sees(self.bot, chat, edited, privacy_mode=self.privacy_mode):
            self.updates.put("edited_message", edited)
        return self.replace(chat, edited)

    def press(self, user_id: int, chat_id: int, message_id: int, data: str) -> Press:
        """Press a button of the bot's message; ``data`` may be forged.

        The callback query carries the person even where that person is an anonymous admin.
        """
        chat, user = self.chat(chat_id), self.users[user_id]
        if not chat.has(user_id):
            raise ValueError(f"{user.first_name} is not in this chat")
        press = Press(self.queries.next_id(), user, chat_id, message_id, data, self.hub)
        self.queries.presses[press.id] = press
        query = {
            "id": press.id,
            "from": user.shown(),
            "message": _pressed(chat, message_id),
            "chat_instance": str(10**18 + chat_id),
            "data": data,
        }
        self.updates.put("callback_query", query)
        return press

    def press_button(
        self, user_id: int, chat_id: int, words: str, message_id: int | None = None
    ) -> Press:
        """Press the newest visible button whose text contains ``words``, whatever their case.

        Raises:
            LookupError: no such button; the text lists those that there are.
        """
        messages = self.chat(chat_id).messages
        seen = [one for one in messages if message_id in {None, one["message_id"]}]
        for message in reversed(seen):
            if button := find_button(message, words):
                data = button["callback_data"]
                return self.press(user_id, chat_id, message["message_id"], data)
        there = [button["text"] for message in seen for button in buttons_of(message)]
        raise LookupError(f"no button with {words!r} in chat {chat_id}; there are {there}")

    def ask_inline(self, user_id: int, chat_id: int, text: str) -> InlineQuestion:
        """Type ``@bot text`` into a chat's input field without sending it."""
        chat, user = self.chat(chat_id), self.users[user_id]
        question = InlineQuestion(self.queries.next_id(), user, chat_id, text, self.hub)
        self.queries.inline[question.id] = question
        query = {
            "id": question.id,
            "from": user.shown(),
            "query": text,
            "offset": "",
            "chat_type": "sender" if chat.kind == "private" else chat.kind,
        }
        self.updates.put("inline_query", query)
        return question

    def choose(self, question: InlineQuestion, result_id: str) -> JsonObject:
        """Send a text that the bot offered inline; the message comes from the user, via the bot."""
        result = next(one for one in question.results or [] if one["id"] == result_id)
        content = result["input_message_content"]
        if "message_text" not in content:
            raise ValueError("only results that send a text are emulated")
        chat = self._chat_to_write_in(question.user, question.chat_id, content["message_text"])
        sent = self._signed(chat, question.user, anonymous=False)
        sent |= {"via_bot": self.bot.shown(), "text": content["message_text"]}
        if entities := known_mentions(self, chat, content.get("entities", [])):
            sent["entities"] = entities
        if markup := result.get("reply_markup"):
            sent["reply_markup"] = markup
        return self.announce(chat, sent)

    def _chat_to_write_in(self, user: User, chat_id: int, text: str) -> Chat:
        chat = self.open_private(user.id) if chat_id == user.id else self.chat(chat_id)
        if not chat.has(user.id):
            raise ValueError(f"{user.first_name} is not in this chat")
        if chat.gone or chat.migrated_to is not None:
            raise ValueError("nobody can write in this chat any more")
        if chat.kind == "private" and not chat.has(self.bot.id):
            if not text.startswith("/start"):
                raise ValueError(f"{user.first_name} has blocked the bot: /start takes it back")
            self.unblock_bot(user.id)
        return chat

    def _signed(self, chat: Chat, user: User, *, anonymous: bool) -> JsonObject:
        if not anonymous and not chat.members[user.id].anonymous:
            return {"from": user.shown()}
        if not chat.is_admin(user.id) or chat.kind != "supergroup":
            raise ValueError("only admins of a supergroup write anonymously")
        return {"from": ANONYMOUS.shown(), "sender_chat": chat.shown()}

    def _place(
        self, chat: Chat, user: User, thread_id: int | None, reply_to: int | None
    ) -> JsonObject:
        place: JsonObject = {}
        if reply_to is not None:
            if reply_to not in chat.by_id:
                raise ValueError(f"there is no message {reply_to} to reply to")
            place["reply_to_message"] = quoted(chat.by_id[reply_to])
            thread_id = thread_id or chat.by_id[reply_to].get("message_thread_id")
        if thread_id is None:
            return place
        if chat.topics[thread_id].closed and not chat.is_admin(user.id):
            raise ValueError("this topic is closed")
        return place_in_topic(chat, thread_id) | place


def _text_mention(text: str, user: User) -> JsonObject:
    before, found, _ = text.partition(user.first_name)
    if not found:
        raise ValueError(f"{user.first_name!r} must stand in the text that mentions them")
    return {
        "type": "text_mention",
        "offset": units(before),
        "length": units(found),
        "user": user.shown(),
    }


def _pressed(chat: Chat, message_id: int) -> JsonObject:
    """The message under the pressed button; a deleted one is an ``InaccessibleMessage``."""
    if message_id in chat.by_id:
        return chat.by_id[message_id]
    if not 1 <= message_id <= chat.last_message_id:
        raise ValueError(f"there was never a message {message_id} in this chat")
    return {"chat": chat.shown(), "message_id": message_id, "date": 0}
