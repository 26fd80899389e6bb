"""The canonical walks, each with a crash at a chosen point: every await has its turn."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.domain.activation import CloseReason, State
from bot.workflows.confirmation import Replayed, Started
from bot.workflows.ports import Buyer
from bot.workflows.purchase import Place
from tests.simulation.clockwork import VirtualLoop, run_virtually
from tests.simulation.people import Person, Room
from tests.simulation.process import Process
from tests.simulation.spotsms import Sale
from tests.simulation.storage import new_file
from tests.simulation.world import OWNERS, RULES, World

BUYER = 11
RULES_OF_WALKS = replace(RULES, activation_ttl=40.0)
REST_SECONDS = 900.0


@dataclass(frozen=True)
class Walk:
    """What happens after the confirmation. Seconds are virtual.

    Attributes:
        fault: which call meets what (`weather.py` names them).
        sms_after: seconds from the charge.
        cancel_after: seconds from the confirmation's answer.
        ends: the states that may follow, whatever the crash.
    """

    ends: frozenset[str]
    fault: tuple[str, str] | None = None
    sms_after: float | None = None
    cancel_after: float | None = None


UNHEARD = frozenset({"lost", "unknown"})
"""A crash between the charge and its answer: the number never came."""

WALKS = {
    "buy and receive": Walk(frozenset({"finished", "declined"}) | UNHEARD, sms_after=5.0),
    "buy and cancel": Walk(frozenset({"cancelled", "declined"}) | UNHEARD, cancel_after=4.0),
    "buy and expire": Walk(frozenset({"cancelled", "declined"}) | UNHEARD),
    "buy and lose the answer": Walk(
        UNHEARD | {"declined"}, fault=("getNumber", "dropped after charging")
    ),
}


class Stroll:
    """One walk, from the question to the end."""

    def __init__(self, world: World, walk: Walk) -> None:
        self._world = world
        self._walk = walk
        self._room = Room(BUYER, [BUYER])
        self._person = Person(world, BUYER, [self._room])
        self.points: list[str] = []
        for chat_id in (BUYER, *OWNERS):
            world.telegram.add(chat_id)
        if walk.fault:
            where, what = walk.fault
            world.weather.forced[where] = [what]
        world.provider.on_sale = self._plan_sms

    async def play(self, crash_at: int | None) -> None:
        """Enter calmly, then walk; the process dies at the point of that number."""
        await self._person.enter(self._room)
        await asyncio.sleep(30.0)
        self._world.on_point = self.points.append
        if crash_at is not None:
            self._world.crash_at = self._world.points + crash_at
        await self._buy()
        await self._world.come_to_rest(REST_SECONDS)
        await self._know()
        self._world.on_point = lambda _: None
        self._world.check_end()
        (row,) = self._world.books.rows("SELECT state FROM activations")
        self.end: str = row["state"]
        if row["state"] not in self._walk.ends:
            self._world.fail(f"the walk ended as {row['state']}")

    async def _buy(self) -> None:
        async def ask(process: Process) -> str:
            service = await process.catalogue.service("0003")
            countries = await process.catalogue.countries("0003")
            if service is None:
                raise LookupError("no such service")
            quote = await process.purchases.quote(
                Place(BUYER, None), BUYER, service, service.offers[0], countries[0]
            )
            return quote.id

        quote_id: str = await self._world.act("asks", ask)

        async def confirm(process: Process) -> object:
            return await process.purchases.confirm(quote_id, Buyer(BUYER, BUYER), 1_000_000)

        outcome = await self._world.act("confirms", confirm)
        if self._walk.cancel_after is not None and isinstance(outcome, Started | Replayed):
            await asyncio.sleep(self._walk.cancel_after)
            await self._cancel(outcome.activation.id)

    async def _cancel(self, activation_id: int) -> None:
        async def cancel(process: Process) -> object:
            reason = CloseReason.BUYER
            return await process.cancellations.request(activation_id, BUYER, BUYER, reason)

        await self._world.act("cancels", cancel)

    async def _know(self) -> None:
        """Give the balance the time to tell what became of an unknown purchase."""
        end = self._world.loop.time() + REST_SECONDS
        while self._world.loop.time() < end:
            if not self._world.books.rows("SELECT 1 FROM activations WHERE state = 'unknown'"):
                break
            await asyncio.sleep(10.0)
        await self._world.come_to_rest(REST_SECONDS)

    def _plan_sms(self, sale: Sale) -> None:
        if self._walk.sms_after is not None:
            self._world.loop.call_later(self._walk.sms_after, self._world.receive, sale)


def meet(where: str, fault: str) -> str:
    """Buy and cancel, where one call meets a fault; give the state that it ends in.

    Raises:
        BrokenPromiseError: a promise does not hold.
    """

    async def main(loop: VirtualLoop) -> str:
        world = World(loop, f"fault:{where}:{fault}", Path(folder), RULES_OF_WALKS)
        walk = Walk(frozenset(State), fault=(where, fault), cancel_after=4.0)
        stroll = Stroll(world, walk)
        await world.run(stroll.play(None))
        return stroll.end

    with TemporaryDirectory() as folder:
        new_file(Path(folder))
        return run_virtually(main)


def take_walk(name: str, crash_at: int | None = None) -> list[str]:
    """Take a walk with a crash at one point; give the points that were passed.

    Raises:
        BrokenPromiseError: a promise does not hold.
    """

    async def main(loop: VirtualLoop) -> list[str]:
        world = World(loop, f"walk:{name}:{crash_at or 0}", Path(folder), RULES_OF_WALKS)
        stroll = Stroll(world, WALKS[name])
        await world.run(stroll.play(crash_at))
        return stroll.points

    with TemporaryDirectory() as folder:
        new_file(Path(folder))
        return run_virtually(main)


def points_of(name: str, wanted: Callable[[str], bool]) -> list[int]:
    """Give the numbers of the points of a walk that are of a wanted kind, in their order."""
    return [number for number, what in enumerate(take_walk(name), 1) if wanted(what)]
