"""Methods that send files. A file is kept for as long as the sandbox runs."""

import hashlib
import struct

from bot.sandbox.telegram.acts import Acts
from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.errors import JsonObject, bad_request
from bot.sandbox.telegram.methods.messages import send
from bot.sandbox.telegram.methods.places import chat_of
from bot.sandbox.telegram.methods.registry import method
from bot.sandbox.telegram.methods.texts import caption_of
from bot.sandbox.telegram.world import StoredFile, World

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"
JPEG_SIZES = frozenset({0xC0, 0xC1, 0xC2, 0xC3})


@method
def send_photo(world: Acts, call: Call) -> JsonObject:
    """Bot API sendPhoto, of a PNG or a JPEG."""
    chat = chat_of(world, call)
    file_id, file = _file(world, call, "photo")
    width, height = picture_size(file.content)
    photo = _shown(file_id, file) | {"width": width, "height": height}
    return send(world, chat, call, {"photo": [photo]} | caption_of(call))


@method
def send_document(world: Acts, call: Call) -> JsonObject:
    """Bot API sendDocument."""
    chat = chat_of(world, call)
    file_id, file = _file(world, call, "document")
    about = {"file_name": file.name, "mime_type": file.content_type}
    document = _shown(file_id, file) | about
    return send(world, chat, call, {"document": document} | caption_of(call))


@method
def get_file(world: Acts, call: Call) -> JsonObject:
    """Bot API getFile; the content is under ``/file/bot<token>/<file_path>``."""
    file_id = call.text("file_id")
    if file_id not in world.files:
        raise bad_request("invalid file_id")
    return _shown(file_id, world.files[file_id]) | {"file_path": file_id}


def _file(world: World, call: Call, name: str) -> tuple[str, StoredFile]:
    """The file that was uploaded under ``name`` or attached, or that an id names."""
    reference = call.text(name)
    file = call.files.get(reference.removeprefix("attach://") or name)
    if file is None and reference in world.files:
        return reference, world.files[reference]
    if file is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if not file.content:
        raise bad_request("file must be non-empty")
    file_id = f"file{len(world.files) + 1}-{hashlib.sha256(file.content).hexdigest()[:16]}"
    world.files[file_id] = file
    return file_id, file


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
