"""Serves an ASGI application inside the running event loop."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Generator

import uvicorn
from starlette.applications import Starlette

from bot.settings import parse_listen

GRACE_SECONDS = 1


class StartError(Exception):
    """The process cannot start; the text is one line that names the setting."""


class _Server(uvicorn.Server):
    """Leaves signals to the process."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Capture none."""
        yield


@contextlib.asynccontextmanager
async def serve(application: Starlette, listen: str, setting: str) -> AsyncIterator[str]:
    """Serve at `listen` (host:port, port 0 takes a free one); give the address it listens on.

    Requests that run when the block ends get a second to finish.

    Raises:
        StartError: nobody can listen there; it names `setting`.
    """
    with _listener(listen, setting) as listener:
        host, port = listener.getsockname()[:2]
        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
        server = _Server(config)
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"{host}:{port}"
        finally:
            server.should_exit = True
            await task


def _listener(listen: str, setting: str) -> socket.socket:
    host, port = parse_listen(listen)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = str(error.strerror).partition(" (")[0]
        raise StartError(f"{setting}: cannot listen on {listen} ({reason})") from None
