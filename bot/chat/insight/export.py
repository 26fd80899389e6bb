"""`/export`: what was bought, as documents for spreadsheets and programs."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from telegram import InputFile
from telegram import Message as Posted

from bot.chat.desk import Context, desk_of
from bot.chat.insight.files import csv_of, json_of
from bot.chat.insight.sending import send_document
from bot.chat.insight.words import HOW_LONG, WINDOWS, window_in
from bot.chat.markup import counted
from bot.chat.message import Message
from bot.chat.replies import reply_to_of, send
from bot.chat.scene import Scene
from bot.domain.statistics import Window
from bot.workflows.export import MOST_ROWS, Export

WRITERS: Final = {"csv": csv_of, "json": json_of}

ONLY_ADMINS: Final = (
    "Only an admin can export what this group bought. In a private chat with me, /export gives you "
    "your own purchases."
)
NOT_SENT: Final = "The file could not be sent. Please try again, or a shorter time: /export 7d"


async def export(scene: Scene, context: Context, message: Posted) -> None:
    """`/export`, `/export 30d`: one's own in private, a whole group's for its admins."""
    desk, reply_to = desk_of(context), reply_to_of(scene, message)
    window = window_in(context.args or [], Window.ALL)
    if window is None:
        usage = Message(f"I do not understand this. {HOW_LONG}")
        await send(context.bot, scene.place, usage, reply_to=reply_to)
        return
    if scene.is_private:
        exported = await desk.exports.of_user(scene.user.id, window)
    elif await desk.admins.include_actor_of(scene):
        exported = await desk.exports.of_chat(scene.chat.id, window)
    else:
        await send(context.bot, scene.place, Message(ONLY_ADMINS), reply_to=reply_to)
        return
    if not exported.views:
        nothing = Message(f"Nothing was bought ({WINDOWS[window]}): there is nothing to export.")
        await send(context.bot, scene.place, nothing, reply_to=reply_to)
        return
    await _send(scene, context, exported, _caption(exported, window))


async def _send(scene: Scene, context: Context, exported: Export, caption: str) -> None:
    """Send both files; writing them takes long, so that is done in a thread."""
    name = f"purchases-{datetime.now(UTC):%Y-%m-%d}"
    for ending, write in WRITERS.items():
        file = InputFile(await asyncio.to_thread(write, exported), filename=f"{name}.{ending}")
        if not await send_document(context.bot, scene.place, file, caption):
            await send(context.bot, scene.place, Message(NOT_SENT))
            return


def _caption(exported: Export, window: Window) -> str:
    lines = [f"{counted(len(exported.views), 'purchase')}, {WINDOWS[window]}. Times are UTC."]
    if exported.is_cut:
        lines.append(f"Only the newest {MOST_ROWS:,} are included.")
    if not exported.with_codes:
        lines.append("Codes are left out: in this group only their buyers see them.")
    return "\n".join(lines)
