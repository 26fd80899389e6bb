"""Serves an aiohttp application on 127.0.0.1 for the length of a block."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

_HOST = "127.0.0.1"
_SHUTDOWN_SECONDS = 0.05


@asynccontextmanager
async def serve(application: web.Application, port: int = 0) -> AsyncIterator[str]:
    """Gives the base URL, such as ``http://127.0.0.1:41234``; port 0 takes a free one.

    Leaving the block closes every connection and cancels handlers that still run.

    Raises:
        OSError: the port is taken.
    """
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, _HOST, port).start()
        bound_port: int = runner.addresses[0][1]
        yield f"http://{_HOST}:{bound_port}"
    finally:
        await runner.cleanup()
