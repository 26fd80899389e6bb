"""What a client sees of the server itself: tokens, methods, ways to pass parameters, files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from bot.sandbox.serve import serve
from bot.sandbox.telegram import TelegramSandbox

if TYPE_CHECKING:
    from bot.sandbox.telegram import Exchange, JsonObject
    from tests.integration.sandbox_telegram.conftest import Api

ANN = 1
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x07\x00\x00\x00\x05\x08\x06\x00\x00\x00"
JPEG = b"\xff\xd8\xff\xe0\x00\x04AB\xff\xc0\x00\x0b\x08\x00\x05\x00\x07\x01\x01\x11\x00"


@pytest.mark.parametrize(
    ("path", "code", "words"),
    [
        ("bot100:WRONG/getMe", 401, "Unauthorized"),
        ("botx/getMe", 404, "Not Found"),
        ("bot100:TEST/getYou", 404, "Not Found"),
    ],
)
async def test_wrong_tokens_and_methods_are_refused(
    api: Api, path: str, code: int, words: str
) -> None:
    async with api.session.get(f"{api.url}/{path}") as response:
        assert response.status == code
        assert await response.json() == {"ok": False, "error_code": code, "description": words}


async def test_a_method_that_is_not_emulated_is_a_violation() -> None:
    sandbox = TelegramSandbox()
    async with serve(sandbox.application()) as url, aiohttp.ClientSession() as session:
        path = f"{url}/bot100:TEST/sendPoll"
        async with session.post(path, json={"chat_id": 1}) as response:
            assert response.status == 501
            assert "sendPoll" in (await response.json())["description"]
    assert len(sandbox.violations) == 1


async def test_what_the_check_raises_is_a_violation_and_answered_501() -> None:
    def check(exchange: Exchange) -> None:
        raise ValueError(f"no {exchange.method} here")

    sandbox = TelegramSandbox(check=check)
    async with (
        serve(sandbox.application()) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/bot100:TEST/getMe") as response,
    ):
        assert response.status == 501
        assert "no getMe here" in (await response.json())["description"]
    assert [str(one) for one in sandbox.violations] == ["no getMe here"]


FLAT = {"chat_id": "1", "text": "5", "protect_content": "true", "reply_markup": "{}"}
TYPED: JsonObject = {"chat_id": 1, "text": "5", "protect_content": True, "reply_markup": {}}


@pytest.mark.parametrize(
    "body",
    [
        {"params": FLAT},
        {"data": FLAT},
        {"data": aiohttp.FormData(FLAT, default_to_multipart=True)},
        {"json": FLAT},
        {"json": TYPED},
    ],
    ids=["url", "form", "multipart", "json of strings", "json"],
)
async def test_parameters_come_in_every_documented_way(
    api: Api, sandbox: TelegramSandbox, body: dict[str, Any]
) -> None:
    sandbox.open_private(ANN)
    async with api.session.post(f"{api.url}/bot100:TEST/SENDMESSAGE", **body) as response:
        message = (await response.json())["result"]
    assert (message["text"], message["has_protected_content"]) == ("5", True)
    assert sandbox.calls[-1].params == TYPED


async def test_bodies_that_are_no_json_are_refused(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.open_private(ANN)
    path = f"{api.url}/bot100:TEST/sendMessage"
    headers = {"Content-Type": "application/json"}
    async with api.session.post(path, data=b"{", headers=headers) as response:
        assert response.status == 400
    refusal = await api.refusal("sendMessage", chat_id=ANN, text="x", reply_markup="{")
    assert refusal == "Bad Request: can't parse reply markup JSON object"


@pytest.mark.parametrize("picture", [PNG, JPEG], ids=["png", "jpeg"])
async def test_an_uploaded_photo_shows_its_size_and_can_be_sent_again(
    api: Api, sandbox: TelegramSandbox, picture: bytes
) -> None:
    sandbox.open_private(ANN)
    form = aiohttp.FormData({"chat_id": "1", "caption": "<i>QR</i>", "parse_mode": "HTML"})
    form.add_field("photo", picture, filename="qr.png", content_type="image/png")
    async with api.session.post(f"{api.url}/bot100:TEST/sendPhoto", data=form) as response:
        message = (await response.json())["result"]
    (size,) = message["photo"]
    assert (size["width"], size["height"], message["caption"]) == (7, 5, "QR")
    again = await api.result("sendPhoto", chat_id=ANN, photo=size["file_id"])
    assert again["photo"] == [size]
    file = await api.result("getFile", file_id=size["file_id"])
    async with api.session.get(f"{api.url}/file/bot100:TEST/{file['file_path']}") as response:
        assert await response.read() == picture


async def test_an_attached_document_keeps_its_name(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.open_private(ANN)
    form = aiohttp.FormData({"chat_id": "1", "document": "attach://report"})
    form.add_field("report", b"a,b\n", filename="report.csv", content_type="text/csv")
    async with api.session.post(f"{api.url}/bot100:TEST/sendDocument", data=form) as response:
        document = (await response.json())["result"]["document"]
    assert (document["file_name"], document["mime_type"]) == ("report.csv", "text/csv")
    assert document["file_size"] == 4
    assert sandbox.calls[-1].files["report"].content == b"a,b\n"


async def test_what_is_no_picture_is_refused(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.open_private(ANN)
    form = aiohttp.FormData({"chat_id": "1"})
    form.add_field("photo", b"GIF89a", filename="x.gif", content_type="image/gif")
    async with api.session.post(f"{api.url}/bot100:TEST/sendPhoto", data=form) as response:
        assert (await response.json())["description"] == "Bad Request: IMAGE_PROCESS_FAILED"
    assert await api.refusal("sendPhoto", chat_id=ANN, photo="nowhere") == (
        "Bad Request: wrong file identifier/HTTP URL specified"
    )


async def test_every_method_on_the_list_of_emulated_ones_is_there() -> None:
    from bot.sandbox.telegram.calls import KINDS
    from bot.sandbox.telegram.methods import METHODS

    assert set(METHODS) == set(KINDS)


async def test_text_that_is_no_unicode_is_refused(api: Api) -> None:
    refusal = await api.refusal("sendMessage", chat_id=ANN, text="\ud800")
    assert refusal == "Bad Request: strings must be encoded in UTF-8"


@pytest.mark.parametrize(
    ("method", "params", "status"),
    [
        ("sendMessage", {"chat_id": ANN, "text": "*x*", "parse_mode": "MarkdownV2"}, 501),
        ("setMessageReaction", {"chat_id": ANN, "message_id": 1, "reaction": [5]}, 500),
    ],
)
async def test_what_the_sandbox_cannot_do_is_a_violation(
    method: str, params: dict[str, object], status: int
) -> None:
    sandbox = TelegramSandbox()
    sandbox.add_user(ANN, "Ann")
    sandbox.say(ANN, ANN, "/start")
    async with (
        serve(sandbox.application()) as url,
        aiohttp.ClientSession() as session,
        session.post(f"{url}/bot100:TEST/{method}", json=params) as response,
    ):
        assert response.status == status
    assert len(sandbox.violations) == 1
