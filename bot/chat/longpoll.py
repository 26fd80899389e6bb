"""Long poll: updates are confirmed to Telegram after they are stored, never before."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

from telegram.error import Conflict, TelegramError
from telegram.ext import ExtBot
from telegram.request import BaseRequest, RequestData
from telegram.request._requestparameter import RequestParameter

from bot.chat.connection import Connection
from bot.chat.intake import AnyInbox
from bot.chat.retry import Retry, unless

log = logging.getLogger(__name__)

POLL_SECONDS = 25
READ_SECONDS = POLL_SECONDS + 10.0
CONNECTIONS = 4


class LongPoll:
    """Asks Telegram for updates (Bot API, getUpdates) and puts them into the inbox."""

    def __init__(
        self,
        bot: ExtBot[Any],
        inbox: AnyInbox,
        allowed_updates: Sequence[str],
        *,
        proxy: str | None = None,
        request: BaseRequest | None = None,
    ) -> None:
        self._bot = bot
        self._inbox = inbox
        self._allowed_updates = list(allowed_updates)
        self._request = request or Connection(CONNECTIONS, read_seconds=READ_SECONDS, proxy=proxy)
        self._stop = asyncio.Event()
        self._retry = Retry("getting updates from Telegram", self._stop)
        self._offset: int | None = None

    async def run(self) -> None:
        """Take updates until `stop`, whatever fails meanwhile."""
        async with self._request:
            await self._delete_webhook()
            while not self._stop.is_set():
                await self._retry.attempt(self._poll)

    def stop(self) -> None:
        """End at once: what is on its way stays unconfirmed and comes again."""
        self._stop.set()

    async def _delete_webhook(self) -> None:
        """Try it once: whether there is one at all is told by getUpdates."""
        try:
            await unless(self._stop, self._bot.delete_webhook())
        except Exception as error:  # noqa: BLE001 - nothing may end the intake
            log.warning("the webhook cannot be deleted (%s); going on", type(error).__name__)

    async def _poll(self) -> None:
        url = f"{self._bot.base_url}/getUpdates"
        try:
            answer = await unless(self._stop, self._request.post(url, self._parameters()))
        except Conflict as error:
            if "webhook" in error.message.lower():
                await self._delete_webhook()
            raise
        if answer is None:
            return
        if not isinstance(answer, list):
            raise TelegramError("getUpdates did not give a list")
        ids = await self._inbox.store(answer)
        if answer and max(ids, default=-1) < (self._offset or 0):
            raise TelegramError("getUpdates gave nothing that could be confirmed")
        self._offset = max(ids) + 1 if ids else None

    def _parameters(self) -> RequestData:
        """Give what getUpdates is asked with.

        The offset confirms what was stored and is then forgotten: after a week without updates
        their ids begin anew at a random number (Bot API, Update), maybe below it.
        """
        asked = {"timeout": POLL_SECONDS, "allowed_updates": self._allowed_updates}
        if self._offset is not None:
            asked["offset"] = self._offset
        return RequestData([RequestParameter.from_input(name, one) for name, one in asked.items()])
