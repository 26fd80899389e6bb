"""The walk that people take: from /buy to the code, by hand, with a crash at a chosen point.

Nobody presses or writes anything twice here: whatever the moment of the crash, the inbox brings
back what was not handled, so every screen must come.
"""

import asyncio
import random
from pathlib import Path
from tempfile import TemporaryDirectory

from bot.chat.buttons import Confirm
from bot.chat.codec import decode
from tests.simulation.chat_people import WAY, ChatOwner, ChatPerson
from tests.simulation.chat_telegram import Sent, buttons_of
from tests.simulation.chat_world import ChatWorld
from tests.simulation.clockwork import VirtualLoop, run_virtually
from tests.simulation.people import Room
from tests.simulation.spotsms import Sale
from tests.simulation.storage import new_file
from tests.simulation.telegram_world import Message
from tests.simulation.walks import BUYER, REST_SECONDS, RULES_OF_WALKS, UNHEARD
from tests.simulation.world import OWNERS

CHAT_WALK = "buy and receive by hand (chat)"
ENDS = frozenset({"finished", "declined"}) | UNHEARD
SCREEN_SECONDS = 90.0
SMS_SECONDS = 5.0


class ChatStroll:
    """The walk, from the first word to the end."""

    def __init__(self, world: ChatWorld) -> None:
        self._world = world
        self._room = Room(BUYER, [BUYER])
        self._person = ChatPerson(world, BUYER, [self._room])
        self.points: list[str] = []
        for chat_id in (BUYER, *OWNERS):
            world.telegram.add(chat_id)
        world.provider.on_sale = self._plan_sms

    async def play(self, crash_at: int | None) -> None:
        """Enter calmly, then walk; the process dies at the point of that number."""
        owner = asyncio.ensure_future(ChatOwner(self._world).watch())
        await self._person.enter(self._room)
        await asyncio.sleep(30.0)
        owner.cancel()
        self._world.on_point = self.points.append
        if crash_at is not None:
            self._world.crash_at = self._world.points + crash_at
        await self._walk()
        await self._world.come_to_rest(REST_SECONDS)
        await self._world.know(REST_SECONDS)
        self._world.on_point = lambda _: None
        self._world.check_end()
        ends = [row["state"] for row in self._world.books.rows("SELECT state FROM activations")]
        if len(ends) != 1 or ends[0] not in ENDS:
            self._world.fail(f"the walk ended as {ends}")

    async def _walk(self) -> None:
        sent, kind = self._world.write(BUYER, BUYER, "/buy"), None
        while kind is not Confirm:
            message = await self._screen(sent)
            kind, data = _next_step(message)
            await asyncio.sleep(1.0)
            sent = self._world.press(BUYER, message, data)

    async def _screen(self, sent: Sent) -> Message:
        for _ in range(round(SCREEN_SECONDS)):
            if sent.shown:
                return sent.shown[-1]
            await asyncio.sleep(1.0)
        self._world.fail(f"no screen came for update {sent.id} ({sent.text or sent.data})")
        await asyncio.Event().wait()
        raise AssertionError

    def _plan_sms(self, sale: Sale) -> None:
        self._world.loop.call_later(SMS_SECONDS, self._world.receive, sale)


def _next_step(message: Message) -> tuple[type, str]:
    offered = buttons_of(message)
    return next((kind, data) for kind in WAY for data in offered if isinstance(decode(data), kind))


def take_chat_walk(crash_at: int | None = None) -> list[str]:
    """Take the walk with a crash at one point; give the points that were passed.

    Raises:
        BrokenPromiseError: a promise does not hold.
    """

    async def main(loop: VirtualLoop) -> list[str]:
        seed = f"walk:{CHAT_WALK}:{crash_at or 0}"
        world = ChatWorld(loop, seed, Path(folder), RULES_OF_WALKS)
        random.seed(seed)  # the product draws its pauses from it
        stroll = ChatStroll(world)
        await world.run(stroll.play(crash_at))
        return stroll.points

    with TemporaryDirectory() as folder:
        new_file(Path(folder))
        return run_virtually(main)
