"""Methods that send files. A file is kept for as long as the sandbox runs."""

import hashlib
import struct
from collections.abc import Callable
from dataclasses import replace

from bot.sandbox.telegram.acts import Acts
from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.errors import JsonObject, bad_request
from bot.sandbox.telegram.methods.messages import CONTENT, edit, own_message, send
from bot.sandbox.telegram.methods.places import chat_of
from bot.sandbox.telegram.methods.registry import method
from bot.sandbox.telegram.methods.texts import caption_of, markup_of
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.world import StoredFile, World

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"
JPEG_SIZES = frozenset({0xC0, 0xC1, 0xC2, 0xC3})
MAX_BYTES_OF_PHOTO = 10 * 1024 * 1024
MAX_SUM_OF_SIDES = 10_000
MAX_RATIO_OF_SIDES = 20


@method
def send_photo(world: Acts, call: Call) -> JsonObject:
    """Bot API sendPhoto, of a PNG or a JPEG."""
    chat = chat_of(world, call)
    return send(world, chat, call, _photo(world, call) | _described(world, chat, call))


@method
def send_document(world: Acts, call: Call) -> JsonObject:
    """Bot API sendDocument."""
    chat = chat_of(world, call)
    return send(world, chat, call, _document(world, call) | _described(world, chat, call))


@method
def edit_message_media(world: Acts, call: Call) -> JsonObject:
    """Bot API editMessageMedia, to a photo or a document; what the media lacks goes."""
    chat, message = own_message(world, call)
    media = replace(call, params=call.thing("media"))
    make = _MEDIA.get(media.text("type"))
    if make is None:
        raise NotImplementedError(f"the sandbox emulates no media {media.text('type')!r}")
    content = make(world, media, "media") | _described(world, chat, media)
    return edit(world, chat, message, content | markup_of(call), CONTENT)


@method
def get_file(world: Acts, call: Call) -> JsonObject:
    """Bot API getFile; the content is under ``/file/bot<token>/<file_path>``."""
    file_id = call.text("file_id")
    if file_id not in world.files:
        raise bad_request("invalid file_id")
    return _shown(file_id, world.files[file_id]) | {"file_path": file_id}


def _photo(world: World, call: Call, name: str = "photo") -> JsonObject:
    file_id, file = _file(world, call, name, "Photo")
    width, height = picture_size(file.content)
    if width + height > MAX_SUM_OF_SIDES or max(width, height) > MAX_RATIO_OF_SIDES * min(
        width, height
    ):
        raise bad_request("PHOTO_INVALID_DIMENSIONS")
    return {"photo": [_shown(file_id, file) | {"width": width, "height": height}]}


def _document(world: World, call: Call, name: str = "document") -> JsonObject:
    file_id, file = _file(world, call, name, "Document")
    about = {"file_name": file.name, "mime_type": file.content_type}
    return {"document": _shown(file_id, file) | about}


_MEDIA: dict[str, Callable[[World, Call, str], JsonObject]] = {
    "photo": _photo,
    "document": _document,
}


def _described(world: World, chat: Chat, call: Call) -> JsonObject:
    """The caption, and how it and the picture are shown."""
    above = {"show_caption_above_media": True} if call.flag("show_caption_above_media") else {}
    spoiler = {"has_media_spoiler": True} if call.flag("has_spoiler") else {}
    return caption_of(world, chat, call) | above | spoiler


def _file(world: World, call: Call, name: str, kind: str) -> tuple[str, StoredFile]:
    """The file that was uploaded under ``name`` or attached, or that an id names."""
    reference = call.text(name)
    file = call.files.get(reference.removeprefix("attach://") or name)
    if file is None and reference in world.files:
        return _known(world, reference, kind)
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if not file.content:
        raise bad_request("file must be non-empty")
    if kind == "Photo" and len(file.content) > MAX_BYTES_OF_PHOTO:
        raise bad_request("file is too big")
    digest = hashlib.sha256(file.content).hexdigest()[:16]
    file_id = f"{kind}-{len(world.files) + 1}-{digest}"
    world.files[file_id] = file
    return file_id, file


def _known(world: World, file_id: str, kind: str) -> tuple[str, StoredFile]:
    """A file sent before; Telegram sends it again only as what it was."""
    former = file_id.partition("-")[0]
    if former != kind:
        raise bad_request(f"can't use file of type {former} as {kind}")
    return file_id, world.files[file_id]


def _shown(file_id: str, file: StoredFile) -> JsonObject:
    unique = hashlib.sha256(file.content).hexdigest()[:16]
    return {"file_id": file_id, "file_unique_id": unique, "file_size": len(file.content)}


def picture_size(content: bytes) -> tuple[int, int]:
    """Width and height in pixels.

    Raises:
        ApiError: 400, it is neither a PNG nor a JPEG.
    """
    try:
        if content.startswith(PNG):
            width, height = struct.unpack(">II", content[16:24])
            return width, height
        if content.startswith(JPEG):
            return _jpeg_size(content)
    except (struct.error, IndexError):
        pass
    raise bad_request("IMAGE_PROCESS_FAILED")


def _jpeg_size(content: bytes) -> tuple[int, int]:
    position = len(JPEG)
    while content[position + 1] not in JPEG_SIZES:
        position += 2 + struct.unpack(">H", content[position + 2 : position + 4])[0]
    height, width = struct.unpack(">HH", content[position + 5 : position + 9])
    return width, height
