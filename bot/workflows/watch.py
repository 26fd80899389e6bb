"""Watch: look for the code of every open number, as often as the provider's rules allow."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Final

from bot.domain.activation import Activation, State
from bot.domain.schedule import Look, Schedule
from bot.domain.slower import Slower
from bot.provider import ProviderError, TooFrequent
from bot.storage import activations, looks
from bot.workflows.budget import AHEAD_SECONDS
from bot.workflows.health import ProviderHealth
from bot.workflows.kit import Kit
from bot.workflows.received import Received

log = logging.getLogger(__name__)

LOOKS_AT_ONCE: Final = 2000
"""Ten thousand numbers every 10 s, where SpotSMS takes 2 s to answer."""
LOOKS_WHILE_DOWN: Final = 1
TOGETHER_MS: Final = 10
MARGIN_MS: Final = 20
MEMORY_SECONDS: Final = 600.0
"""For how long after its last look a number is remembered."""
JUST_NOW_MS: Final = 300
"""The way to the provider takes as long: an SMS that came since could as well come during it."""


class Watch:
    """Claims what is due, looks, and keeps what it finds. The rows are the schedule."""

    def __init__(self, kit: Kit, health: ProviderHealth, received: Received) -> None:
        self._database = kit.database
        self._provider = kit.provider
        self._clock = kit.clock
        self._meter = kit.meter
        self._bell = kit.signals.polls
        self._schedule = Schedule(kit.rules.pace, kit.plans, kit.random)
        self._slower = Slower(kit.rules.pace.interval)
        self._interval = round(kit.rules.pace.interval * 1000)
        self._health = health
        self._received = received
        self._looks: dict[int, asyncio.Task[None]] = {}
        self._waiting: dict[asyncio.Task[None], int] = {}
        self._last_look: dict[int, int] = {}
        self._missed_at: dict[int, int] = {}
        self._under_way: dict[int, asyncio.Future[None]] = {}
        self._looked_to_the_end: dict[int, int] = {}
        self._forgot_at = 0

    async def step(self) -> None:
        """Start looking at everything that is due and fits."""
        await self._end_looks()
        self._forget_old()
        room = self._room()
        if not room or not await self._is_any_due():
            return
        claimed = await self._claim(room)
        for begin, together in groupby(claimed, key=itemgetter(1)):
            self._begin_at(begin, [look for look, _ in together])
        if len(claimed) >= room and not self._health.is_down:
            # More may be due, and the budget would lie idle until the next beat.
            asyncio.get_running_loop().call_later(AHEAD_SECONDS / 2, self._bell.set)

    async def finish(self) -> None:
        """End what has been watched to its end."""
        await self._end_looks()
        now = self._clock.now()
        async with self._database.read() as connection:
            done = await looks.ended(connection, now)
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

    async def look(self, number: Activation | Look) -> str | None:
        """Ask once for the SMS and keep what came; give its text.

        Raises:
            ProviderError: the provider did not tell.
        """
        if number.number is None:
            return None
        began = self._last_look[number.id] = self._clock.now()
        with self._asking_about(number.id):
            text = await self._provider.get_message(number.number, number.poll_pid, number.rs_id)
            if text is None:
                self._missed_at[number.id] = began
            else:
                await self._received.keep(number.id, text, self._missed_at.get(number.id))
        return text

    async def look_once_more(self, number: Activation) -> None:
        """Look before a number is given back; what is found is kept, a failure is let pass.

        A look that is under way is waited for, and one that has just found nothing is enough:
        the provider wants looks apart, as far as no code is lost by it. Where the refund is asked
        for again, one within the interval is.
        """
        enough = self._interval if number.state is State.CANCELLING else JUST_NOW_MS
        if under_way := self._under_way.get(number.id):
            await asyncio.wait({under_way})
        elif self._missed_at.get(number.id, 0) <= self._clock.now() - enough:
            with suppress(ProviderError):
                await self.look(number)

    def may_look_at(self, activation_id: int) -> int:
        """Give when the next look keeps the interval to this process's last one (epoch ms)."""
        now = self._clock.now()
        last = self._last_look.get(activation_id)
        return now if last is None else max(now, last + self._interval)

    async def stop(self) -> None:
        """Give up the looks that are on their way; what they were to find is found later."""
        tasks = [*self._waiting, *self._looks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _room(self) -> int:
        if self._health.is_down:
            return max(0, LOOKS_WHILE_DOWN - len(self._looks) - sum(self._waiting.values()))
        return max(0, min(LOOKS_AT_ONCE - len(self._looks), self._health.budget.room()))

    async def _is_any_due(self) -> bool:
        async with self._database.read() as connection:
            earliest = await looks.earliest(connection)
        return earliest is not None and earliest <= self._clock.now()

    async def _claim(self, room: int) -> list[tuple[Look, int]]:
        """Claim what is due, and plan the look after; give when each is to begin (epoch ms)."""
        budget = self._health.budget
        async with self._database.write() as connection:
            now = self._clock.now()
            if not self._database.is_sqlite:
                await budget.draw(connection, now)
                room = min(room, budget.room())
            due = await looks.claim(connection, now, room) if room else []
            now = self._clock.now()
            waits = [round(wait * 1000) for wait in budget.reserve(len(due))]
            # Some begin together: one waking of the event loop for all of them.
            begins = [now + wait - wait % TOGETHER_MS for wait in waits]
            claimed = list(zip(due, begins, strict=True))
            following = {
                # Where it begins later, it does so a little late: the next must not be early.
                look.id: self._following(look, begin + (begin > now) * MARGIN_MS)
                for look, begin in claimed
            }
            await looks.plan(connection, following)
            if not self._database.is_sqlite:
                await budget.settle(connection)
        return claimed

    def _following(self, look: Look, at: int) -> int | None:
        """Give when to look again after a look at a time (epoch ms), None: never."""
        following = self._schedule.following(look, at)
        return None if following is None else following + self._slower.extra_ms(look.id)

    def _begin_at(self, at: int, due: list[Look]) -> None:
        """Begin looks together at their time (epoch ms); they wait on one task, not each on one."""
        if (early := at - self._clock.now()) <= 0:
            self._begin(due)
            return
        task = asyncio.create_task(self._begin_later(early / 1000, due))
        self._waiting[task] = len(due)
        task.add_done_callback(self._waiting.__delitem__)

    async def _begin_later(self, seconds: float, due: list[Look]) -> None:
        await asyncio.sleep(seconds)
        self._begin(due)

    def _begin(self, due: list[Look]) -> None:
        for look in due:
            if look.id not in self._looks and look.number:
                task = asyncio.create_task(self._look_in_time(look))
                self._looks[look.id] = task
                task.add_done_callback(partial(self._ended, look.id))

    async def _look_in_time(self, look: Look) -> None:
        """Keep what must lie between two looks at a number, and between any two."""
        if (last := self._last_look.get(look.id)) is not None:
            early = last + self._schedule.least_gap(look) - self._clock.now()
            if early > 0:
                await asyncio.sleep(early / 1000)
        if (pause := self._health.budget.turn()) > 0:
            await asyncio.sleep(pause)
        began = self._clock.now()
        self._meter.observe("poll_lateness_seconds", max(0, began - look.due_at) / 1000)
        try:
            found = await self.look(look)
        except ProviderError as error:
            if isinstance(error, TooFrequent):
                self._slower.refused(look.id, error.retry_after)
            self._meter.count("polls", result="failed")
            await self._health.failed(error)
        else:
            self._slower.answered(look.id)
            self._meter.count("polls", result="code" if found else "nothing")
            self._note_last_look(look, began)
            await self._health.succeeded()

    def _note_last_look(self, look: Look, began: int) -> None:
        """A look that begins when time is over is the last, once its answer is kept."""
        if look.watch_until is not None and look.watch_until <= began:
            self._looked_to_the_end[look.id] = began

    @contextmanager
    def _asking_about(self, activation_id: int) -> Iterator[None]:
        """Let others wait for a look that is under way."""
        ended = asyncio.get_running_loop().create_future()
        self._under_way[activation_id] = ended
        try:
            yield
        finally:
            ended.set_result(None)
            if self._under_way.get(activation_id) is ended:
                del self._under_way[activation_id]

    async def _end_looks(self) -> None:
        """Plan no more looks at what was looked at to its end; until then more may be made."""
        if not self._looked_to_the_end:
            return
        ended, self._looked_to_the_end = self._looked_to_the_end, {}
        async with self._database.write() as connection:
            await looks.end(connection, ended)
        for activation_id in ended:
            self._forget(activation_id)

    def _forget_old(self) -> None:
        """Let go of what other replicas have watched to its end."""
        before = self._clock.now() - round(MEMORY_SECONDS * 1000)
        if self._forgot_at < before:
            self._forgot_at = self._clock.now()
            for activation_id in [one for one, at in self._last_look.items() if at < before]:
                self._forget(activation_id)

    def _forget(self, activation_id: int) -> None:
        self._last_look.pop(activation_id, None)
        self._missed_at.pop(activation_id, None)
        self._received.forget(activation_id)
        self._slower.forget(activation_id)

    def _ended(self, activation_id: int, task: asyncio.Task[None]) -> None:
        del self._looks[activation_id]
        if not task.cancelled() and (error := task.exception()):
            log.error("looking at activation %d failed", activation_id, exc_info=error)
