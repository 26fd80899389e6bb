"""People: they buy, tap twice, change their minds at the worst moment, leave, and come back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.domain.activation import CloseReason, Quote
from bot.domain.chat import ChatAccess
from bot.provider import ProviderError
from bot.workflows.access import Visitor
from bot.workflows.confirmation import Confirmation, PriceRose, Replayed, Started
from bot.workflows.ports import Buyer
from bot.workflows.purchase import Place
from tests.simulation.process import Process
from tests.simulation.spotsms import COUNTRIES
from tests.simulation.world import OWNERS, World

if TYPE_CHECKING:
    import random

SERVICES = {"0003": 4, "0948": 4, "0257": 3, "0411": 2, "0520": 2, "0630": 2}


@dataclass
class Room:
    """Where people meet the bot: a private chat, or a group and its members."""

    id: int
    members: list[int]
    former: list[int] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """Give Telegram's chat type."""
        if self.id > 0:
            return "private"
        return "supergroup" if self.former else "group"


class Person:
    """Somebody who buys numbers in some rooms."""

    def __init__(self, world: World, user_id: int, rooms: list[Room]) -> None:
        self._world = world
        self._random = world.stream(f"person {user_id}")
        self._loop = world.loop
        self.id = user_id
        self.rooms = rooms

    async def enter(self, room: Room) -> None:
        """Speak to the bot, ask for access, and be let in by the owner."""
        visitor = self._visitor(room)

        async def ask(process: Process) -> ChatAccess:
            await process.doorkeeper.admit(visitor)
            return await process.doorkeeper.ask(visitor)

        async def approve(process: Process) -> object:
            return await process.doorkeeper.decide(room.id, OWNERS[0], approve=True)

        await self._world.act(f"user {self.id} asks for access in {room.id}", ask)
        await self._world.act(f"the owner lets {room.id} in", approve)

    def _visitor(self, room: Room) -> Visitor:
        return Visitor(room.id, room.kind, "a room", self.id, f"Person {self.id}")

    async def live(self, is_over: Callable[[], bool], pause: float) -> None:
        """Buy now and then, until it is over."""
        while True:
            await asyncio.sleep(self._random.expovariate(1 / pause))
            if is_over():
                return
            await self.buy(self._random.choice(self.rooms))

    async def buy(self, room: Room) -> None:
        """Take a quote, think, confirm it (perhaps more than once), and see what comes of it."""
        quote = await self._quote(room)
        if quote is None:
            return
        await asyncio.sleep(self._random.uniform(0.3, 12.0))
        if self._random.random() < 0.03:
            await asyncio.sleep(601.0)
        outcome = await self._confirm(quote, room)
        if isinstance(outcome, PriceRose) and self._random.random() < 0.6:
            outcome = await self._confirm(outcome.quote, room)
        if isinstance(outcome, Started | Replayed):
            await self._afterwards(outcome.activation.id, room)

    async def _quote(self, room: Room) -> Quote | None:
        service_id = self._random.choices(list(SERVICES), list(SERVICES.values()))[0]
        country_code = self._random.choice(COUNTRIES)
        chance = self._random.random()
        user_id = None if room.id < 0 and self._random.random() < 0.05 else self.id

        visitor = self._visitor(room)

        async def ask(process: Process) -> Quote | None:
            await process.doorkeeper.admit(visitor)
            try:
                service = await process.catalogue.service(service_id)
                countries = await process.catalogue.countries(service_id)
            except ProviderError:
                return None
            if service is None:
                return None
            offer = service.offers[int(chance * len(service.offers))]
            country = next(one for one in countries if one.code == country_code)
            place = Place(visitor.chat_id, None)
            return await process.purchases.quote(place, user_id, service, offer, country)

        quote = await self._world.act(f"user {self.id} asks for {service_id} in {room.id}", ask)
        return quote if isinstance(quote, Quote) else None

    async def _confirm(self, quote: Quote, room: Room) -> Confirmation | None:
        """Tap on Confirm; sometimes twice, sometimes somebody else does too."""
        taps = [self._tap(quote, room, self.id, 0.0)]
        if self._random.random() < 0.2:
            taps.append(self._tap(quote, room, self.id, self._random.choice([0.0, 0.1, 2.0, 9.0])))
            self._world.weather.note("people", "tapped twice")
        if len(room.members) > 1 and self._random.random() < 0.1:
            other = self._random.choice([one for one in room.members if one != self.id])
            taps.append(self._tap(quote, room, other, self._random.uniform(0.0, 1.0)))
            self._world.weather.note("people", "tapped on another's quote")
        outcomes = await asyncio.gather(*taps)
        mine = [one for one in outcomes if isinstance(one, Started | Replayed | PriceRose)]
        return mine[0] if mine else None

    async def _tap(
        self, quote: Quote, room: Room, user_id: int, delay: float
    ) -> Confirmation | None:
        await asyncio.sleep(delay)

        buyer = Buyer(user_id, room.id)

        async def confirm(process: Process) -> Confirmation:
            return await process.purchases.confirm(quote.id, buyer, 1_000_000)

        what = f"user {user_id} confirms {quote.id[:6]} in {room.id}"
        outcome: Confirmation = await self._world.act(what, confirm)
        self._world.confirmed(quote.id, outcome)
        return outcome

    async def _afterwards(self, activation_id: int, room: Room) -> None:
        """Keep the number, or give it back: at leisure, with the SMS, or at the very end."""
        chance = self._random.random()
        if chance < 0.2:
            await asyncio.sleep(self._random.uniform(0.0, 20.0))
        elif chance < 0.3:
            await asyncio.sleep(self._until_sms(activation_id) + self._random.gauss(0.0, 0.3))
        elif chance < 0.35:
            await asyncio.sleep(self._random.uniform(100.0, 125.0))
        else:
            return
        times = 2 if self._random.random() < 0.3 else 1
        await asyncio.gather(*(self._cancel(activation_id, room) for _ in range(times)))

    def _until_sms(self, activation_id: int) -> float:
        """Give the seconds until an SMS comes; people cannot know, but they do hit it."""
        at = self._world.sms_at.get(activation_id)
        return max(0.0, at - self._loop.time()) if at is not None else 5.0

    async def _cancel(self, activation_id: int, room: Room) -> None:
        reason = CloseReason.BUYER
        if room.id < 0 and self._random.random() < 0.2:
            reason = CloseReason.ADMIN

        chat_id = room.id

        async def cancel(process: Process) -> object:
            return await process.cancellations.request(activation_id, self.id, chat_id, reason)

        answer = await self._world.act(f"user {self.id} cancels {activation_id}", cancel)
        self._world.weather.note("cancel request", type(answer).__name__)


def rooms_and_people(world: World, privates: int, groups: int) -> list[Person]:
    """Make private chats and groups; every person has a private chat, not all have opened it."""
    rng: random.Random = world.stream("rooms")
    people: list[Person] = []
    group_rooms = [Room(-1000 - n, []) for n in range(groups)]
    for room in group_rooms:
        world.telegram.add(room.id)
    for n in range(privates):
        user_id = 11 + n
        chat = world.telegram.add(user_id)
        rooms = [Room(user_id, [user_id])]
        if group_rooms and rng.random() < 0.6:
            group = rng.choice(group_rooms)
            group.members.append(user_id)
            rooms.append(group)
            if rng.random() < 0.2:
                rooms = [group]
                chat.refusal = "Forbidden: bot can't initiate conversation with a user"
        people.append(Person(world, user_id, rooms))
    for owner in OWNERS:
        world.telegram.add(owner)
    return people
