"""Webhook: Telegram posts updates, and gets its 200 after they are stored, never before."""

import asyncio
import hmac
import json
import logging
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from telegram.error import BadRequest
from telegram.ext import ExtBot

from bot.chat.intake import AnyInbox
from bot.chat.retry import Retry, unless
from bot.storage.database import DATABASE_ERRORS

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
MAX_BYTES = 1_000_000
MAX_CONNECTIONS = 40


class Webhook:
    """Takes updates over HTTP. `application` is to be served where `url` leads to.

    Attributes:
        is_refused: Telegram does not take the address; it is offered again and again.
    """

    def __init__(
        self,
        bot: ExtBot[Any],
        inbox: AnyInbox,
        url: str,
        secret: str,
        allowed_updates: Sequence[str],
    ) -> None:
        self._bot = bot
        self._inbox = inbox
        self._url = url
        self._secret = secret
        self._allowed_updates = list(allowed_updates)
        self._stop = asyncio.Event()
        self._retry = Retry("setting the webhook (WEBHOOK_URL)", self._stop)
        self.is_refused = False
        self._path = unquote(urlsplit(url).path) or "/"
        # A route of its own would read braces in the path as a pattern.
        self.application = Starlette(routes=[Route("/{_:path}", self._receive, methods=["POST"])])

    async def run(self) -> None:
        """Tell Telegram where to post (Bot API, setWebhook), then wait for `stop`."""
        while not self._stop.is_set() and not await self._retry.attempt(self._announce):
            pass
        await self._stop.wait()

    def stop(self) -> None:
        """End `run`; the webhook stays set, and Telegram keeps what it cannot post."""
        self._stop.set()

    async def _announce(self) -> None:
        announcement = self._bot.set_webhook(
            self._url,
            secret_token=self._secret,
            allowed_updates=self._allowed_updates,
            max_connections=MAX_CONNECTIONS,
        )
        try:
            await unless(self._stop, announcement)
        except BadRequest:
            self.is_refused = True
            raise
        self.is_refused = False

    async def _receive(self, request: Request) -> Response:
        if request.scope["path"] != self._path:
            return Response(status_code=404)
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode(), self._secret.encode()):
            return Response(status_code=403)
        try:
            body = await _read(request)
        except ClientDisconnect:
            return Response(status_code=400)
        if body is None:
            return Response(status_code=413)
        update = _parsed(body)
        return Response(status_code=400 if update is None else await self._store(update))

    async def _store(self, update: dict[str, Any]) -> int:
        try:
            await self._inbox.store([update])
        except DATABASE_ERRORS as error:
            log.warning("an update cannot be stored (%s); it comes again", type(error).__name__)
            return 503
        return 200


async def _read(request: Request) -> bytes | None:
    """Give the body, None where it is larger than any update."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BYTES:
            return None
    return bytes(body)


def _parsed(body: bytes) -> dict[str, Any] | None:
    try:
        update = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return update if isinstance(update, dict) else None
