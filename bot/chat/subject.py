"""Whose purchases somebody asks for, and whether they may see them."""

import re
from dataclasses import dataclass

from telegram import Message as Posted
from telegram import MessageEntity

from bot.chat import markup
from bot.chat.desk import Desk
from bot.chat.scene import Scene

_ID = re.compile(r"[1-9]\d{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Subject:
    """Purchases of a chat, of a person, or of a person in a chat; None: of all."""

    chat_id: int | None
    user_id: int | None


@dataclass(frozen=True, slots=True)
class Named:
    """Whom a command is about, and what else was typed.

    Attributes:
        user_id: None where nobody is named, or nobody whom the bot has met.
        unmet: the @username of somebody whom the bot has not met in this chat.
        is_reply: the person is not named by a word, but by the message that is replied to.
        words: those that name nobody.
    """

    user_id: int | None
    words: tuple[str, ...]
    unmet: str | None = None
    is_reply: bool = False


async def named(message: Posted, desk: Desk) -> Named:
    """Read whom a command names: by a mention, an @username or an id, or by reply.

    Numbers are amounts and names of services as well, so that a command whose words mean a number
    reads them itself: see `named_or_counted`.
    """
    found = await named_or_counted(message, desk)
    if found.user_id is not None and not found.is_reply:
        return found
    for word in found.words if found.unmet is None else ():
        if (user_id := id_in(word)) is not None:
            return Named(user_id, _without(found.words, word))
    return found


async def named_or_counted(message: Posted, desk: Desk) -> Named:
    """Read whom a command names, but take no number for an id."""
    for entity in message.entities:
        if entity.type == MessageEntity.TEXT_MENTION and entity.user:
            return Named(entity.user.id, _words(message, entity))
    words = _words(message)
    username = next((word for word in words if word.startswith("@")), None)
    if username is not None:
        user_id = await desk.governance.met_as(message.chat.id, username[1:])
        unmet = username if user_id is None else None
        return Named(user_id, _without(words, username), unmet)
    replied_to = _replied_to(message)
    return Named(replied_to, words, is_reply=replied_to is not None)


def id_in(word: str) -> int | None:
    """Give the user id that a word is, if it is one."""
    return int(word) if _ID.fullmatch(word) else None


def not_met(username: str) -> str:
    """Tell that an @username is nobody's whom the bot has met. Telegram's HTML."""
    return f"I have not met {markup.name(username)} here: reply to one of their messages instead."


def _words(message: Posted, mention: MessageEntity | None = None) -> tuple[str, ...]:
    """Give the words after the command, without those of a mention (its place is in UTF-16)."""
    raw = (message.text or "").encode("utf-16-le", errors="surrogatepass")
    if mention is not None:
        start, end = 2 * mention.offset, 2 * (mention.offset + mention.length)
        raw = raw[:start] + " ".encode("utf-16-le") + raw[end:]
    return tuple(raw.decode("utf-16-le", errors="surrogatepass").split()[1:])


def _without(words: tuple[str, ...], word: str) -> tuple[str, ...]:
    at = words.index(word)
    return words[:at] + words[at + 1 :]


def _replied_to(message: Posted) -> int | None:
    answered = message.reply_to_message
    if answered is None or answered.from_user is None or answered.from_user.is_bot:
        return None
    # In a topic every message replies to the note that opened it.
    return None if answered.forum_topic_created else answered.from_user.id


async def subject_of(scene: Scene, desk: Desk, user_id: int | None) -> Subject | None:
    """Give what may be seen, None for a refusal.

    In private that is one's own, everywhere; in a group one's own there, and all of it for admins.
    """
    if scene.is_private:
        is_own = user_id in {None, scene.user.id}
        return Subject(None, scene.user.id) if is_own else None
    if user_id is not None and user_id == scene.actor:
        return Subject(scene.chat.id, user_id)
    if await desk.admins.include_actor_of(scene):
        return Subject(scene.chat.id, user_id)
    return Subject(scene.chat.id, scene.actor) if user_id is None else None
