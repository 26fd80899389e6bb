"""A storm of people who chat: everything they send goes through inbox, lanes and handlers."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.simulation.chat_nonsense import STRAYS, nonsense
from tests.simulation.chat_people import ChatOwner, ChatPerson
from tests.simulation.chat_world import ChatWorld
from tests.simulation.clockwork import VirtualLoop, run_virtually
from tests.simulation.people import Room, rooms_and_people
from tests.simulation.storage import new_file
from tests.simulation.storm import Scale, Storm
from tests.simulation.weather import ROUGH, STORM
from tests.simulation.world import RULES

CHAT = Scale(200.0, 14, 4, 5.0, 4.0, (STORM, ROUGH, ROUGH), 2_000_000)
NONSENSE_SECONDS = 4.0


class ChatStorm(Storm):
    """Plays one seed through the chats."""

    _people: Sequence[ChatPerson]

    def __init__(self, world: ChatWorld, scale: Scale) -> None:
        self._chats = world.chats
        self._chat_world = world
        super().__init__(world, scale)
        self._owner = ChatOwner(world)
        self._nonsense: random.Random = world.stream("nonsense")

    def _make_people(self) -> Sequence[ChatPerson]:
        drawn = rooms_and_people(self._chat_world, self._scale.people, self._scale.groups)
        people = [ChatPerson(self._chat_world, one.id, one.rooms) for one in drawn]
        for person in people:
            for room in person.rooms:
                if room.id < 0:
                    self._chats.admins.setdefault(room.id, {room.members[0]})
        return people

    async def play(self) -> None:
        """Let people chat and things go wrong, while the owner decides and nonsense arrives."""
        beside = [
            asyncio.ensure_future(self._owner.watch()),
            asyncio.ensure_future(self._send_nonsense()),
        ]
        try:
            await super().play()
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)

    async def _enter(self) -> None:
        rooms = {room.id: (person, room) for person in self._people for room in person.rooms}
        await asyncio.gather(*(person.enter(room) for person, room in rooms.values()))

    async def _send_nonsense(self) -> None:
        rng = self._nonsense
        while self._loop.time() < self._scale.seconds:
            await asyncio.sleep(rng.expovariate(1 / NONSENSE_SECONDS))
            person = rng.choice(self._people)
            room = rng.choice(person.rooms)
            self._chats.submit(person.id, nonsense(rng, person.id, room.id), is_broken=True)
            self._chat_world.weather.note("updates", "nonsense")
            if rng.random() < 0.2:
                self._chats.strays.append(rng.choice(STRAYS))
                self._chat_world.weather.note("updates", "without an id")

    async def _decide(self) -> None:
        """Let the owner settle what the balance did not tell."""
        sales = {one.activation_id for one in self._chat_world.provider.sales}
        for row in self._chat_world.books.rows("SELECT id FROM activations WHERE state='unknown'"):
            self._chat_world.weather.note("owner", "decided")
            await self._owner.decide(row["id"], charged=row["id"] in sales)

    async def _block(self) -> None:
        """Somebody blocks the bot, or a group throws it out; some come back."""
        rooms = {room.id: (person, room) for person in self._people for room in person.rooms}
        chats = [self._chats.chats[one] for one in rooms]
        chat = self._random.choice([one for one in chats if one.refusal is None])
        chat.refusal = "Forbidden: bot was blocked by the user"
        person, _ = rooms[chat.id]
        self._chat_world.is_let_in(person.id, chat.id, is_there=False)
        if self._random.random() < 0.7:
            seconds = self._random.uniform(5.0, 90.0)
            self._loop.call_later(seconds, self._come_back, rooms[chat.id][1])

    def _come_back(self, room: Room) -> None:
        self._chat_world.comes_back(room.id)

    async def _migrate(self) -> None:
        """A group becomes a supergroup, and says so in both chats, in any order, or in one."""
        rooms = [room for person in self._people for room in person.rooms if _is_plain(room)]
        if not rooms:
            return
        room = self._random.choice(rooms)
        old, new = room.id, room.id - 1_000_000_000
        self._chats.admins[new] = self._chats.admins[old]
        self._chats.migrate(old, new)
        self._chats.chats[new].refusal = self._chats.chats[old].refusal
        room.former.append(old)
        room.id = new
        notes = [True, False]
        self._random.shuffle(notes)
        for in_old in notes[: self._random.choice([1, 2, 2])]:
            self._chat_world.tell_of_migration(room.members[0], old, new, in_old=in_old)
            await asyncio.sleep(self._random.choice([0.0, 1.0]))


def _is_plain(room: Room) -> bool:
    return room.id < 0 and not room.former


def run_chat_storm(seed: str) -> tuple[str, Counter[str]]:
    """Play a seed through the chats.

    Returns:
        The fingerprint of all that happened, and how often everything did.

    Raises:
        BrokenPromiseError: a promise does not hold.
    """

    async def main(loop: VirtualLoop) -> tuple[str, Counter[str]]:
        limits = replace(RULES.limits, daily=CHAT.daily)
        world = ChatWorld(loop, seed, Path(folder), replace(RULES, limits=limits))
        random.seed(seed)  # the product draws its pauses from it
        await world.run(ChatStorm(world, CHAT).play())
        counters = world.counters()
        counters["updates"] = len(world.chats.sent)
        return world.digest, counters

    with TemporaryDirectory() as folder:
        new_file(Path(folder))
        return run_virtually(main)


__all__ = ["run_chat_storm"]
