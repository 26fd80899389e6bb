"""A storm: many people, and everything that can go wrong, from one seed."""

import asyncio
import math
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.workflows.rules import Rules
from tests.simulation.clockwork import VirtualLoop, run_virtually
from tests.simulation.people import Person, Room, rooms_and_people
from tests.simulation.process import Process
from tests.simulation.spotsms import Sale
from tests.simulation.storage import new_file
from tests.simulation.weather import CALM, ROUGH, STORM
from tests.simulation.world import OWNERS, RULES, World

REST_SECONDS = 1500.0
READING_SECONDS = 400.0
"""Longer than the pause between two readings of the balance."""


@dataclass(frozen=True)
class Scale:
    """How big a storm is. Seconds are virtual.

    Attributes:
        seconds: for how long people buy and things go wrong, at most.
        pause: between what one person does and the next.
        trouble: between one trouble and the next.
        kinds: how bad the weather may be.
        daily: micro-dollars that a chat may spend.
        looks: seconds between two looks at a number, in this storm or that.
        purchases: with so many of them people have enough.
    """

    seconds: float
    people: int
    groups: int
    pause: float
    trouble: float
    kinds: tuple[str, ...]
    daily: int
    looks: tuple[float, ...] = (RULES.poll_interval,)
    purchases: float = math.inf


KINDS = (ROUGH, ROUGH, STORM, CALM)
LONG = Scale(600.0, 90, 12, 18.0, 20.0, KINDS, 10_000_000, (10.0, 20.0, 30.0), purchases=670)
SHORT = Scale(150.0, 14, 4, 10.0, 5.0, (STORM, ROUGH), 1_000_000)
CHECK_SECONDS = 10.0


class Storm:
    """Plays one seed."""

    def __init__(self, world: World, scale: Scale) -> None:
        self._scale = scale
        self._world = world
        self._random: random.Random = world.stream("storm")
        self._loop = world.loop
        self._people = self._make_people()
        world.weather.kind = self._random.choice(scale.kinds)
        world.provider.on_sale = self._plan_sms
        world.down_seconds = lambda: self._random.choice([0.1, 1.0, 1.0, 5.0, 40.0])

    def _make_people(self) -> Sequence[Person]:
        return rooms_and_people(self._world, self._scale.people, self._scale.groups)

    async def play(self) -> None:
        """Let people live and things go wrong; then calm down, and see that all comes to rest."""
        await self._enter()
        scale = self._scale
        checking = asyncio.ensure_future(self._check())
        trouble = asyncio.ensure_future(self._make_trouble())
        living = [
            asyncio.ensure_future(person.live(self._is_over, scale.pause))
            for person in self._people
        ]
        await asyncio.gather(*living)
        trouble.cancel()
        await asyncio.gather(trouble, return_exceptions=True)
        self._calm_down()
        await self._world.come_to_rest(REST_SECONDS)
        await self._decide()
        await asyncio.sleep(READING_SECONDS)
        await self._world.come_to_rest(REST_SECONDS)
        await self._world.verify()
        checking.cancel()
        await asyncio.gather(checking, return_exceptions=True)
        self._world.check_end()

    def _is_over(self) -> bool:
        scale, bought = self._scale, len(self._world.provider.calls)
        return self._loop.time() > scale.seconds or bought >= scale.purchases

    async def _decide(self) -> None:
        """Let the owner settle what the balance did not tell."""
        for row in self._world.books.rows("SELECT id FROM activations WHERE state = 'unknown'"):
            await self._world.act(f"the owner decides on {row['id']}", self._decision(row["id"]))

    def _decision(self, activation_id: int) -> Callable[[Process], Awaitable[object]]:
        charged = any(one.activation_id == activation_id for one in self._world.provider.sales)
        self._world.weather.note("owner", "decided")
        return lambda process: process.reconciliation.decide(
            activation_id, OWNERS[0], charged=charged
        )

    async def _enter(self) -> None:
        seen: set[int] = set()
        for person in self._people:
            for room in person.rooms:
                if room.id not in seen:
                    seen.add(room.id)
                    await person.enter(room)

    async def _check(self) -> None:
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            if self._world.books.has_changed():
                self._world.check_truth()
            self._world.check_time()

    def _plan_sms(self, sale: Sale) -> None:
        rng = self._random
        kind = rng.choices(
            ["soon", "at once", "late", "very late", "never", "twice", "same again"],
            [50, 8, 8, 5, 20, 10, 3],
        )[0]
        at = {
            "at once": rng.uniform(0.0, 1.0),
            "late": rng.uniform(95.0, 121.0),
            "very late": rng.uniform(119.0, 200.0),
        }.get(kind, rng.uniform(2.0, 60.0))
        self._world.weather.note("sms", kind)
        if kind == "never":
            return
        self._world.sms_at[sale.activation_id] = self._loop.time() + at
        self._loop.call_later(at, self._world.receive, sale)
        if kind == "twice":
            self._loop.call_later(at + rng.uniform(0.5, 50.0), self._world.receive, sale)

    async def _make_trouble(self) -> None:
        kinds: list[Callable[[], Awaitable[None]]] = [
            self._crash,
            self._crash,
            self._crash_somewhere,
            self._crash_somewhere,
            self._stop_politely,
            self._provider_outage,
            self._refuse_key,
            self._run_out_of_money,
            self._change_price,
            self._change_price,
            self._refund,
            self._telegram_outage,
            self._block,
            self._migrate,
            self._migrate,
            self._flood,
            self._jump,
        ]
        while True:
            await asyncio.sleep(self._random.expovariate(1 / self._scale.trouble))
            await self._random.choice(kinds)()

    async def _crash(self) -> None:
        self._world.crash("at random")

    async def _crash_somewhere(self) -> None:
        self._world.crash_at = self._world.points + self._random.randrange(1, 400)

    async def _stop_politely(self) -> None:
        await self._world.restart_politely()

    async def _provider_outage(self) -> None:
        self._world.weather.provider_is_down = True
        await self._last(self._random.choice([3.0, 15.0, 45.0]))
        self._world.weather.provider_is_down = False
        self._world.disturbed()

    async def _refuse_key(self) -> None:
        self._world.weather.key_is_refused = True
        await self._last(self._random.choice([3.0, 25.0]))
        self._world.weather.key_is_refused = False
        self._world.disturbed()

    async def _run_out_of_money(self) -> None:
        top_up = self._world.provider.run_out_of_money()
        await self._last(20.0)
        top_up()

    async def _change_price(self) -> None:
        offers = self._world.provider.exchange.catalogue
        pid = self._random.choice(["0003", "0948", "0257", "0412", "0520", "0630"])
        factor = self._random.choice([80, 110, 130])
        price = offers.offer(pid).price * factor / 100
        self._world.provider.change_price(pid, f"{price:.4f}")

    async def _refund(self) -> None:
        self._world.provider.refund_by_itself()

    async def _telegram_outage(self) -> None:
        self._world.weather.telegram_is_down = True
        await self._last(self._random.choice([3.0, 15.0, 60.0]))
        self._world.weather.telegram_is_down = False
        self._world.disturbed()

    async def _last(self, seconds: float) -> None:
        """Let a trouble last; the time after it is the recovery's."""
        try:
            await asyncio.sleep(seconds)
        finally:
            self._world.disturbed()

    async def _block(self) -> None:
        """Somebody blocks the bot, or a group throws it out; some come back."""
        rooms = [chat for chat in self._world.telegram.chats.values() if chat.refusal is None]
        chat = self._random.choice([room for room in rooms if abs(room.id) > 10])
        chat.refusal = "Forbidden: bot was blocked by the user"
        if self._random.random() < 0.7:
            seconds = self._random.uniform(5.0, 90.0)
            self._loop.call_later(seconds, self._world.comes_back, chat.id)

    async def _migrate(self) -> None:
        rooms = [room for person in self._people for room in person.rooms if _is_group(room)]
        if not rooms:
            return
        room = self._random.choice(rooms)
        old, new = room.id, room.id - 1_000_000_000
        for chat_id in (old, *room.members):  # so that something waits when it moves
            self._world.telegram.flood(chat_id, 12.0)
        await asyncio.sleep(8.0)
        self._world.telegram.migrate(old, new)
        room.former.append(old)
        room.id = new
        if self._random.random() < 0.7:
            await self._world.act(
                f"group {old} became {new}",
                lambda process: process.delivery.move_chat(old, new),
            )

    async def _flood(self) -> None:
        chat_id = self._random.choice(list(self._world.telegram.chats))
        self._world.telegram.flood(chat_id, self._random.choice([5.0, 60.0]))
        self._world.weather.note("telegram", "flooded")

    async def _jump(self) -> None:
        self._world.wall_offset += self._random.choice([-3600.0, 3600.0])
        self._world.weather.note("clock", "jumped an hour")
        if self._random.random() < 0.5:
            self._world.crash("after the clock was changed")

    def _calm_down(self) -> None:
        weather = self._world.weather
        weather.kind = CALM
        weather.provider_is_down = weather.key_is_refused = weather.telegram_is_down = False
        self._world.crash_at = None
        self._world.disturbed()


def _is_group(room: Room) -> bool:
    return room.id < 0 and not room.former


def _rules(seed: str, scale: Scale) -> Rules:
    chance = random.Random(f"{seed}/rules")  # noqa: S311 - repeatable, not secret
    limits = replace(RULES.limits, daily=scale.daily)
    return replace(RULES, limits=limits, poll_interval=chance.choice(scale.looks))


def run_storm(seed: str) -> tuple[str, Counter[str]]:
    """Play a seed; one whose name begins with `short-` is small.

    Returns:
        The fingerprint of all that happened, and how often everything did.

    Raises:
        BrokenPromiseError: a promise does not hold.
    """

    async def main(loop: VirtualLoop) -> tuple[str, Counter[str]]:
        scale = SHORT if seed.startswith("short-") else LONG
        world = World(loop, seed, Path(folder), _rules(seed, scale))
        await world.run(Storm(world, scale).play())
        return world.digest, world.counters()

    with TemporaryDirectory() as folder:
        new_file(Path(folder))
        return run_virtually(main)


__all__ = ["run_storm"]
