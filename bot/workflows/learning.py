"""Learning: how long SMS take is read from the activations now and then; nothing is written."""

import asyncio
from typing import Final

from bot.domain.arrivals import Grid
from bot.domain.plans import Lessons
from bot.storage import looks
from bot.workflows.kit import Kit

LEARN_SECONDS: Final = 300.0
HISTORY_SECONDS: Final = 14 * 86_400.0
KINDS_AT_ONCE: Final = 500


class Learning:
    """Keeps the plans of looks up to date. The activations are the memory: a restart is none."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._monotonic = kit.monotonic
        self._plans = kit.plans
        self._pace = kit.rules.pace
        self._grid = Grid(kit.rules.activation_ttl, kit.rules.poll_interval)
        self._next_at = 0.0

    async def step(self) -> None:
        """Learn, when it is time to."""
        if self._monotonic() >= self._next_at:
            self._next_at = self._monotonic() + LEARN_SECONDS
            await self._learn()

    async def _learn(self) -> None:
        now = self._clock.now()
        since = now - round(HISTORY_SECONDS * 1000)
        async with self._database.read() as connection:
            numbers = await looks.seen(connection, now, since, self._grid.cell)
        # Codes do not wait until all is learned.
        lessons = Lessons(self._grid, self._pace)
        for begin in range(0, len(numbers), KINDS_AT_ONCE):
            for seen in numbers[begin : begin + KINDS_AT_ONCE]:
                lessons.add(seen)
            await asyncio.sleep(0)
        plans = {}
        for key, plan in lessons.plans():
            plans[key] = plan
            await asyncio.sleep(0)
        self._plans.replace(plans)
