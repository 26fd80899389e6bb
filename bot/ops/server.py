"""`/healthz` and `/metrics`."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from prometheus_client.exposition import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from bot.ops.metrics import Metrics
from bot.storage.database import DATABASE_ERRORS, Database
from bot.storage.totals import Totals, totals

DATABASE_SECONDS = 2.0


class OpsServer:
    """Tells whether the process works, and how much it has done.

    `workers` are the tasks, by name, that run as long as the process is healthy; the mapping may
    be filled later. `is_refused` tells whether Telegram refuses the webhook. `application` is to
    be served on `OPS_LISTEN`.
    """

    def __init__(
        self,
        database: Database,
        metrics: Metrics,
        workers: Mapping[str, asyncio.Task[Any]],
        *,
        is_refused: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._workers = workers
        self._is_refused = is_refused
        self.application = Starlette(
            routes=[Route("/healthz", self._health), Route("/metrics", self._show)]
        )

    async def problems(self) -> list[str]:
        """Say what is wrong, nothing if all is well."""
        problems = [f"{name} has stopped" for name, task in self._workers.items() if task.done()]
        if await self._totals() is None:
            problems.append("the database does not answer")
        if self._is_refused():
            problems.append("WEBHOOK_URL: Telegram refuses it, the log says why")
        return problems

    async def _health(self, _: Request) -> Response:
        problems = await self.problems()
        if problems:
            return JSONResponse({"problems": problems}, status_code=503)
        return PlainTextResponse("ok")

    async def _show(self, _: Request) -> Response:
        found = await self._totals()
        if found is not None:
            self._metrics.show(found)
        return Response(self._metrics.text(), media_type=CONTENT_TYPE_LATEST)

    async def _totals(self) -> Totals | None:
        """Give what the database counts, None where it fails or takes too long."""
        try:
            async with asyncio.timeout(DATABASE_SECONDS), self._database.read() as connection:
                return await totals(connection)
        except DATABASE_ERRORS:
            return None
