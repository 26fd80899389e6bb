"""Verify the ledger: everything recomputed from nothing, and compared to the micro-dollar."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.audit import audit, audit_alone
from bot.domain.ledger import Entry
from bot.domain.money import format_dollars
from bot.domain.notice import Alert, alerts
from bot.storage import audit as storage
from bot.storage import outbox
from bot.storage.database import Database
from bot.workflows.kit import Kit

log = logging.getLogger(__name__)

EVERY_SECONDS = 3600.0
SHOWN_DIFFERENCES = 5


async def verify(database: Database, is_wanted: Callable[[], bool] = lambda: True) -> list[str]:
    """Give one line for each difference between the ledger and what it must be.

    Where it is not wanted any more, it gives nothing.
    """
    async with database.snapshot() as connection:
        return await differences(connection, is_wanted)


async def differences(
    connection: AsyncConnection, is_wanted: Callable[[], bool] = lambda: True
) -> list[str]:
    """Give the same of what a transaction sees."""
    found: list[str] = []
    sums: Counter[str] = Counter()
    accounts = await storage.present_accounts(connection)
    alone = await storage.booked_alone(connection)
    visited = len(alone)
    without = audit_alone(alone)
    found += without.faults
    _add(sums, without.due)
    async for piece in storage.pieces(connection, accounts):
        if not is_wanted():
            return []
        for activation in piece.activations:
            booked = piece.booked[activation.id]
            result = audit(activation, booked, piece.last_steps.get(activation.id))
            found += result.faults
            _add(sums, result.due)
        found += [f"activation {one}: {why}" for one, why in piece.unreadable.items()]
        visited += sum(map(len, piece.booked.values()))
    strays = await storage.count_entries(connection) - visited
    totals = await storage.totals(connection, accounts)
    if strays:
        found.append(f"{strays} entries belong to activations that do not exist")
    return [*found, *_compare(sums, totals)]


class LedgerCheck:
    """Verifies the ledger at the start and hourly, and tells the owners of a new difference.

    Of several replicas only the leader does.
    """

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._signals = kit.signals
        self._owner_ids = kit.rules.owner_ids
        self._replica = kit.replica
        self._reported: list[str] = []
        self._next_at = 0
        self._stopping = False

    async def step(self) -> None:
        """Verify, when it is time to."""
        now = self._clock.now()
        if now < self._next_at or not self._replica.is_leader:
            return
        self._next_at = now + round(EVERY_SECONDS * 1000)
        found = await verify(self._database, lambda: not self._stopping)
        if found and found != self._reported:
            await self._report(found, now)
        self._reported = found

    def stop(self) -> None:
        """Give up the check that is under way."""
        self._stopping = True

    async def _report(self, found: list[str], now: int) -> None:
        for line in found[:SHOWN_DIFFERENCES]:
            log.error("ledger: %s", line)
        facts = {"count": len(found), "lines": found[:SHOWN_DIFFERENCES]}
        notices = alerts(Alert.LEDGER_DIFFERENCE, self._owner_ids, now, facts)
        async with self._database.write() as connection:
            await outbox.enqueue_all(connection, notices, now)
        self._signals.outbox.set()


def _add(sums: Counter[str], entries: Iterable[Entry]) -> None:
    for entry in entries:
        sums[entry.source] += entry.amount
        sums[entry.target] -= entry.amount


def _compare(sums: Mapping[str, int], totals: Mapping[str, int]) -> list[str]:
    return [
        f"account {account}: {format_dollars(totals.get(account, 0))} in the ledger, "
        f"{format_dollars(sums.get(account, 0))} recomputed"
        for account in sorted(sums.keys() | totals.keys())
        if sums.get(account, 0) != totals.get(account, 0)
    ]
