"""Replica: this process among those that share a database, and which of them is the leader.

A process can stand still at any line and go on a minute later. So each judges by its own monotonic
clock, from before the renewing query was sent, whether others may already have taken over: what
only one may do is done while `is_leader`, and not begun any more when it is over.
"""

import asyncio
import logging
import secrets
from collections.abc import Awaitable, Callable
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage import replicas
from bot.storage.database import DATABASE_ERRORS, Database
from bot.workflows.clock import SteadyClock, boot_time

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS: Final = 2.0
LEASE_SECONDS: Final = 8.0
LOCK_WAIT_MS: Final = 1000
LEAVE_SECONDS: Final = 1.0


class Replica:
    """The only process on its database: alive for ever, and its own leader.

    Attributes:
        id: of the process in the database; a new one after its lease was lost.
        generation: counts the ids: whoever holds something in memory by the old one drops it.
        reign: counts the times that this process has become the leader.
    """

    is_alone = True

    def __init__(self) -> None:
        self.id = "alone"
        self.generation = 0
        self.reign = 1

    @property
    def is_alive(self) -> bool:
        """Tell whether others surely take this process to be alive still."""
        return True

    @property
    def is_leader(self) -> bool:
        """Tell whether surely no other process is the leader yet."""
        return True

    async def join(self, *, others_are_gone: bool) -> None:
        """Count among the replicas from now on.

        Args:
            others_are_gone: no other process can be at work, whatever its lease says.
        """

    async def step(self) -> None:
        """Renew the leases, when it is time to, and clear up after replicas that are gone."""

    async def resign(self) -> None:
        """Let another replica lead at once; this one has sent its last message."""

    async def leave(self) -> None:
        """Count among the replicas no more; nothing that this one has leased is open."""


class LeasedReplica(Replica):
    """One of any number of processes on one PostgreSQL database.

    Args:
        database: gives the transactions.
        clock: is kept in step with the leader's, and the leader's with the database's.
        lease_seconds: for how long others wait for a process that is silent.
        heartbeat_seconds: how often the leases are renewed.
        monotonic: seconds.
    """

    is_alone = False

    def __init__(
        self,
        database: Database,
        clock: SteadyClock,
        *,
        lease_seconds: float = LEASE_SECONDS,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
        monotonic: Callable[[], float] = boot_time,
    ) -> None:
        super().__init__()
        self.id = _new_id()
        self.reign = 0
        self._database = database
        self._clock = clock
        self._lease_seconds = lease_seconds
        self._lease = round(lease_seconds * 1000)
        self._heartbeat_seconds = heartbeat_seconds
        self._monotonic = monotonic
        self._next_at = self._alive_until = self._leader_until = -1.0
        self._leads = self._has_resigned = self._has_left = False
        self._turn = asyncio.Lock()

    @property
    def is_alive(self) -> bool:
        """Tell whether others surely take this process to be alive still."""
        return self._monotonic() < self._alive_until and not self._has_left

    @property
    def is_leader(self) -> bool:
        """Tell whether surely no other process is the leader yet."""
        return self._monotonic() < self._leader_until and not self._has_resigned

    async def join(self, *, others_are_gone: bool) -> None:
        """Count among the replicas from now on."""
        async with self._database.write() as connection:
            await replicas.begin(connection, self.id, self._lease)
            if others_are_gone:
                await replicas.remove_others(connection, self.id)
        await self._beat()

    async def step(self) -> None:
        """Renew the leases, when it is time to, and clear up after replicas that are gone."""
        if self._monotonic() >= self._next_at:
            await self._beat()

    async def resign(self) -> None:
        """Let another replica lead at once; this one has sent its last message."""
        self._has_resigned = True
        await self._give_up(replicas.resign)

    async def leave(self) -> None:
        """Count among the replicas no more; nothing that this one has leased is open."""
        self._has_resigned = self._has_left = True
        await self._give_up(replicas.remove)

    async def _beat(self) -> None:
        async with self._turn, asyncio.timeout(self._lease_seconds):
            if not self._has_left:
                self._next_at = self._monotonic() + self._heartbeat_seconds
                await self._renew()
                if not self._leads:  # who may have to take over does so the sooner
                    self._next_at -= self._heartbeat_seconds / 2
                await self._clear_up()

    async def _renew(self) -> None:
        """Renew the leases, and count from before it was asked for how long they surely last."""
        asked = self._monotonic()
        async with self._database.write() as connection:
            is_renewed = await replicas.renew(connection, self.id, self._lease)
            replica_id = self.id if is_renewed else _new_id()
            if not is_renewed:
                await replicas.begin(connection, replica_id, self._lease)
            leads = await self._lead(connection, replica_id, was_silent=not is_renewed)
        if not is_renewed:
            log.warning("others may have taken over what this replica was at")
            self.id = replica_id
            self.generation += 1
        if leads and not (self._leads and is_renewed):
            log.info("this replica leads")
            self.reign += 1
        self._leads = leads
        self._alive_until = asked + self._lease_seconds
        self._leader_until = self._alive_until if leads else -1.0

    async def _lead(
        self, connection: AsyncConnection, replica_id: str, *, was_silent: bool
    ) -> bool:
        """Lead, or go on to, if nobody else does; and agree with the leader on the time."""
        before = self._clock.now()
        time = await replicas.time(connection)
        after = self._clock.now()
        ahead = (before + after) // 2 - time.now
        leads = not self._has_resigned and await replicas.lead(
            connection, replica_id, self._lease, ahead
        )
        is_led = time.ahead is not None and not leads
        error = (time.ahead or 0) - ahead if is_led else -ahead
        is_noise = abs(error) <= after - before
        self._clock.follow(0 if is_noise else error, at_once=was_silent and is_led)
        return leads

    async def _clear_up(self) -> None:
        """Free what replicas that are gone were at."""
        async with self._database.write() as connection:
            await replicas.wait_little(connection, LOCK_WAIT_MS)
            dead = await replicas.remove_dead(connection)
        if dead:
            log.warning("replicas that have gone silent: %d; others go on with theirs", len(dead))

    async def _give_up(self, what: Callable[[AsyncConnection, str], Awaitable[object]]) -> None:
        """Do it if the database is there: a lease that stays is over soon by itself."""
        try:
            async with (
                asyncio.timeout(LEAVE_SECONDS),
                self._turn,
                self._database.write() as connection,
            ):
                await what(connection, self.id)
        except DATABASE_ERRORS:
            log.warning("the others will notice by themselves that this replica has ended")


def _new_id() -> str:
    return secrets.token_hex(8)
