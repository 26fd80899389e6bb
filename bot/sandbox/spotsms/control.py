"""The sandbox's powers over HTTP, for the page: everything under ``/sandbox/``.

=========  =============  =====================================================================
GET        ``state``      money, the newest purchases, waiting faults, settings
GET        ``catalogue``  services with offers, countries; with ``?pid=`` also that pid's stock
POST       ``sms``        ``{number | rs_id, text?}``: an SMS arrives; gives its text
POST       ``expire``     ``{number | rs_id}``: its life ends now
POST       ``refund``     ``{number | rs_id}``: the money comes back unasked
POST       ``balance``    ``{balance}``
POST       ``stock``      ``{pid, country, count}``
POST       ``price``      ``{pid, price}``
POST       ``fault``      the fields of :class:`Fault`
DELETE     ``fault``      forgets all waiting faults
POST       ``settings``   any of the fields of ``state``'s settings, and ``keys``
GET        ``events``     a websocket: ``{type: "call", call}``, ``{type: "state", state}``
=========  =============  =====================================================================

What cannot be done answers 400 or 404 with ``{error}``. Pages of other sites are refused.
"""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from bot.sandbox.control import explain, own_pages_only, read
from bot.sandbox.spotsms.faults import Fault
from bot.sandbox.spotsms.sandbox import Call, SpotSmsSandbox
from bot.sandbox.spotsms.views import describe_call, describe_state

_CALLS_SENT = 100
_COALESCE_SECONDS = 0.1
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}

Money = Annotated[Decimal, Field(ge=0, allow_inf_nan=False)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Model = TypeVar("Model")


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Number(_Body):
    number: str | None = None
    rs_id: str | None = None
    text: str | None = None


class _Balance(_Body):
    balance: Money


class _Stock(_Body):
    pid: str
    country: str
    count: Annotated[int, Field(ge=0)]


class _Price(_Body):
    pid: str
    price: Money


class _Settings(_Body):
    cancel_min_age: Seconds = 0
    cancel_limit: Seconds = 0
    sms_after: tuple[Seconds, Seconds] | None = None
    min_poll_gap: Seconds = 0
    number_ttl: Seconds = 0
    refund_on_expiry: bool = False
    balance_places: Annotated[int, Field(ge=0, le=6)] = 2
    mirror_status: bool = False
    keys: set[str] = set()


def build_control(sandbox: SpotSmsSandbox) -> web.Application:
    """Gives the application to be mounted under ``/sandbox``."""
    control = _Control(sandbox)
    application = web.Application(middlewares=[own_pages_only, explain])
    application.add_routes(
        [
            web.get("/state", control.state),
            web.get("/catalogue", control.catalogue),
            web.post("/sms", control.sms),
            web.post("/expire", control.expire),
            web.post("/refund", control.refund),
            web.post("/balance", control.balance),
            web.post("/stock", control.stock),
            web.post("/price", control.price),
            web.post("/fault", control.fault),
            web.delete("/fault", control.clear_faults),
            web.post("/settings", control.settings),
            web.get("/events", control.events),
        ]
    )
    return application


Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class _Control:
    def __init__(self, sandbox: SpotSmsSandbox) -> None:
        self._sandbox = sandbox

    async def state(self, _: web.Request) -> web.Response:
        return web.json_response(describe_state(self._sandbox))

    async def catalogue(self, request: web.Request) -> web.Response:
        catalogue = self._sandbox.catalogue
        answer: dict[str, Any] = {
            "services": [
                asdict(service) | {"price": service.price}
                for service in catalogue.services.values()
            ],
            "countries": [asdict(country) for country in catalogue.countries.values()],
        }
        if pid := request.query.get("pid"):
            answer["stock"] = catalogue.stock(pid)
        return web.json_response(answer, dumps=_dumps)

    async def sms(self, request: web.Request) -> web.Response:
        body = await read(request, _Number)
        return web.json_response({"text": self._sandbox.send_sms(_name(body), body.text)})

    async def expire(self, request: web.Request) -> web.Response:
        self._sandbox.expire(_name(await read(request, _Number)))
        return _done()

    async def refund(self, request: web.Request) -> web.Response:
        self._sandbox.refund(_name(await read(request, _Number)))
        return _done()

    async def balance(self, request: web.Request) -> web.Response:
        self._sandbox.set_balance(str((await read(request, _Balance)).balance))
        return _done()

    async def stock(self, request: web.Request) -> web.Response:
        body = await read(request, _Stock)
        self._sandbox.set_stock(body.pid, body.country, body.count)
        return _done()

    async def price(self, request: web.Request) -> web.Response:
        body = await read(request, _Price)
        self._sandbox.set_price(body.pid, str(body.price))
        return _done()

    async def fault(self, request: web.Request) -> web.Response:
        self._sandbox.inject(await read(request, Fault))
        return _done()

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._sandbox.clear_faults()
        return _done()

    async def settings(self, request: web.Request) -> web.Response:
        body = await read(request, _Settings)
        for name in body.model_fields_set:
            setattr(self._sandbox, name, getattr(body, name))
        self._sandbox.changes.mark()
        return _done()

    async def events(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        pump = asyncio.create_task(self._tell(socket))
        try:
            async for _ in socket:
                pass
        finally:
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        return socket

    async def _tell(self, socket: web.WebSocketResponse) -> None:
        """Sends the state and the calls since, after every change, many changes at once.

        A call that was sent before its answer is sent again with it.
        """
        sandbox = self._sandbox
        seen = sandbox.calls[-1].n if sandbox.calls else 0
        unanswered: list[Call] = []
        while True:
            version = sandbox.changes.version
            news = [call for call in unanswered if call.code is not None]
            news += sandbox.calls_after(seen)[-_CALLS_SENT:]
            seen = news[-1].n if news and news[-1].n > seen else seen
            unanswered = [call for call in unanswered + news if call.code is None][-_CALLS_SENT:]
            for call in news:
                await socket.send_json({"type": "call", "call": describe_call(call)})
            await socket.send_json({"type": "state", "state": describe_state(sandbox)})
            await sandbox.changes.after(version)
            await asyncio.sleep(_COALESCE_SECONDS)


def _name(body: _Number) -> str:
    name = body.rs_id or body.number
    if not name:
        raise ValueError("number or rs_id is missing")
    return name


def _done() -> web.Response:
    return web.json_response({})


def _dumps(answer: object) -> str:
    return json.dumps(answer, default=str)
