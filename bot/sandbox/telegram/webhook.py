"""Delivery of updates to the bot's webhook."""

import asyncio
import time
from dataclasses import dataclass

import aiohttp

from bot.sandbox.telegram.errors import JsonObject
from bot.sandbox.telegram.hub import Hub
from bot.sandbox.telegram.updates import UpdateQueue

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - a header's name
SECONDS_TO_ANSWER = 60.0


@dataclass(frozen=True)
class Target:
    """Where updates go, as set by setWebhook."""

    url: str
    secret: str = ""
    max_connections: int = 40


@dataclass(frozen=True)
class Failure:
    """The last delivery that failed, as getWebhookInfo shows it; ``at`` is Unix time."""

    at: int
    message: str


class WebhookDelivery:
    """Posts updates one after another, each until it is answered by a 2xx.

    Telegram delivers side by side and waits longer; here the pause after a failure starts at
    ``pause`` seconds and doubles up to twenty times that.
    """

    def __init__(self, updates: UpdateQueue, hub: Hub, pause: float = 0.1) -> None:
        self.target: Target | None = None
        self.failure: Failure | None = None
        self._updates = updates
        self._hub = hub
        self._pause = pause
        self._task: asyncio.Task[None] | None = None

    def start(self, target: Target) -> None:
        """Deliver to ``target`` from now on."""
        self.stop()
        self.target = target
        self._task = asyncio.get_running_loop().create_task(self._deliver_all(target))

    def stop(self) -> None:
        """Deliver no more; updates wait for long poll or another webhook."""
        if self._task is not None:
            self._task.cancel()
        self._task = self.target = None

    async def close(self) -> None:
        """Deliver no more, and wait until the last connection is closed."""
        task = self._task
        self.stop()
        if task is not None:
            await asyncio.wait([task])

    async def _deliver_all(self, target: Target) -> None:
        timeout = aiohttp.ClientTimeout(total=SECONDS_TO_ANSWER)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            while True:
                update = await self._updates.first()
                await self._deliver(session, target, update)
                self._updates.done(update)

    async def _deliver(
        self, session: aiohttp.ClientSession, target: Target, update: JsonObject
    ) -> None:
        pause = self._pause
        while message := await self._post(session, target, update):
            self.failure = Failure(int(time.time()), message)
            self._hub.wake()
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._pause * 20)

    @staticmethod
    async def _post(
        session: aiohttp.ClientSession, target: Target, update: JsonObject
    ) -> str | None:
        """Post once; gives what went wrong, in Telegram's words."""
        headers = {SECRET_HEADER: target.secret} if target.secret else {}
        try:
            async with session.post(
                target.url, json=update, headers=headers, allow_redirects=False
            ) as response:
                await response.read()
                if response.ok:
                    return None
                return f"Wrong response from the webhook: {response.status} {response.reason}"
        except (aiohttp.ClientError, TimeoutError) as error:
            if isinstance(error, aiohttp.ClientConnectorError):
                return "Connection refused"
            return "Read timeout expired" if isinstance(error, TimeoutError) else "Connection reset"
