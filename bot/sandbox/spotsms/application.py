"""The HTTP face of the sandbox: the six actions of spotsms-api.txt, and faults among them."""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from weakref import WeakKeyDictionary

from aiohttp import web

from bot.sandbox.spotsms.control import build_control
from bot.sandbox.spotsms.exchange import Body
from bot.sandbox.spotsms.faults import Fault
from bot.sandbox.spotsms.misbehaviour import ANSWERS, SERVER_ERROR, misbehave, twisted
from bot.sandbox.spotsms.sandbox import Call, SpotSmsSandbox

_BEAT_SECONDS = 0.05
_HTTP_ERRORS = range(400, 600)


def build_application(sandbox: SpotSmsSandbox) -> web.Application:
    """Gives the application that answers for this sandbox."""
    application = web.Application()
    application.router.add_get(sandbox.url_path, _Api(sandbox).answer, allow_head=False)
    application.add_subapp("/sandbox", build_control(sandbox))
    application.cleanup_ctx.append(lambda _: _beat(sandbox))
    return application


async def _beat(sandbox: SpotSmsSandbox) -> AsyncIterator[None]:
    """Lets scheduled things happen while nobody asks."""

    async def advance() -> None:
        while True:
            await asyncio.sleep(_BEAT_SECONDS)
            sandbox.advance()

    task = asyncio.create_task(advance())
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


class _Api:
    def __init__(self, sandbox: SpotSmsSandbox) -> None:
        self._sandbox = sandbox
        self._connections: WeakKeyDictionary[asyncio.Transport, int] = WeakKeyDictionary()
        self._numbering = itertools.count(1)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        sandbox = self._sandbox
        sandbox.advance()
        params = dict(request.query)
        key = params.pop("apikey", "")
        call = sandbox.record(params, self._connection(request))
        fault = sandbox.faults.take(call.action) if sandbox.faults.active else None
        if fault is None:
            return self._respond(call, sandbox.perform(key, params))
        call.fault = fault.kind
        return await self._fail(request, fault, call, key)

    async def _fail(
        self, request: web.Request, fault: Fault, call: Call, key: str
    ) -> web.StreamResponse:
        """Answers as the fault has it. The effect, if there is one, comes before all else."""
        known = self._sandbox.newest_with_rs_id()
        body = self._sandbox.perform(key, call.params) if fault.after_effect else None
        if fault.kind not in ANSWERS:
            return await misbehave(request, fault, body or SERVER_ERROR)
        await asyncio.sleep(fault.seconds)
        if fault.kind == "delay":
            return self._respond(call, body or self._sandbox.perform(key, call.params))
        return self._respond(call, twisted(fault, body, known))

    def _respond(self, call: Call, body: Body) -> web.Response:
        call.code = body["code"]
        self._sandbox.changes.mark()
        mirrored = self._sandbox.mirror_status and call.code in _HTTP_ERRORS
        return web.json_response(body, status=call.code if mirrored else 200)

    def _connection(self, request: web.Request) -> int:
        """Gives the same number for every request over one connection."""
        if request.transport is None:
            return 0
        if request.transport not in self._connections:
            self._connections[request.transport] = next(self._numbering)
        return self._connections[request.transport]
