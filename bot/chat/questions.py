"""Questions that are answered by a reply, recognised by a link that only Telegram shows."""

from telegram import Message as Posted
from telegram import MessageEntity
from telegram.helpers import mention_html

from bot.chat.codec import Button, decode, encode
from bot.chat.scene import Scene


def question(html: str, scene: Scene, link: str, button: Button) -> str:
    """Mention who is asked, so that a selective ForceReply reaches them, and mark the question."""
    mention = mention_html(scene.user.id, scene.first_name)
    return f'{mention} <a href="{link}#{encode(button)}">↩</a>\n{html}'


def question_of(message: Posted) -> Button | None:
    """Give what the message that is replied to asked for, if it was a question of this bot."""
    asked = message.reply_to_message
    if asked is None or asked.from_user is None or asked.from_user.id != message.get_bot().id:
        return None
    for entity in asked.entities:
        if entity.type == MessageEntity.TEXT_LINK and entity.url:
            button = decode(entity.url.rpartition("#")[2])
            if button is not None:
                return button
    return None
