"""A server that speaks to each request in whatever bytes a test likes, and what may go wrong."""

import asyncio
import contextlib
import gzip
import re
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

PATIENCE = 5.0  # seconds; what takes longer fails the test
SOON = 0.1  # seconds; when a silent server has been waited for
SOLD = b'{"code":200,"data":"+12025550123","rsId":"act-1","pidUsed":"0003","balance":"9.50"}'

_LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class RawServer:
    """Answers every request as `answer` does, and counts what it was asked."""

    def __init__(self) -> None:
        self.connections = 0
        self.targets: list[str] = []
        self.bodies: list[bytes] = []
        self.asked = asyncio.Event()
        self.stop = asyncio.Event()
        self.handlers: set[asyncio.Task[None]] = set()
        self.answer: Answer = ok
        self.url = ""

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.handlers.add(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while not writer.is_closing():
                head = await reader.readuntil(b"\r\n\r\n")
                self.targets.append(head.split()[1].decode())
                self.bodies.append(await reader.readexactly(_length(head)))
                self.asked.set()
                await self.answer(self, writer)
                await writer.drain()
        writer.close()

    async def all_left(self) -> None:
        """Wait until every connection is closed, which is up to the client."""
        self.stop.set()
        async with asyncio.timeout(PATIENCE):
            await asyncio.gather(*self.handlers)


@asynccontextmanager
async def raw_server() -> AsyncIterator[RawServer]:
    """Give a server on loopback; its client must hang up before the end."""
    raw = RawServer()
    listener = await asyncio.start_server(raw.accept, "127.0.0.1", 0)
    raw.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield raw
        await raw.all_left()


def _length(head: bytes) -> int:
    found = _LENGTH.search(head)
    return int(found[1]) if found else 0


Answer = Callable[[RawServer, asyncio.StreamWriter], Awaitable[None]]


def says(*chunks: bytes, close: bool = True) -> Answer:
    async def answer(_: RawServer, writer: asyncio.StreamWriter) -> None:
        writer.write(b"".join(chunks))
        if close:
            writer.close()

    return answer


def replies(body: bytes, status: str = "200 OK", *headers: str, close: bool = False) -> Answer:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return says("\r\n".join(lines).encode(), body, close=close)


async def ok(server: RawServer, writer: asyncio.StreamWriter) -> None:
    """Sell a number, whose digits any other call can take for its own answer."""
    await replies(SOLD)(server, writer)


async def reset(_: RawServer, writer: asyncio.StreamWriter) -> None:
    connection: socket.socket = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


async def stall(server: RawServer, _: asyncio.StreamWriter) -> None:
    await server.stop.wait()


async def stall_in_the_body(server: RawServer, writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"code":200,')
    await server.stop.wait()


async def drip(server: RawServer, writer: asyncio.StreamWriter) -> None:
    """Send a byte now and then, so that no single read takes long."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n")
    while not server.stop.is_set():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(SOON / 20)


async def endless(server: RawServer, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not server.stop.is_set():
        writer.write(b"10000\r\n" + b"A" * 0x10000 + b"\r\n")
        await writer.drain()


FAULTS: dict[str, Answer] = {
    "fin": says(),
    "reset": reset,
    "stall": stall,
    "stall in the body": stall_in_the_body,
    "drip": drip,
    "endless": endless,
    "cut headers": says(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "short body": says(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"code":200,'),
    "cut without a length": says(b'HTTP/1.1 200 OK\r\n\r\n{"code":200,"data":"+1202'),
    "no http": says(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "binary": says(bytes(range(256)) * 8),
    "bad status": says(b"HTTP/1.1 abc OK\r\n\r\n{}"),
    "bad length": says(b"HTTP/1.1 200 OK\r\nContent-Length: abc\r\n\r\n{}"),
    "bad chunk": says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n{}\r\n"),
    "bad header": says(b"HTTP/1.1 200 OK\r\nno colon\x00\r\n\r\n{}"),
    "long header": says(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 200_000 + b"\r\n\r\n{}"),
    "no gzip": replies(b"not packed", "200 OK", "Content-Encoding: gzip"),
    "bomb": replies(gzip.compress(bytes(20_000_000)), "200 OK", "Content-Encoding: gzip"),
    "bad charset": replies(b"\xff\xfe", "200 OK", "Content-Type: text/html; charset=nonsense"),
    "html": replies(b"<html>busy</html>", "200 OK", "Content-Type: text/html"),
    "html 502": replies(b"<html>502</html>", "502 Bad Gateway"),
    "html 404": replies(b"<html>404</html>", "404 Not Found"),
    "json 503": replies(b'{"message":"no upstream"}', "503 Service Unavailable"),
    "code 500": replies(b'{"code":500,"msg":"Server error"}'),
    "empty": replies(b""),
    "no content": says(b"HTTP/1.1 204 No Content\r\n\r\n"),
    "null": replies(b"null"),
    "list": replies(b"[]"),
    "nested": replies(b"[" * 500_000),
    "8 MB": replies(SOLD + b" " * 8_000_000),
    "redirect": replies(b"", "302 Found", "Location: /again"),
    "json redirect": replies(b'{"data":"+12025550123"}', "307 Temporary Redirect", "Location: /"),
}
