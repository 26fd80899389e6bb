"""A load balancer as small as can be: each request goes to the next replica that takes it."""

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp import web

from bot.sandbox.serve import serve

SECONDS = 10.0


class Balancer:
    """Passes requests on to addresses (`host:port`) in turn; `url` is where it listens.

    Attributes:
        passed: how many requests each address has answered with 200.
    """

    def __init__(self, addresses: list[str]) -> None:
        self.url = ""
        self.passed: Counter[str] = Counter()
        self._addresses = addresses
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        application = web.Application()
        application.router.add_post("/{path:.*}", self._pass_on)
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        async with (
            aiohttp.ClientSession(timeout=timeout) as self._session,
            serve(application) as self.url,
        ):
            yield

    async def _pass_on(self, request: web.Request) -> web.Response:
        """Try each replica once, but only while none can have taken it; else it comes again."""
        body = await request.read()
        assert self._session
        for _ in self._addresses:
            self._addresses.append(address := self._addresses.pop(0))
            url = f"http://{address}{request.path}"
            try:
                async with self._session.post(url, data=body, headers=request.headers) as answer:
                    self.passed[address] += answer.ok
                    return web.Response(status=answer.status)
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, TimeoutError):
                break
        return web.Response(status=502)
