"""The composition root: makes what the parts stand on; starts, tends and stops them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any, TypeVar

from telegram.ext import Job

from bot.chat.application import (
    ALLOWED_UPDATES,
    BotApplication,
    build_application,
)
from bot.chat.late import LateAnswers
from bot.chat.limiter import InteractiveLimiter
from bot.chat.longpoll import LongPoll
from bot.chat.menu import publish
from bot.chat.messenger import TelegramMessenger
from bot.chat.pacing import Pacing
from bot.chat.retry import Retry, TokenRefusedError, unless
from bot.chat.webhook import Webhook
from bot.ops import (
    Metrics,
    OpsServer,
    StartError,
    allow_open_files,
    configure_logging,
    look_for_garbage_seldom,
    serve,
    stop_signal,
)
from bot.parts import Parts
from bot.provider import SpotSms
from bot.settings import Settings, misspelt
from bot.storage.database import DATABASE_ERRORS, Database, StorageError, Unavailable, reason
from bot.storage.updates_lock import UpdatesLock
from bot.workflows.clock import SteadyClock
from bot.workflows.kit import Kit
from bot.workflows.overview import Overview
from bot.workflows.replica import LeasedReplica, Replica
from bot.workflows.rules import Rules
from bot.workflows.watch import LOOKS_AT_ONCE
from bot.workflows.worker import Calls, Signals

log = logging.getLogger(__name__)

Result = TypeVar("Result")


class PartEnded(Exception):
    """A part of the bot has ended by itself."""


FATAL = (StorageError, StartError, TokenRefusedError, PartEnded)
"""What ends a start; the text is one line for the operator."""
PASSING = (Unavailable, PartEnded)
"""What of it may be over at the next start."""

LEAST_BEAT_SECONDS = 0.05
MOST_BEAT_SECONDS = 0.25
LAST_STEP_SECONDS = 0.5


async def run_bot(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        FATAL: it cannot start, or not go on.
    """
    configure_logging(settings.log_level, settings.log_format, _secrets(settings))
    for line in misspelt():
        log.warning("%s", line)
    stop = stop_signal()
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(
            Database(settings.database_url.get_secret_value())
        )
        provider = await stack.enter_async_context(
            SpotSms(
                settings.spotsms_api_url,
                settings.spotsms_api_key.get_secret_value(),
                timeout=settings.spotsms_timeout,
                poll_connections=min(LOOKS_AT_ONCE, allow_open_files() // 2),
            )
        )
        bot = Bot(settings, database, provider, await SteadyClock.going_on(database))
        look_for_garbage_seldom()
        await bot.run(stop)


class Bot:
    """The process: starts all parts, tends them, and stops them."""

    def __init__(
        self, settings: Settings, database: Database, provider: SpotSms, clock: SteadyClock
    ) -> None:
        self._settings = settings
        self._database = database
        self._metrics = Metrics()
        replica = Replica() if database.is_sqlite else LeasedReplica(database, clock)
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._kit = Kit(
            database=database,
            provider=provider,
            clock=clock,
            signals=Signals(),
            calls=Calls(),
            meter=self._metrics,
            rules=Rules.of(settings),
            replica=replica,
        )
        pacing = Pacing()
        self._application = self._build_application(pacing)
        bot = self._application.bot
        self._parts = Parts(
            self._kit,
            source=provider,
            application=self._application,
            messenger=TelegramMessenger(bot, Overview(self._kit), database, clock),
            pacing=pacing,
        )
        self._intake = self._build_intake()
        self._updates_lock = UpdatesLock(
            settings.database_url.get_secret_value(), alone=not settings.webhook_url
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Start in the order of dependence, work until `stop`, end in the reverse order.

        Numbers are watched and given back from the first moment, even while Telegram is away.
        """
        async with self._updates_lock:
            await self._take_up()
            await self._work(stop)
        log.info("stopped")

    async def _take_up(self) -> None:
        """Join the other replicas, and go on with what a process that is gone has left.

        Raises:
            Unavailable: the database could be opened, and fails all the same, as on a full disk.
        """
        try:
            await self._kit.replica.join(others_are_gone=self._updates_lock.alone)
            await self._parts.recover(all_are_dead=self._database.is_sqlite)
        except DATABASE_ERRORS as error:
            raise Unavailable(f"DATABASE_URL: {reason(error)}") from None

    async def _work(self, stop: asyncio.Event) -> None:
        async with self._servers():
            self._tasks["updates lock"] = asyncio.create_task(self._updates_lock.keep())
            for worker in (*self._parts.workers, self._parts.renewing):
                self._tasks[worker.name] = asyncio.create_task(worker.run())
            try:
                if await self._tend(self._connect(stop)):
                    await self._converse(stop)
            finally:
                log.info("stopping")
                stop.set()
                try:
                    await self._end()
                finally:
                    await self._hang_up()

    async def _converse(self, stop: asyncio.Event) -> None:
        """Take updates and answer them until `stop`."""
        await self._application.start()
        beating = self._begin()
        publishing = asyncio.create_task(self._publish_commands(stop))
        log.info("the bot runs")
        try:
            await self._tend(stop.wait())
        finally:
            beating.schedule_removal()  # a beat that is under way at the end would be reported
            publishing.cancel()
            await asyncio.gather(publishing, return_exceptions=True)

    def _begin(self) -> Job[Any]:
        """Start intake and lanes, and give the beat."""
        interval = self._settings.poll_interval
        queue = self._application.job_queue
        if queue is None:
            raise StartError("python-telegram-bot is installed without its job queue")
        self._tasks["lanes"] = asyncio.create_task(self._parts.lanes.run())
        self._tasks["intake"] = asyncio.create_task(self._intake.run())
        return queue.run_repeating(
            self._beat,
            interval=max(LEAST_BEAT_SECONDS, min(MOST_BEAT_SECONDS, interval / 10)),
            job_kwargs={"misfire_grace_time": None, "coalesce": True, "max_instances": 2},
        )

    async def _tend(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Give what the work gives; a part that ends by itself meanwhile ends the process.

        The operator's supervisor starts it again: better than a bot that only looks alive.
        """
        working = asyncio.create_task(work)
        try:
            done, _ = await asyncio.wait(
                {working, *self._tasks.values()}, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done - {working}:
                task.result()
                raise PartEnded("a part of the bot ended by itself")
            return working.result()
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def _end(self) -> None:
        """Intake first, then lanes, then workers; open money calls are waited for."""
        self._intake.stop()
        self._updates_lock.stop()
        try:
            await self._parts.stop()
        finally:
            await self._end_tasks()

    async def _end_tasks(self) -> None:
        """Give up what still waits for an answer: it is a reading, and can be made again."""
        _, late = await asyncio.wait(self._tasks.values(), timeout=LAST_STEP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _hang_up(self) -> None:
        if self._application.running:
            await self._application.stop()
        await self._application.shutdown()
        await self._application.bot.shutdown()  # the other leaves out a half-open one

    async def _connect(self, stop: asyncio.Event) -> bool:
        """Ask Telegram who we are, until it answers or we are stopped."""
        retry = Retry("connecting to Telegram", stop, is_first=True)
        while not stop.is_set():
            if await retry.attempt(partial(self._initialize, stop)):
                return not stop.is_set()
        return False

    async def _initialize(self, stop: asyncio.Event) -> None:
        await unless(stop, self._application.initialize())

    async def _publish_commands(self, stop: asyncio.Event) -> None:
        retry = Retry("publishing the commands", stop)
        bot, owner_ids = self._application.bot, self._kit.rules.owner_ids
        while not stop.is_set():
            if await retry.attempt(partial(publish, bot, owner_ids)):
                return

    async def _beat(self, _: object) -> None:
        self._kit.signals.beat(others_write=not self._kit.replica.is_alone)

    def _build_application(self, pacing: Pacing) -> BotApplication:
        proxy = self._settings.telegram_proxy
        return build_application(
            self._settings.telegram_bot_token.get_secret_value(),
            self._settings.telegram_api_url,
            proxy=proxy.get_secret_value() if proxy else None,
            rate_limiter=InteractiveLimiter(pacing, self._metrics, LateAnswers(self._kit).keep),
        )

    def _build_intake(self) -> LongPoll | Webhook:
        bot = self._application.bot
        if self._settings.webhook_url:
            return Webhook(
                bot,
                self._parts.inbox,
                self._settings.webhook_url,
                self._settings.webhook_token,
                ALLOWED_UPDATES,
            )
        proxy = self._settings.telegram_proxy
        return LongPoll(
            bot,
            self._parts.inbox,
            ALLOWED_UPDATES,
            proxy=proxy.get_secret_value() if proxy else None,
        )

    def _is_refused(self) -> bool:
        return isinstance(self._intake, Webhook) and self._intake.is_refused

    @asynccontextmanager
    async def _servers(self) -> AsyncIterator[None]:
        """Serve the webhook and the operator's pages, where they are asked for."""
        async with AsyncExitStack() as stack:
            if isinstance(self._intake, Webhook):
                listen = self._settings.webhook_listen
                address = await stack.enter_async_context(
                    serve(self._intake.application, listen, "WEBHOOK_LISTEN")
                )
                log.info("webhooks are taken on %s", address)
            if self._settings.ops_listen:
                ops = OpsServer(
                    self._database, self._metrics, self._tasks, is_refused=self._is_refused
                )
                address = await stack.enter_async_context(
                    serve(ops.application, self._settings.ops_listen, "OPS_LISTEN")
                )
                log.info("health and metrics are on %s", address)
            yield


def _secrets(settings: Settings) -> list[str]:
    secrets = [
        settings.telegram_bot_token,
        settings.spotsms_api_key,
        settings.database_url,
        settings.webhook_secret,
        settings.telegram_proxy,
    ]
    return [secret.get_secret_value() for secret in secrets if secret] + [settings.webhook_token]
