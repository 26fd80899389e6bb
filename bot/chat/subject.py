"""Whose purchases somebody asks for, and whether they may see them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from telegram import Message as Posted
from telegram import MessageEntity

from bot.chat.desk import Desk
from bot.chat.scene import ANONYMOUS, Scene

_ID = re.compile(r"[1-9]\d{0,15}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Subject:
    """Purchases of a chat, of a person, or of a person in a chat; None: of all."""

    chat_id: int | None
    user_id: int | None


def named(message: Posted, words: Sequence[str]) -> int | None:
    """Give the user that a command is about: by id, by a mention that carries it, or by reply."""
    for word in words:
        if _ID.fullmatch(word):
            return int(word)
    for entity in message.entities:
        if entity.type == MessageEntity.TEXT_MENTION and entity.user:
            return entity.user.id
    answered = message.reply_to_message
    if answered is None or answered.from_user is None or answered.from_user.is_bot:
        return None
    # In a topic every message replies to the note that opened it.
    return None if answered.forum_topic_created else answered.from_user.id


async def is_admin(scene: Scene, desk: Desk) -> bool:
    """Tell whether who acts administers this group."""
    if scene.is_private:
        return False
    return scene.actor == ANONYMOUS or await desk.admins.include(scene.chat.id, scene.actor)


async def subject_of(scene: Scene, desk: Desk, user_id: int | None) -> Subject | None:
    """Give what may be seen, None for a refusal.

    In private that is one's own, everywhere; in a group one's own there, and all of it for admins.
    """
    if scene.is_private:
        is_own = user_id in {None, scene.user.id}
        return Subject(None, scene.user.id) if is_own else None
    if user_id is not None and user_id == scene.actor:
        return Subject(scene.chat.id, user_id)
    if await is_admin(scene, desk):
        return Subject(scene.chat.id, user_id)
    return Subject(scene.chat.id, scene.actor) if user_id is None else None
