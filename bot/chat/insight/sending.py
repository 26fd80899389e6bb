"""Pictures and documents on their way to Telegram; what fails is logged, as with every answer."""

import logging

from telegram import Bot, InputFile, InputMediaPhoto
from telegram.constants import ParseMode
from telegram.error import BadRequest, TelegramError, TimedOut

from bot.chat.message import Message
from bot.chat.refusals import UNCHANGED, says
from bot.chat.replies import Press, send
from bot.workflows.purchase import Place

log = logging.getLogger(__name__)


async def send_picture(
    bot: Bot, place: Place, picture: bytes | None, message: Message, reply_to: int | None = None
) -> None:
    """Write a message under a picture (Bot API, sendPhoto); alone where there can be none."""
    if picture is None:
        await send(bot, place, message, reply_to=reply_to)
        return
    try:
        await bot.send_photo(
            place.chat_id,
            picture,
            filename="statistics.png",
            caption=message.html,
            parse_mode=ParseMode.HTML,
            message_thread_id=place.thread_id,
            reply_to_message_id=reply_to,
            allow_sending_without_reply=True if reply_to else None,
            reply_markup=message.keyboard,
        )
    except TimedOut:
        log.warning("nobody knows whether a picture went out")
    except TelegramError as error:
        log.warning("a picture did not go out (%s)", type(error).__name__)
        await send(bot, place, message, reply_to=reply_to)


async def change_picture(bot: Bot, press: Press, picture: bytes | None, message: Message) -> None:
    """Put another picture where the pressed button is (Bot API, editMessageMedia)."""
    place, message_id = press.scene.place, press.message_id
    if picture is None or message_id is None:
        await send_picture(bot, place, picture, message)
        return
    media = InputMediaPhoto(
        picture, caption=message.html, parse_mode=ParseMode.HTML, filename="statistics.png"
    )
    try:
        await bot.edit_message_media(
            media, place.chat_id, message_id, reply_markup=message.keyboard
        )
    except BadRequest as error:
        if not says(error, *UNCHANGED):
            await send_picture(bot, place, picture, message)
    except TelegramError as error:
        log.warning("a picture was not changed (%s)", type(error).__name__)


async def send_document(bot: Bot, place: Place, file: InputFile, caption: str) -> bool:
    """Send a file (Bot API, sendDocument), and tell whether it went out."""
    try:
        await bot.send_document(
            place.chat_id,
            file,
            caption=caption,
            parse_mode=ParseMode.HTML,
            message_thread_id=place.thread_id,
            disable_content_type_detection=True,
        )
    except TelegramError as error:
        log.warning("a document did not go out (%s)", type(error).__name__)
        return False
    return True
