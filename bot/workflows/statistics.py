"""Statistics of a chat or a person, and what works where in the whole installation."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from bot.domain.statistics import Evidence, Tally, Window
from bot.domain.times import DAY_MS
from bot.storage import chats, statistics
from bot.storage.statistics import Group, Scope
from bot.workflows.kit import Kit
from bot.workflows.memory import Memory

REMEMBERED_SECONDS: Final = 120.0
"""What works where changes slowly: this old it may be."""
RECENT_DAYS: Final = 90
"""What worked longer ago tells little about today."""


@dataclass(frozen=True, slots=True)
class Report:
    """What was bought in a window of time, most bought first."""

    window: Window
    total: Tally
    services: tuple[Tally, ...]
    countries: tuple[Tally, ...]


class Statistics:
    """Reads, counts, and changes nothing."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._reporting = asyncio.Lock()  # one at a time: the other readers are for the rest
        self._what_works = Memory(self._look, REMEMBERED_SECONDS, kit.monotonic)

    async def report(
        self, window: Window, *, chat_id: int | None = None, user_id: int | None = None
    ) -> Report:
        """Count what was bought in a chat, by a user, or by a user in a chat."""
        scope = Scope(window.since(self._clock.now()), chat_id=chat_id, user_id=user_id)
        async with self._reporting, self._database.snapshot() as connection:
            total = await statistics.tallies(connection, scope, Group.ALL)
            services = await statistics.tallies(connection, scope, Group.SERVICE)
            countries = await statistics.tallies(connection, scope, Group.COUNTRY)
        nothing = Tally("", "", 0, 0, Evidence())
        return Report(window, total[0] if total else nothing, tuple(services), tuple(countries))

    async def name_of(self, user_id: int) -> str | None:
        """Give a person's name as it was last seen."""
        async with self._database.read() as connection:
            return (await chats.names_of(connection, [user_id])).get(user_id)

    async def what_works(self, service_id: str) -> Mapping[str, Evidence]:
        """Give what all chats have seen of a service lately, by the country's code."""
        return await self._what_works.get(service_id)

    async def _look(self, service_id: str) -> Mapping[str, Evidence]:
        since = self._clock.now() - RECENT_DAYS * DAY_MS
        async with self._database.read() as connection:
            return await statistics.by_country(connection, service_id, since)
