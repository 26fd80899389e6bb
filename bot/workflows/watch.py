"""Watch: look for the code of every open number, as often as the provider's rules allow."""

import asyncio
import logging
from functools import partial

from bot.domain.activation import Activation, State
from bot.domain.polling import SLOWER_AFTER_CODE
from bot.provider import ProviderError
from bot.storage import activations
from bot.workflows.health import ProviderHealth
from bot.workflows.kit import Kit
from bot.workflows.received import Received

log = logging.getLogger(__name__)

LOOKS_AT_ONCE = 500
LOOKS_WHILE_DOWN = 1
LAST_LOOK_PATIENCE_SECONDS = 3600.0
"""For how long past its end a number is looked at until the provider has answered once more."""


class Watch:
    """Claims what is due, looks, and keeps what it finds. The rows are the schedule."""

    def __init__(self, kit: Kit, health: ProviderHealth, received: Received) -> None:
        self._database = kit.database
        self._provider = kit.provider
        self._clock = kit.clock
        self._meter = kit.meter
        self._interval = round(kit.rules.poll_interval * 1000)
        self._health = health
        self._received = received
        self._looks: dict[int, asyncio.Task[None]] = {}
        self._last_look: dict[int, int] = {}
        self._looked_to_the_end: dict[int, int] = {}

    async def step(self) -> None:
        """Start looking at everything that is due and fits."""
        room = self._room()
        if not room:
            return
        for activation in await self._claim(self._clock.now(), room):
            if activation.id not in self._looks and activation.number:
                self._health.budget.take()
                task = asyncio.create_task(self._look_in_time(activation))
                self._looks[activation.id] = task
                task.add_done_callback(partial(self._ended, activation.id))

    async def finish(self) -> None:
        """End what has been watched to its end."""
        await self._end_polls()
        now = self._clock.now()
        async with self._database.read() as connection:
            done = await activations.watched_to_the_end(connection, now)
        for activation in done:
            self._forget(activation.id)
            async with self._database.write() as connection:
                await activations.move(
                    connection,
                    activation.id,
                    (State.RECEIVED,),
                    State.FINISHED,
                    at=now,
                    closed_at=now,
                    next_poll_at=None,
                )

    async def look(self, activation: Activation) -> str | None:
        """Ask once for the SMS and keep what came; give its text.

        Raises:
            ProviderError: the provider did not tell.
        """
        if activation.number is None:
            return None
        self._last_look[activation.id] = self._clock.now()
        text = await self._provider.get_message(
            activation.number, activation.poll_pid, activation.rs_id
        )
        if text is not None:
            await self._received.keep(activation, text)
        return text

    async def stop(self) -> None:
        """Give up the looks that are on their way; what they were to find is found later."""
        tasks = list(self._looks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _room(self) -> int:
        most = LOOKS_WHILE_DOWN if self._health.is_down else LOOKS_AT_ONCE
        return max(0, min(most - len(self._looks), self._health.budget.room()))

    async def _claim(self, now: int, room: int) -> list[Activation]:
        async with self._database.read() as connection:
            earliest = await activations.next_poll_at(connection)
        if earliest is None or earliest > now:
            return []
        slow_interval = round(self._interval * SLOWER_AFTER_CODE)
        async with self._database.write() as connection:
            return await activations.claim_polls(
                connection,
                now,
                self._interval,
                slow_interval,
                room,
                patience=round(LAST_LOOK_PATIENCE_SECONDS * 1000),
            )

    async def _look_in_time(self, activation: Activation) -> None:
        """Keep the interval between two looks even where a claim comes a little early."""
        late = self._clock.now() - self._last_look.get(activation.id, 0) - self._interval
        if late < 0:
            await asyncio.sleep(-late / 1000)
        if activation.id in self._last_look:
            self._meter.observe("poll_lateness_seconds", max(0.0, late / 1000))
        looked_at = self._clock.now()
        try:
            found = await self.look(activation)
        except ProviderError as error:
            self._meter.count("polls", result="failed")
            await self._health.failed(error)
        else:
            self._meter.count("polls", result="code" if found else "nothing")
            self._note_last_look(activation, looked_at)
            await self._health.succeeded()
        if activation.next_poll_at is None:
            self._forget(activation.id)

    def _note_last_look(self, activation: Activation, looked_at: int) -> None:
        """A look that begins when time is over is the last, once its answer is kept."""
        if activation.watch_until is not None and activation.watch_until <= looked_at:
            self._looked_to_the_end[activation.id] = looked_at

    async def _end_polls(self) -> None:
        """Plan no more looks at what was looked at to its end; until then more may be made."""
        if not self._looked_to_the_end:
            return
        ended, self._looked_to_the_end = self._looked_to_the_end, {}
        async with self._database.write() as connection:
            await activations.end_polls(connection, ended)
        for activation_id in ended:
            self._forget(activation_id)

    def _forget(self, activation_id: int) -> None:
        self._last_look.pop(activation_id, None)
        self._received.forget(activation_id)

    def _ended(self, activation_id: int, task: asyncio.Task[None]) -> None:
        del self._looks[activation_id]
        if not task.cancelled() and (error := task.exception()):
            log.error("looking at activation %d failed", activation_id, exc_info=error)
