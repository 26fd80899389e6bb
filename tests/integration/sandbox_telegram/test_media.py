"""Photos and documents: limits, captions, being sent again, and being exchanged in place."""

from __future__ import annotations

import io
import json
import struct
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

if TYPE_CHECKING:
    from bot.sandbox.telegram import JsonObject, TelegramSandbox
    from tests.integration.sandbox_telegram.conftest import Api

ANN = 1
KEYS = {"inline_keyboard": [[{"text": "7 days", "callback_data": "stats:7"}]]}


def _picture(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + struct.pack(">II", width, height) + bytes(5)


async def _upload(api: Api, method: str, files: dict[str, bytes], **params: object) -> JsonObject:
    form = aiohttp.FormData({name: json.dumps(value) for name, value in params.items()})
    for name, content in files.items():
        form.add_field(name, io.BytesIO(content), filename=f"{name}.bin")
    async with api.session.post(f"{api.url}/bot100:TEST/{method}", data=form) as response:
        answer: JsonObject = await response.json()
        return answer


async def _photo(api: Api, chat_id: int, width: int, height: int, **params: object) -> JsonObject:
    files = {"photo": _picture(width, height)}
    answer = await _upload(api, "sendPhoto", files, chat_id=chat_id, **params)
    message: JsonObject = answer["result"]
    return message


async def test_a_photo_stands_in_its_topic_with_caption_and_keyboard(
    api: Api, sandbox: TelegramSandbox, forum: int
) -> None:
    topic = sandbox.add_topic(forum, "Orders")
    said = sandbox.say(ANN, forum, "/stats", thread_id=topic)
    reply = {"message_id": said["message_id"]}
    sent = await _photo(
        api, forum, 8, 6, message_thread_id=topic, reply_parameters=reply, reply_markup=KEYS
    )
    assert (sent["message_thread_id"], sent["reply_markup"]) == (topic, KEYS)
    assert sent["reply_to_message"]["text"] == "/stats"


@pytest.mark.parametrize(
    ("width", "height", "words"),
    [
        (9_000, 1_001, "PHOTO_INVALID_DIMENSIONS"),
        (2_100, 100, "PHOTO_INVALID_DIMENSIONS"),
        (2_000, 100, None),
    ],
)
async def test_a_photo_has_limits_of_size(
    api: Api, sandbox: TelegramSandbox, width: int, height: int, words: str | None
) -> None:
    sandbox.open_private(ANN)
    answer = await _upload(api, "sendPhoto", {"photo": _picture(width, height)}, chat_id=ANN)
    assert answer.get("description") == (words and f"Bad Request: {words}")


async def test_a_photo_of_more_than_ten_megabytes_is_refused(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sandbox.open_private(ANN)
    content = _picture(8, 6) + bytes(10 * 1024 * 1024)
    refused = await _upload(api, "sendPhoto", {"photo": content}, chat_id=ANN)
    assert refused["description"] == "Bad Request: file is too big"
    document = await _upload(api, "sendDocument", {"document": content}, chat_id=ANN)
    assert document["result"]["document"]["file_size"] == len(content)


async def test_a_caption_holds_1024_characters(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.open_private(ANN)
    files = {"document": b"a,b\n"}
    sent = await _upload(api, "sendDocument", files, chat_id=ANN, caption="x" * 1022)
    assert len(sent["result"]["caption"]) == 1024  # with the quotes of its JSON
    refused = await _upload(api, "sendDocument", files, chat_id=ANN, caption="x" * 1023)
    assert refused["description"] == "Bad Request: message caption is too long"


async def test_a_file_is_sent_again_only_as_what_it_was(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.open_private(ANN)
    sent = await _photo(api, ANN, 8, 6)
    file_id = sent["photo"][0]["file_id"]
    assert (await api.result("sendPhoto", chat_id=ANN, photo=file_id))["photo"] == sent["photo"]
    assert await api.refusal("sendDocument", chat_id=ANN, document=file_id) == (
        "Bad Request: can't use file of type Photo as Document"
    )


async def _edit_media(
    api: Api, message: JsonObject, media: JsonObject, *files: tuple[str, bytes], **more: object
) -> Any:  # noqa: ANN401 - a JSON answer
    place = {"chat_id": message["chat"]["id"], "message_id": message["message_id"]}
    return await _upload(api, "editMessageMedia", dict(files), **place, media=media, **more)


async def test_a_picture_is_exchanged_in_place(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.open_private(ANN)
    sent = await _photo(api, ANN, 8, 6, reply_markup=KEYS)
    media = {"type": "photo", "media": "attach://new", "caption": "<b>30d</b>"}
    answer = await _edit_media(
        api, sent, media | {"parse_mode": "HTML"}, ("new", _picture(9, 7)), reply_markup=KEYS
    )
    edited = answer["result"]
    assert (edited["message_id"], edited["photo"][0]["width"]) == (sent["message_id"], 9)
    assert (edited["caption"], edited["caption_entities"][0]["type"]) == ("30d", "bold")
    assert edited["reply_markup"] == KEYS
    same = {"type": "photo", "media": edited["photo"][0]["file_id"], "caption": "<b>30d</b>"}
    again = await _edit_media(api, sent, same | {"parse_mode": "HTML"}, reply_markup=KEYS)
    assert "message is not modified" in again["description"]
    bare = (await _edit_media(api, sent, {"type": "photo", "media": same["media"]}))["result"]
    assert "caption" not in bare
    assert "reply_markup" not in bare


async def test_a_text_becomes_a_picture_and_a_picture_a_document(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sandbox.open_private(ANN)
    sent = await api.result("sendMessage", chat_id=ANN, text="Drawing…")
    media = {"type": "photo", "media": "attach://new", "show_caption_above_media": True}
    shown = await _edit_media(api, sent, media | {"caption": "Done"}, ("new", _picture(9, 7)))
    assert "text" not in shown["result"]
    assert shown["result"]["show_caption_above_media"] is True
    file = {"type": "document", "media": "attach://new"}
    report = (await _edit_media(api, sent, file, ("new", b"a,b\n")))["result"]
    assert "photo" not in report
    assert report["document"]["file_size"] == 4
    stored = sandbox.chat(ANN).by_id[sent["message_id"]]
    assert stored["document"]["file_name"] == "new.bin"


async def test_media_that_is_not_there_is_refused(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.open_private(ANN)
    sent = await _photo(api, ANN, 8, 6)
    for reference in ("attach://new", "nonsense"):
        answer = await _edit_media(api, sent, {"type": "photo", "media": reference})
        assert answer["description"] == "Bad Request: wrong file identifier/HTTP URL specified"
    said = sandbox.say(ANN, ANN, "mine")
    foreign = await _edit_media(
        api, said, {"type": "photo", "media": "attach://new"}, ("new", _picture(8, 6))
    )
    assert foreign["description"] == "Bad Request: message can't be edited"
