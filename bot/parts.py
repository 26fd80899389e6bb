"""All parts of the bot on one database, put together."""

import asyncio
import logging

from telegram import Update

from bot.chat.admins import Admins
from bot.chat.application import BotApplication
from bot.chat.desk import DESK, Desk
from bot.chat.intake import AnyInbox, Inbox, RawUpdate
from bot.chat.lanes import Lanes
from bot.chat.shared_inbox import SharedInbox
from bot.workflows.access import Doorkeeper
from bot.workflows.cancel import Cancellations
from bot.workflows.catalogue import Catalogue, CatalogueSource
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
from bot.workflows.statistics import Statistics
from bot.workflows.supervision import Supervision
from bot.workflows.verify import LedgerCheck
from bot.workflows.watch import Watch
from bot.workflows.worker import Worker

log = logging.getLogger(__name__)


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
        try:
            await asyncio.gather(self.lanes.stop(), self.watch.stop(), self.delivery.stop())
            await self.kit.replica.resign()
        finally:
            await self._end_calls()

    async def _end_calls(self) -> None:
        """Wait for what was paid for, whatever else has failed."""
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


def _inbox_of(kit: Kit) -> AnyInbox:
    """Give one that remembers, where nobody else takes updates, else one that asks."""
    if kit.replica.is_alone:
        return Inbox(kit.database, kit.clock)
    return SharedInbox(kit.database, kit.clock, kit.replica)
