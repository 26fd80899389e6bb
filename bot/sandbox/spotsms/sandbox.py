"""The sandbox as tests and the page hold it: the exchange, its keys, faults and log of calls."""

import asyncio
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar, Unpack

from aiohttp import web

from bot.sandbox.spotsms.exchange import Body, Exchange, Refusal, Rules
from bot.sandbox.spotsms.faults import Fault, Faults

T = TypeVar("T")

CALLS_KEPT = 200_000
"""Calls in the log; when it is full, the older half goes."""


@dataclass(slots=True, eq=False)
class Call:
    """One request to the API, the key left out. ``n`` counts from 1, ``at`` is Unix seconds.

    ``code`` is the answered body's, None while or if there was none; requests over the same
    connection have the same ``connection``.
    """

    n: int
    at: float
    action: str
    params: dict[str, str]
    connection: int
    fault: str | None = None
    code: int | None = None


class SpotSmsSandbox(Exchange):
    """SpotSMS on loopback, by the :class:`Rules` given.

    ``mirror_status`` repeats the body's code as the HTTP status, which is 200 otherwise
    (spotsms-api.txt does not say which it is).
    """

    url_path = "/api-data.php"

    def __init__(
        self,
        keys: Iterable[str] = ("test-key",),
        *,
        mirror_status: bool = False,
        **rules: Unpack[Rules],
    ) -> None:
        super().__init__(**rules)
        self.keys = set(keys)
        self.mirror_status = mirror_status
        self.calls: list[Call] = []
        self.faults = Faults(rules.get("seed", 1))
        self._numbering = itertools.count(1)

    def application(self) -> web.Application:
        """Gives the HTTP face: the API at :attr:`url_path` and its control under /sandbox/."""
        from bot.sandbox.spotsms.application import build_application

        return build_application(self)

    def inject(self, fault: Fault) -> Fault:
        """Lets a fault wait for its call; gives it back, for its ``hits``."""
        self.faults.active.append(fault)
        self.changes.mark()
        return fault

    def clear_faults(self) -> None:
        """Forgets the faults that still wait."""
        self.faults.active.clear()
        self.changes.mark()

    def record(self, params: dict[str, str], connection: int) -> Call:
        """Enters a request into the log of calls."""
        action = params.get("action", "")
        call = Call(next(self._numbering), self.now(), action, params, connection)
        if len(self.calls) >= CALLS_KEPT:
            del self.calls[: CALLS_KEPT // 2]
        self.calls.append(call)
        self.changes.mark()
        return call

    def calls_of(self, action: str) -> list[Call]:
        """Gives the logged calls of one action, oldest first."""
        return [call for call in self.calls if call.action == action]

    def calls_after(self, n: int) -> list[Call]:
        """Gives the logged calls after the n-th, oldest first."""
        newer = self.calls[-1].n - n if self.calls else 0
        return self.calls[-newer:] if newer > 0 else []

    def perform(self, key: str, params: dict[str, str]) -> Body:
        """Does what a request asks for and gives the answer's body."""
        if key not in self.keys:
            return {"code": 401, "msg": "Invalid or missing API key"}
        act = _ACTIONS.get(params.get("action", ""))
        if act is None:
            return {"code": 404, "msg": "Resource not found"}
        try:
            return act(self, params)
        except Refusal as refusal:
            return refusal.body

    async def wait_for(
        self,
        predicate: Callable[[], T],
        timeout: float = 20,  # noqa: ASYNC109 - callers read better with a plain number
    ) -> T:
        """Gives what the predicate gives once that is true; looks again after every change.

        Raises:
            TimeoutError: it did not become true within so many seconds.
        """
        async with asyncio.timeout(timeout):
            while True:
                version = self.changes.version
                if found := predicate():
                    return found
                await self.changes.after(version)


def _buy(sandbox: SpotSmsSandbox, params: dict[str, str]) -> Body:
    if params.get("num", "1") != "1":
        raise Refusal(400, "num must be 1")
    purchase = sandbox.buy(params.get("pid", ""), params.get("cuy", ""))
    answer: Body = {"code": 200, "data": purchase.number, "pidUsed": purchase.pid}
    if purchase.rs_id:
        answer["rsId"] = purchase.rs_id
    return answer


def _read_message(sandbox: SpotSmsSandbox, params: dict[str, str]) -> Body:
    text = sandbox.read_message(params.get("pn", ""), params.get("pid", ""), params.get("rsid", ""))
    return {"code": 200, "data": text}


def _cancel(sandbox: SpotSmsSandbox, params: dict[str, str]) -> Body:
    sandbox.cancel(params.get("rsid", ""))
    return {"code": 200, "msg": "Activation cancelled"}


_ACTIONS: dict[str, Callable[[SpotSmsSandbox, dict[str, str]], Body]] = {
    "services": lambda sandbox, _: sandbox.list_services(),
    "countries": lambda sandbox, params: sandbox.list_countries(params.get("pid", "")),
    "getNumber": _buy,
    "getMsg": _read_message,
    "cancelRsActivation": _cancel,
    "balance": lambda sandbox, _: {"code": 200, "balance": sandbox.shown_balance()},
}
