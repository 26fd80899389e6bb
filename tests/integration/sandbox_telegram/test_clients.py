"""The two great libraries as clients: they must be content with every answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramForbiddenError, TelegramMigrateToChat, TelegramRetryAfter
from aiogram.types import BufferedInputFile, ForceReply, ReplyParameters
from telegram import Bot as PtbBot
from telegram import (
    ChatMemberAdministrator,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaPhoto,
    Message,
)
from telegram.error import BadRequest, ChatMigrated, Forbidden, NetworkError, RetryAfter

from bot.sandbox.telegram import Answer, TelegramFault, TelegramSandbox

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

ANN, BOB = 1, 2
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("Buy", callback_data="buy")]])
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x07\x00\x00\x00\x05\x08\x06\x00\x00\x00"


@pytest.fixture
async def ptb(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[PtbBot]:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")
    bot = PtbBot("100:TEST", base_url=f"{url}/bot", base_file_url=f"{url}/file/bot")
    async with bot:
        yield bot


@pytest.fixture
async def aiogram(url: str) -> AsyncIterator[AiogramBot]:
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    async with AiogramBot("100:TEST", session=session) as bot:
        yield bot


async def test_python_telegram_bot_walks_from_start_to_a_closed_card(
    ptb: PtbBot, sandbox: TelegramSandbox
) -> None:
    sandbox.say(ANN, ANN, "/start")
    (update,) = await ptb.get_updates(allowed_updates=["message", "callback_query"])
    assert update.message
    card = await update.message.reply_html("<b>Buy?</b>", reply_markup=KEYBOARD, do_quote=True)
    press = sandbox.press_button(ANN, ANN, "buy")
    (update,) = await ptb.get_updates(offset=update.update_id + 1, timeout=1)
    assert update.callback_query
    await update.callback_query.answer("Bought", show_alert=True)
    assert await press.answered() == Answer("Bought", show_alert=True)
    await update.callback_query.edit_message_text("Done")
    assert (await sandbox.wait_message(ANN, "Done"))["message_id"] == card.message_id
    document = await ptb.send_document(ANN, InputFile(b"a,b\n", "report.csv"), caption="Report")
    assert document.document
    assert document.document.file_name == "report.csv"
    file = await document.document.get_file()
    assert bytes(await file.download_as_bytearray()) == b"a,b\n"
    assert await ptb.delete_message(ANN, document.message_id)


async def test_python_telegram_bot_exchanges_a_picture(
    ptb: PtbBot, sandbox: TelegramSandbox
) -> None:
    sandbox.open_private(ANN)
    sent = await ptb.send_photo(ANN, PNG, caption="7 days", reply_markup=KEYBOARD)
    edited = await ptb.edit_message_media(
        InputMediaPhoto(PNG, caption="<b>30 days</b>", parse_mode="HTML"),
        ANN,
        sent.message_id,
        reply_markup=KEYBOARD,
    )
    assert isinstance(edited, Message)
    assert (edited.caption, edited.message_id) == ("30 days", sent.message_id)
    assert edited.photo[0].width == 7


async def test_python_telegram_bot_sees_rights_change(
    ptb: PtbBot, sandbox: TelegramSandbox, forum: int
) -> None:
    sandbox.add_bot(forum, as_admin=True)
    await ptb.get_updates(allowed_updates=["chat_member"])
    sandbox.promote(forum, BOB, anonymous=True)
    change = (await ptb.get_updates())[-1].chat_member
    assert change
    assert change.difference()["status"] == ("member", "administrator")
    admins = await ptb.get_chat_administrators(forum)
    bob = next(admin for admin in admins if admin.user.id == BOB)
    assert isinstance(bob, ChatMemberAdministrator)
    assert bob.is_anonymous


async def test_python_telegram_bot_understands_the_refusals(
    ptb: PtbBot, sandbox: TelegramSandbox, group: int
) -> None:
    with pytest.raises(Forbidden, match="can't initiate"):
        await ptb.send_message(BOB, "x")
    new_id = sandbox.migrate(group)
    with pytest.raises(ChatMigrated) as migrated:
        await ptb.send_message(group, "x")
    assert migrated.value.new_chat_id == new_id
    sandbox.inject(TelegramFault("sendMessage", "429", retry_after=4))
    with pytest.raises(RetryAfter):
        await ptb.send_message(new_id, "x")
    sandbox.inject(TelegramFault("sendMessage", "drop_after"))
    with pytest.raises(NetworkError):
        await ptb.send_message(new_id, "x")
    with pytest.raises(BadRequest, match="essage to edit not found"):
        await ptb.edit_message_text("x", new_id, 77)


async def test_aiogram_walks_through_the_same(
    aiogram: AiogramBot, sandbox: TelegramSandbox, forum: int
) -> None:
    topic = sandbox.add_topic(forum, "Orders")
    sandbox.say(ANN, forum, "/buy", thread_id=topic)
    updates = await aiogram.get_updates(timeout=1)
    said = updates[-1].message
    assert said
    assert said.message_thread_id == topic
    sent = await aiogram.send_message(
        forum,
        'Until <tg-time unix="1700000000" format="r">soon</tg-time>',
        parse_mode="HTML",
        reply_parameters=ReplyParameters(message_id=said.message_id),
        reply_markup=ForceReply(),
    )
    assert sent.entities
    assert (sent.entities[0].type, sent.message_thread_id) == ("date_time", topic)
    photo = await aiogram.send_photo(forum, BufferedInputFile(PNG, "qr.png"))
    assert photo.photo
    assert photo.photo[0].width == 7
    full = await aiogram.get_chat(forum)
    assert full.permissions
    members = await aiogram.get_chat_administrators(forum)
    assert [member.status for member in members] == ["creator"]


async def test_aiogram_understands_the_refusals(
    aiogram: AiogramBot, sandbox: TelegramSandbox, group: int
) -> None:
    sandbox.migrate(group)
    with pytest.raises(TelegramMigrateToChat):
        await aiogram.send_message(group, "x")
    sandbox.block_bot(ANN)
    with pytest.raises(TelegramForbiddenError):
        await aiogram.send_message(ANN, "x")
    sandbox.inject(TelegramFault("getMe", "429", retry_after=4))
    with pytest.raises(TelegramRetryAfter) as refused:
        await aiogram.get_me()
    assert refused.value.retry_after == 4
