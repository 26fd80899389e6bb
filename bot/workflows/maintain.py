"""Maintenance: what is to be done now and then, and once at the start."""

import logging
from collections.abc import Awaitable, Callable

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.times import DAY_MS
from bot.storage import activations, evidence, inbox, invites, outbox, privacy, readings
from bot.storage.slices import SLICE
from bot.workflows.cancel import Cancellations
from bot.workflows.kit import Kit
from bot.workflows.purchase import Purchases
from bot.workflows.watch import Watch

log = logging.getLogger(__name__)

PURGE_SECONDS = 3600.0

Purge = Callable[[AsyncConnection, int], Awaitable[int]]
COUNTED: tuple[Purge, ...] = (
    activations.purge_codes,
    privacy.purge_numbers,
    outbox.purge,
    inbox.purge,
)
UNCOUNTED: tuple[Purge, ...] = (
    activations.purge_quotes,
    invites.purge,
    readings.purge,
    evidence.purge_alternatives,
)


class Maintenance:
    """Ends what is over, finds what was left behind, erases what is too old to be kept."""

    def __init__(
        self,
        kit: Kit,
        purchases: Purchases,
        cancellations: Cancellations,
        watch: Watch,
    ) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._rules = kit.rules
        self._replica = kit.replica
        self._purchases = purchases
        self._cancellations = cancellations
        self._watch = watch
        self._purged_at = 0

    async def recover(self, *, all_are_dead: bool) -> None:
        """Take over what a process that is gone left: purchases and cancellations.

        Args:
            all_are_dead: no other process can be at work (SQLite, at the start).
        """
        await self._purchases.recover(all_are_dead=all_are_dead)
        await self._cancellations.recover(all_are_dead=all_are_dead)

    async def step(self) -> None:
        """Do what is due; of several replicas only the leader does what one alone need do."""
        await self._watch.finish()
        await self._purchases.recover(all_are_dead=False)
        if self._replica.is_leader:
            await self._cancellations.expire()
            await self._purge()

    async def _purge(self) -> None:
        """Codes, numbers and texts are personal: they go after the days that the operator set."""
        now = self._clock.now()
        if now - self._purged_at < PURGE_SECONDS * 1000:
            return
        self._purged_at = now
        before = now - self._rules.retention_days * DAY_MS
        counted = [await self._erase(purge, before) for purge in COUNTED]
        if any(counted):
            log.info("erased %d codes, %d numbers, %d messages, %d updates", *counted)
        for purge in UNCOUNTED:
            await self._erase(purge, before)

    async def _erase(self, purge: Purge, before: int) -> int:
        """Erase slice by slice, each in its own transaction: codes do not wait behind all."""
        erased = 0
        while True:
            async with self._database.write() as connection:
                count = await purge(connection, before)
            erased += count
            if count < SLICE:
                return erased
