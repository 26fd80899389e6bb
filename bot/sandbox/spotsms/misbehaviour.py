"""How each kind of fault looks on the wire."""

import asyncio
import json
import socket
import struct
from collections.abc import Callable

from aiohttp import web

from bot.sandbox.spotsms.exchange import Body, Purchase
from bot.sandbox.spotsms.faults import Fault

ANSWERS = {"delay", "code", "no_number", "known_rsid"}
"""The kinds that end in a well-formed answer."""

SERVER_ERROR: Body = {"code": 500, "msg": "Server error"}
_WORDS = {
    401: "Invalid or missing API key",
    402: "Insufficient balance",
    403: "No balance",
    404: "Resource not found",
    409: "Too frequent",
    500: "Server error",
    906: "No numbers",
    908: "No SMS yet",
}
_HTML = "<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
_GARBAGE = b"\xff\xfe\x00\x80\xc3\x28" + bytes(range(256))
_HUGE = "A" * (1 << 20) + "\n"
_RST_ON_CLOSE = struct.pack("ii", 1, 0)


def twisted(fault: Fault, body: Body | None, known: Purchase | None) -> Body:
    """Gives the whole but wrong answer of a fault; the body is the right one, if it was done.

    ``known_rsid`` without effect repeats the answer of the known purchase, with effect only its
    rsId; before there is any purchase it is a server error.
    """
    if fault.kind == "code":
        return {"code": fault.code, "msg": fault.msg or _WORDS.get(fault.code or 0, "Error")}
    if fault.kind == "no_number":
        return {"code": 200}
    if known is None:
        return SERVER_ERROR
    return (body or {"code": 200, "data": known.number, "pidUsed": known.pid}) | {
        "rsId": known.rs_id
    }


async def misbehave(request: web.Request, fault: Fault, body: Body) -> web.StreamResponse:
    """Sends something else than the body, or a part of it, or nothing."""
    if fault.kind == "stall":
        await _stay_silent(fault.seconds)
        return _hang_up(request)
    await asyncio.sleep(fault.seconds)
    if fault.kind == "reset":
        return _reset(request)
    if fault.kind in ("drop", "cut", "cut_headers"):
        return _hang_up(request, _beginning(fault, body))
    return _strange_answer(request, fault, body)


async def _stay_silent(seconds: float) -> None:
    if seconds:
        await asyncio.sleep(seconds)
    else:
        await asyncio.Event().wait()


def _reset(request: web.Request) -> web.Response:
    if request.transport is not None:
        connection: socket.socket = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
        request.transport.abort()
    return web.Response()


def _hang_up(request: web.Request, beginning: bytes = b"") -> web.Response:
    """Sends the beginning of an answer, then FIN; the response it gives is never written."""
    if request.transport is not None:
        if beginning:
            request.transport.write(beginning)
        request.transport.close()
    return web.Response()


def _beginning(fault: Fault, body: Body) -> bytes:
    if fault.kind == "drop":
        return b""
    payload = json.dumps(body).encode()
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(payload)}\r\n\r\n"
    ).encode()
    if fault.kind == "cut_headers":
        return head[: len(head) // 2]
    return head + payload[: len(payload) // 2]


def _strange_answer(request: web.Request, fault: Fault, body: Body) -> web.Response:
    if fault.kind == "half_json":
        whole = json.dumps(body)
        return web.Response(text=whole[: len(whole) // 2], content_type="application/json")
    if fault.kind == "redirect":
        return web.Response(status=302, headers={"Location": request.path_qs})
    return _PAYLOADS[fault.kind]()


_PAYLOADS: dict[str, Callable[[], web.Response]] = {
    "empty": web.Response,
    "html": lambda: web.Response(text=_HTML, content_type="text/html"),
    "http500": lambda: web.Response(status=500, text="Internal Server Error"),
    "garbage": lambda: web.Response(body=_GARBAGE, content_type="application/json"),
    "huge": lambda: web.Response(text=_HUGE),
}
