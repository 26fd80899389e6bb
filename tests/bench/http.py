"""A small HTTP server on a bare protocol: quick enough never to be what a bench measures."""

import asyncio
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

Handler = Callable[[str, bytes], bytes | Awaitable[bytes]]
"""Gives the JSON for a request's target and body, now or later."""

END_OF_HEAD = b"\r\n\r\n"
HOST = "127.0.0.1"


class Connection(asyncio.Protocol):
    """One connection that stays open; requests come one after the other."""

    def __init__(self, handler: Handler) -> None:
        self._handler = handler
        self._received = b""
        self._transport: asyncio.Transport | None = None
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep where answers are written."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Give up an answer that nobody waits for."""
        del exc
        if self._answering:
            self._answering.cancel()
        self._transport = None

    def data_received(self, data: bytes) -> None:
        """Answer once a whole request is there."""
        self._received += data
        head, found, rest = self._received.partition(END_OF_HEAD)
        length = _length(head)
        if found and len(rest) >= length:
            self._received = rest[length:]
            self._answer(head.split(b" ", 2)[1].decode(), rest[:length])

    def _answer(self, target: str, body: bytes) -> None:
        answer = self._handler(target, body)
        if isinstance(answer, bytes):
            self._write(answer)
        else:
            self._answering = asyncio.ensure_future(self._answer_later(answer))

    async def _answer_later(self, answer: Awaitable[bytes]) -> None:
        self._write(await answer)

    def _write(self, answer: bytes) -> None:
        if self._transport:
            head = (
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            )
            self._transport.write(head % len(answer) + answer)


def _length(head: bytes) -> int:
    """Give the length of the body that follows a head."""
    _, found, rest = head.lower().partition(b"\r\ncontent-length:")
    return int(rest.partition(b"\r\n")[0]) if found else 0


@asynccontextmanager
async def serve(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve on a free port of loopback; give the URL without a path."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(handler), HOST, 0, ssl=tls, backlog=2048)
    port = server.sockets[0].getsockname()[1]
    try:
        yield f"{'https' if tls else 'http'}://{HOST}:{port}"
    finally:
        server.close()


def certificate(directory: Path) -> Path:
    """Make a certificate for loopback, its key in the same file."""
    path = directory / "certificate.pem"
    subprocess.run(  # noqa: S603 - our own command
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", f"subjectAltName=IP:{HOST}", "-keyout", path, "-out", f"{path}.public"),
        ],
        check=True,
        capture_output=True,
    )
    with path.open("a") as both:
        both.write(path.with_name(f"{path.name}.public").read_text())
    return path


@asynccontextmanager
async def serving_elsewhere(answer: str, pem: Path | None = None) -> AsyncIterator[str]:
    """Serve always the same answer from a process of its own; give its URL."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.http", answer, *([str(pem)] if pem else [])),
        cwd=Path(__file__).parents[2],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin
    assert process.stdout
    try:
        yield (await process.stdout.readline()).decode().strip()
    finally:
        process.stdin.close()
        await process.wait()


async def _serve_until_input_ends(answer: bytes, pem: str | None) -> None:
    tls = None
    if pem:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(pem)
    async with serve(lambda *_: answer, tls) as url:
        sys.stdout.write(f"{url}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    given = sys.argv[2] if len(sys.argv) > 2 else None
    asyncio.run(_serve_until_input_ends(sys.argv[1].encode(), given))
