"""The composition root: the one module that knows all parts, starts them and stops them."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from typing import Any

from telegram import Update
from telegram.ext import Job

from bot.chat.admins import Admins
from bot.chat.application import (
    ALLOWED_UPDATES,
    BotApplication,
    build_application,
    publish_commands,
)
from bot.chat.desk import DESK, Desk
from bot.chat.intake import AnyInbox, Inbox, RawUpdate
from bot.chat.lanes import Lanes
from bot.chat.late import LateAnswers
from bot.chat.limiter import InteractiveLimiter
from bot.chat.longpoll import LongPoll
from bot.chat.messenger import TelegramMessenger
from bot.chat.pacing import Pacing
from bot.chat.retry import Retry, TokenRefusedError, unless
from bot.chat.shared_inbox import SharedInbox
from bot.chat.webhook import Webhook
from bot.ops import Metrics, OpsServer, StartError, configure_logging, serve, stop_signal
from bot.provider import SpotSms
from bot.settings import Settings, misspelt
from bot.storage.database import Database, StorageError
from bot.storage.updates_lock import UpdatesLock
from bot.workflows.access import Doorkeeper
from bot.workflows.cancel import Cancellations
from bot.workflows.catalogue import Catalogue, CatalogueSource
from bot.workflows.clock import SteadyClock
from bot.workflows.deliver import Delivery
from bot.workflows.departures import Departures
from bot.workflows.export import Exports
from bot.workflows.governance import Governance
from bot.workflows.health import ProviderHealth
from bot.workflows.history import History
from bot.workflows.invites import Invites
from bot.workflows.kit import Kit
from bot.workflows.learning import Learning
from bot.workflows.maintain import Maintenance
from bot.workflows.overview import Overview
from bot.workflows.ports import Messenger, Pacer
from bot.workflows.privacy import Privacy
from bot.workflows.purchase import Purchases
from bot.workflows.received import Received
from bot.workflows.reconcile import Reconciliation
from bot.workflows.replica import LeasedReplica, Replica
from bot.workflows.rules import Rules
from bot.workflows.statistics import Statistics
from bot.workflows.supervision import Supervision
from bot.workflows.verify import LedgerCheck
from bot.workflows.watch import LOOKS_AT_ONCE, Watch
from bot.workflows.worker import Calls, Signals, Worker

log = logging.getLogger(__name__)

FATAL = (StorageError, StartError, TokenRefusedError)
"""What ends a start; the text is one line for the operator."""

LEAST_BEAT_SECONDS = 0.05
MOST_BEAT_SECONDS = 0.25
LAST_STEP_SECONDS = 0.5


async def run_bot(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT.

    Raises:
        StorageError, StartError, TokenRefusedError: it cannot start, or not go on.
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
                poll_connections=LOOKS_AT_ONCE,
            )
        )
        bot = Bot(settings, database, provider, await SteadyClock.going_on(database))
        await bot.run(stop)


class Parts:
    """What works on one database and in one Application, put together; nothing runs yet."""

    def __init__(
        self,
        kit: Kit,
        *,
        source: CatalogueSource,
        application: BotApplication,
        messenger: Messenger,
        pacing: Pacer,
    ) -> None:
        self.kit = kit
        self.application = application
        self.health = health = ProviderHealth(kit)
        self.catalogue = Catalogue(source, kit.clock)
        self.watch = Watch(kit, health, Received(kit))
        self.purchases = Purchases(kit, self.catalogue, health)
        self.cancellations = Cancellations(kit, health, self.watch)
        self.reconciliation = Reconciliation(kit, health)
        self.ledger_check = LedgerCheck(kit)
        self.maintenance = Maintenance(kit, self.purchases, self.cancellations, self.watch)
        self.departures = Departures(kit)
        self.doorkeeper = Doorkeeper(kit)
        self.delivery = Delivery(kit, messenger, pacing)
        application.bot_data[DESK] = self._desk()
        self.inbox = _inbox_of(kit)
        self.lanes = Lanes(self.inbox, self.handle, kit.meter)
        self.workers = self._build_workers()
        self.renewing = Worker("renewing", asyncio.Event(), kit.replica.step)

    async def recover(self, *, all_are_dead: bool) -> None:
        """Take over what an earlier process has left; before all else."""
        await self.maintenance.recover(all_are_dead=all_are_dead)

    async def handle(self, _: int, raw: RawUpdate) -> None:
        """Let the handlers answer an update."""
        update = Update.de_json(raw, self.application.bot)
        await self.application.process_update(update)

    async def stop(self) -> None:
        """Begin nothing new, end what people asked for, then wait for open money calls.

        Others may lead as soon as nothing is sent any more; the leases last until the calls end.
        """
        self.purchases.stop()
        self.cancellations.stop()
        self.reconciliation.stop()
        self.ledger_check.stop()
        for worker in self.workers:
            worker.stop()
        await asyncio.gather(self.lanes.stop(), self.watch.stop(), self.delivery.stop())
        await self.kit.replica.resign()
        if calls := len(self.kit.calls):
            log.warning("waiting for %d money calls; a second signal makes them unknown", calls)
        await self.kit.calls.drain()
        await self.kit.replica.leave()
        self.renewing.stop()

    def _desk(self) -> Desk:
        return Desk(
            purchases=self.purchases,
            cancellations=self.cancellations,
            catalogue=self.catalogue,
            overview=Overview(self.kit),
            governance=Governance(self.kit),
            supervision=Supervision(self.kit, Overview(self.kit)),
            invites=Invites(self.kit),
            health=self.health,
            statistics=Statistics(self.kit),
            history=History(self.kit, Overview(self.kit)),
            exports=Exports(self.kit, Overview(self.kit)),
            privacy=Privacy(self.kit),
            reconciliation=self.reconciliation,
            doorkeeper=self.doorkeeper,
            departures=self.departures,
            delivery=self.delivery,
            provider=self.kit.provider,
            admins=Admins(self.application.bot, self.kit.monotonic),
            clock=self.kit.clock,
            rules=self.kit.rules,
        )

    def _build_workers(self) -> list[Worker]:
        signals = self.kit.signals
        return [
            Worker("watching", signals.polls, self.watch.step),
            Worker("cancelling", signals.cancels, self.cancellations.step),
            Worker("delivering", signals.outbox, self.delivery.step),
            Worker("departing", asyncio.Event(), self.departures.step),
            Worker("maintenance", asyncio.Event(), self.maintenance.step),
            Worker("reconciling", asyncio.Event(), self.reconciliation.step),
            Worker("verifying", asyncio.Event(), self.ledger_check.step),
            Worker("learning", asyncio.Event(), Learning(self.kit).step),
        ]


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
            await self._kit.replica.join(others_are_gone=self._updates_lock.alone)
            await self._parts.recover(all_are_dead=self._database.is_sqlite)
            await self._work(stop)
        log.info("stopped")

    async def _work(self, stop: asyncio.Event) -> None:
        async with self._servers():
            self._tasks["updates lock"] = asyncio.create_task(self._updates_lock.keep())
            for worker in (*self._parts.workers, self._parts.renewing):
                self._tasks[worker.name] = asyncio.create_task(worker.run())
            try:
                if await self._connect(stop):
                    await self._converse(stop)
            finally:
                log.info("stopping")
                stop.set()
                await self._end()
                if self._application.running:
                    await self._application.stop()
                await self._application.shutdown()
                await self._application.bot.shutdown()  # the other leaves out a half-open one

    async def _converse(self, stop: asyncio.Event) -> None:
        """Take updates and answer them until `stop`."""
        await self._application.start()
        beating = self._begin()
        publishing = asyncio.create_task(self._publish_commands(stop))
        log.info("the bot runs")
        try:
            await self._until(stop)
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

    async def _until(self, stop: asyncio.Event) -> None:
        """Wait for the signal; a part that ends by itself ends the process.

        The operator's supervisor starts it again: better than a bot that only looks alive.
        """
        waiting = asyncio.create_task(stop.wait())
        done, _ = await asyncio.wait(
            {waiting, *self._tasks.values()}, return_when=asyncio.FIRST_COMPLETED
        )
        waiting.cancel()
        for task in done - {waiting}:
            task.result()
            raise StartError("a part of the bot ended by itself")

    async def _end(self) -> None:
        """Intake first, then lanes, then workers; open money calls are waited for."""
        self._intake.stop()
        self._updates_lock.stop()
        await self._parts.stop()
        await self._end_tasks()

    async def _end_tasks(self) -> None:
        """Give up what still waits for an answer: it is a reading, and can be made again."""
        _, late = await asyncio.wait(self._tasks.values(), timeout=LAST_STEP_SECONDS)
        for task in late:
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _connect(self, stop: asyncio.Event) -> bool:
        """Ask Telegram who we are, until it answers or we are stopped."""
        retry = Retry("connecting to Telegram", stop)
        while not stop.is_set():
            if await retry.attempt(partial(self._initialize, stop)):
                return not stop.is_set()
        return False

    async def _initialize(self, stop: asyncio.Event) -> None:
        await unless(stop, self._application.initialize())

    async def _publish_commands(self, stop: asyncio.Event) -> None:
        retry = Retry("publishing the commands", stop)
        while not stop.is_set():
            if await retry.attempt(partial(publish_commands, self._application.bot)):
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
                ops = OpsServer(self._database, self._metrics, self._tasks)
                address = await stack.enter_async_context(
                    serve(ops.application, self._settings.ops_listen, "OPS_LISTEN")
                )
                log.info("health and metrics are on %s", address)
            yield


def _inbox_of(kit: Kit) -> AnyInbox:
    """Give one that remembers, where nobody else takes updates, else one that asks."""
    if kit.replica.is_alone:
        return Inbox(kit.database, kit.clock)
    return SharedInbox(kit.database, kit.clock, kit.replica)


def _secrets(settings: Settings) -> list[str]:
    secrets = [
        settings.telegram_bot_token,
        settings.spotsms_api_key,
        settings.database_url,
        settings.webhook_secret,
        settings.telegram_proxy,
    ]
    return [secret.get_secret_value() for secret in secrets if secret] + [settings.webhook_token]
