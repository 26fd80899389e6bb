"""The Bot API over HTTP."""

import asyncio
import re
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from aiohttp import web

from bot.sandbox.telegram.acts import Acts
from bot.sandbox.telegram.calls import NAMES, OTHER_METHODS, Call, read_call
from bot.sandbox.telegram.errors import ApiError, JsonObject, too_many_requests
from bot.sandbox.telegram.exchange import Check, Exchange
from bot.sandbox.telegram.faults import FaultBox, TelegramFault
from bot.sandbox.telegram.limits import Limits
from bot.sandbox.telegram.methods import run

MAX_BYTES = 50 * 1024 * 1024
GATEWAY_PAGE = (
    "<html><head><title>502 Bad Gateway</title></head>"
    "<body><center><h1>502 Bad Gateway</h1></center><hr><center>nginx</center></body></html>"
)


@dataclass
class BotApi:
    """Answers the bot's calls and keeps a record of them.

    ``limits`` is None where Telegram's are not enforced. ``violations`` are what ``check``
    raised, calls that are not emulated, and calls that broke the sandbox.
    """

    world: Acts
    token: str
    check: Check | None
    limits: Limits | None
    faults: FaultBox = field(default_factory=FaultBox)
    exchanges: list[Exchange] = field(default_factory=list)
    violations: list[Exception] = field(default_factory=list)

    def add_to(self, application: web.Application) -> None:
        """Add the routes, and the end of the webhook's delivery."""
        application.router.add_route("*", "/bot{token}/{method}", self.handle)
        application.router.add_get("/file/bot{token}/{file_id}", self.download)
        application.on_shutdown.append(self._stop)

    def inject(self, fault: TelegramFault) -> None:
        """Let calls go wrong from now on."""
        self.faults.faults.append(fault)
        self.world.hub.tell({"type": "world"})

    def clear_faults(self) -> None:
        """Forget all faults."""
        self.faults.faults.clear()
        self.world.hub.tell({"type": "world"})

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one call over HTTP."""
        try:
            self._authorise(request)
            call = await read_call(self._method(request), request)
        except ApiError as error:
            return web.json_response(error.answer(), status=error.code)
        fault = self._take_fault(call)
        if fault is not None and fault.kind in {"drop", "stall", "html"}:
            self._record(call, None)
            return await self._without_answer(request, fault)
        answer = await self._answer(call, fault)
        if fault is not None and fault.kind == "drop_after":
            self._record(call, None)
            return _hang_up(request)
        return self._checked(self._record(call, answer))

    async def download(self, request: web.Request) -> web.Response:
        """A file that the bot sent (Bot API, "getFile")."""
        file = self.world.files.get(request.match_info["file_id"])
        if request.match_info["token"] != self.token or file is None:
            raise web.HTTPNotFound
        return web.Response(body=file.content, content_type=file.content_type)

    def _authorise(self, request: web.Request) -> None:
        token = request.match_info["token"]
        if not re.fullmatch(r"\d+:[\w-]+", token):
            raise ApiError(404, "Not Found")
        if token != self.token:
            raise ApiError(401, "Unauthorized")

    def _method(self, request: web.Request) -> str:
        name = NAMES.get(request.match_info["method"].lower())
        if name is None:
            raise ApiError(404, "Not Found")
        if name in OTHER_METHODS:
            raise self._not_emulated(f"the sandbox does not emulate {name}")
        return name

    def _take_fault(self, call: Call) -> TelegramFault | None:
        fault = self.faults.take(call)
        if fault is not None:
            self.world.hub.tell({"type": "world"})
        return fault

    async def _answer(self, call: Call, fault: TelegramFault | None) -> JsonObject:
        try:
            await self._meet(fault)
            self._keep_limits(call)
            return {"ok": True, "result": await run(self.world, call)}
        except ApiError as error:
            return error.answer()
        except NotImplementedError as error:
            return self._not_emulated(str(error)).answer()
        except Exception as error:  # noqa: BLE001 - a call that breaks the sandbox is a finding
            self.violations.append(error)
            return ApiError(500, f"Internal Server Error: {error!r}").answer()

    def _not_emulated(self, what: str) -> ApiError:
        error = ApiError(501, f"Not Implemented: {what}")
        self.violations.append(error)
        return error

    async def _meet(self, fault: TelegramFault | None) -> None:
        """Let a fault act that comes before the call is done."""
        if fault is None:
            return
        if fault.kind == "delay":
            await asyncio.sleep(fault.seconds)
        if fault.kind == "429":
            raise too_many_requests(fault.retry_after)
        if fault.kind == "5xx":
            raise ApiError(fault.status, HTTPStatus(fault.status).phrase)

    def _keep_limits(self, call: Call) -> None:
        if self.limits is not None and (seconds := self.limits.wait_for(call)):
            raise too_many_requests(seconds)

    async def _without_answer(
        self, request: web.Request, fault: TelegramFault
    ) -> web.StreamResponse:
        if fault.kind == "html":
            return web.Response(text=GATEWAY_PAGE, content_type="text/html", status=fault.status)
        if fault.kind == "stall":
            await asyncio.sleep(fault.seconds or float("inf"))
        return _hang_up(request)

    def _record(self, call: Call, answer: JsonObject | None) -> Exchange:
        status = 0 if answer is None else int(answer.get("error_code", 200))
        number = len(self.exchanges) + 1
        exchange = Exchange(number, call.method, call.params, call.files, answer, status)
        self.exchanges.append(exchange)
        self.world.hub.tell({"type": "call", "call": exchange.shown()})
        return exchange

    def _checked(self, exchange: Exchange) -> web.Response:
        try:
            if self.check is not None:
                self.check(self._without_raw_updates(exchange))
        except Exception as violation:  # noqa: BLE001 - whatever the check raises is its verdict
            self.violations.append(violation)
            exchange.answer = ApiError(501, f"Not Implemented: {violation}").answer()
            exchange.status = 501
        return web.json_response(exchange.answer, status=exchange.status)

    def _without_raw_updates(self, exchange: Exchange) -> Exchange:
        if exchange.method != "getUpdates" or not exchange.ok or exchange.answer is None:
            return exchange
        raw = self.world.updates.raw
        own = [one for one in exchange.answer["result"] if one["update_id"] not in raw]
        return replace(exchange, answer=exchange.answer | {"result": own})

    async def _stop(self, _application: web.Application) -> None:
        await self.world.webhook.close()
        self.world.updates.interrupt("Conflict: the sandbox stops")


def _hang_up(request: web.Request) -> web.Response:
    """Close the connection without a byte of answer."""
    if request.transport is not None:
        request.transport.close()
    return web.Response()
