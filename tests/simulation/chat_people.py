"""People who chat: they write and press what they see, twice, too late, and what is not theirs."""

import asyncio
from collections.abc import Callable

from bot.chat.buttons import (
    AskAccess,
    AskOutcome,
    CancelNumber,
    Confirm,
    DecideAccess,
    DecideOutcome,
    PickCountry,
    PickOffer,
    Reveal,
    SearchCountries,
    SearchServices,
    ShowCountries,
    ShowNumber,
    ShowServices,
)
from bot.chat.codec import Button, decode, encode
from tests.simulation.chat_telegram import Sent, buttons_of
from tests.simulation.chat_world import ChatWorld
from tests.simulation.people import Person, Room
from tests.simulation.spotsms import COUNTRIES, SOLD
from tests.simulation.telegram_world import Message
from tests.simulation.world import OWNERS

LOOKS_SECONDS = 25.0
"""For so long somebody looks at a screen that does not change."""
MOST_STEPS = 12
WAY = (Confirm, PickOffer, PickCountry, ShowCountries, ShowServices)
"""The way to a purchase: whatever of this a screen offers first is the next step."""
COUNTRY_NAMES = dict(zip(COUNTRIES, ("us", "tr", "is"), strict=True))
SMALL_TALK = (
    "/start",
    "/help",
    "/numbers",
    "/history",
    "/balance",
    "/cancel",
    "/nonsense",
    "/cancel 1",
    "/buy@numbers_bot",
    "/buy qqqq",
)
FORGED = ("", "b1:", "b1:y:0123456789abcdef", "b2:s:b:0", "b1:s:-b:0", "b1:k:zzzzzzzzzzzzz", "💥")


class ChatPerson(Person):
    """Somebody who uses the bot as people do: through what is on their screen."""

    _world: ChatWorld

    def __init__(self, world: ChatWorld, user_id: int, rooms: list[Room]) -> None:
        super().__init__(world, user_id, rooms)
        self._telegram = world.chats

    async def enter(self, room: Room) -> None:
        """Speak to the bot, ask for access, and be let in by the owner."""
        while not self._world.is_approved(room.id):
            message = await self.say(room, "/start")
            asking = _offered(message, AskAccess) if message else None
            if message and asking:
                await self.press(message, asking)
                await self._until(lambda: self._world.is_approved(room.id), 60.0)

    async def live(self, is_over: Callable[[], bool], pause: float) -> None:
        """Buy now and then, and do other things in between, until it is over."""
        while True:
            await asyncio.sleep(self._random.expovariate(1 / pause))
            if is_over():
                return
            room = self._random.choice(self.rooms)
            if self._telegram.chats[room.id].refusal is None:
                await self._random.choices([self.buy, self._fiddle], [3, 2])[0](room)

    async def buy(self, room: Room) -> None:
        """Go from /buy to Confirm, as far as the screens lead."""
        is_admin = self.id in self._telegram.admins.get(room.id, ())
        is_anonymous = is_admin and self._random.random() < 0.2
        if is_anonymous:
            self._world.weather.note("chat", "an anonymous admin buys")
        message = await self.say(room, self._beginning(), is_anonymous=is_anonymous)
        for _ in range(MOST_STEPS):
            if message is None:
                self._world.weather.note("chat", "somebody gave up")
                return
            data = self._next_step(message)
            if data is None:
                return
            await asyncio.sleep(self._random.uniform(0.3, 4.0))
            button = decode(data)
            if isinstance(button, Confirm):
                message = await self._buy_it(room, message, data, button)
                if message is None:
                    return
            elif isinstance(button, SearchServices | SearchCountries):
                message = await self._search(room, message, data)
            else:
                message = await self.press(message, data) or await self.press(message, data)

    # What a person does with a screen.

    async def say(
        self, room: Room, text: str, *, reply_to: Message | None = None, is_anonymous: bool = False
    ) -> Message | None:
        """Write, and give what the bot answers; None where nothing comes."""
        sent = self._world.write(
            self.id, room.id, text, reply_to=reply_to, is_anonymous=is_anonymous
        )
        return await self._see(sent)

    async def press(self, message: Message, data: str) -> Message | None:
        """Press, sometimes twice, and give the screen that follows."""
        if self._random.random() < 0.1:
            self._world.weather.note("chat", "tapped twice")
            self._world.press(self.id, message, data)
        return await self._see(self._world.press(self.id, message, data))

    async def _see(self, sent: Sent) -> Message | None:
        await self._until(lambda: bool(sent.shown), LOOKS_SECONDS, sent)
        return sent.shown[-1] if sent.shown else None

    async def _until(
        self, is_so: Callable[[], bool], seconds: float, sent: Sent | None = None
    ) -> None:
        end = self._loop.time() + seconds
        while not is_so() and self._loop.time() < end:
            if sent is None:
                await asyncio.sleep(0.5)
                continue
            sent.moved.clear()
            try:
                await asyncio.wait_for(sent.moved.wait(), end - self._loop.time())
            except TimeoutError:
                return

    def _beginning(self) -> str:
        catalogue = self._world.provider.exchange.catalogue
        name = catalogue.services[self._random.choice(SOLD)].name
        country = self._random.choice(("us", "tr", "is"))
        return self._random.choice(["/buy", "/buy", f"/buy {name}", f"/buy {name} {country}"])

    def _next_step(self, message: Message) -> str | None:
        offered = buttons_of(message)
        if self._random.random() < 0.1 and offered:
            return self._random.choice(offered)
        for kind in WAY:
            steps = [one for one in offered if isinstance(decode(one), kind)]
            if steps:
                return self._random.choice(steps)
        return None

    async def _search(self, room: Room, message: Message, data: str) -> Message | None:
        """Press Search, and type: in a group as a reply to the bot's question."""
        question = await self.press(message, data)
        if question is None:
            return None
        catalogue = self._world.provider.exchange.catalogue
        text = catalogue.services[self._random.choice(SOLD)].name
        if isinstance(decode(data), SearchCountries):
            text = self._random.choice(("us", "tr", "is"))
        self._world.weather.note("chat", "searched")
        reply_to = question if room.id < 0 else None
        return await self.say(room, text, reply_to=reply_to)

    # Buying, and what comes after.

    async def _buy_it(
        self, room: Room, message: Message, data: str, button: Confirm
    ) -> Message | None:
        """Press Confirm, perhaps more than once; give the screen where there is another step."""
        taps = [self._world.press(self.id, message, data)]
        self._world.weather.note("chat", "confirmed")
        if self._random.random() < 0.25:
            await asyncio.sleep(self._random.choice([0.0, 0.1, 2.0, 9.0]))
            taps.append(self._world.press(self.id, message, data))
            self._world.weather.note("chat", "confirmed twice")
        if len(room.members) > 1 and self._random.random() < 0.3:
            other = self._random.choice([one for one in room.members if one != self.id])
            self._world.press(other, message, data)
            self._world.weather.note("chat", "pressed another's button")
        await self._until(lambda: self._bought(button) > 0, LOOKS_SECONDS)
        activation_id = self._bought(button)
        if activation_id:
            await self._afterwards(activation_id, room)
            return None
        shown = [one for tap in taps for one in tap.shown]
        return shown[-1] if shown and self._random.random() < 0.6 else None

    def _bought(self, button: Confirm) -> int:
        rows = self._world.books.rows(
            "SELECT id FROM activations WHERE quote_id = ?", button.quote_id
        )
        return int(rows[0]["id"]) if rows else 0

    async def _afterwards(self, activation_id: int, room: Room) -> None:
        """Keep the number, or give it back: at leisure, with the SMS, or at the very end."""
        chance = self._random.random()
        if chance < 0.25:
            await asyncio.sleep(self._random.uniform(0.0, 20.0))
        elif chance < 0.35:
            at = self._world.sms_at.get(activation_id, self._loop.time() + 5.0)
            await asyncio.sleep(max(0.0, at - self._loop.time() + self._random.gauss(0.0, 0.3)))
        elif chance < 0.4:
            await asyncio.sleep(self._random.uniform(100.0, 125.0))
        else:
            return
        by = self.id
        admins = self._telegram.admins.get(room.id, ())
        if len(room.members) > 1 and self._random.random() < 0.3:
            by = self._random.choice(room.members)
        note = "an admin" if by in admins else "the buyer" if by == self.id else "another member"
        self._world.weather.note("chat", f"{note} cancels")
        card = self._card(activation_id, room)
        for _ in range(self._random.choice([1, 1, 2])):
            if card and self._random.random() < 0.8:
                self._world.press(by, card, encode(CancelNumber(activation_id)))
            else:
                self._world.write(by, room.id, f"/cancel {activation_id}")

    def _card(self, activation_id: int, room: Room) -> Message | None:
        seen = self._telegram.pressable.get(room.id, [])
        mine = encode(CancelNumber(activation_id))
        return next((message for message, data in reversed(seen) if data == mine), None)

    # Everything else that people do.

    async def _fiddle(self, room: Room) -> None:
        acts = [self._talk, self._press_something, self._press_something, self._forge]
        self._random.choice(acts)(room)

    def _talk(self, room: Room) -> None:
        if room.id < 0 and self._random.random() < 0.2:
            self._world.write(self.id, room.id, "hello all", wants_answer=False)
            return
        text = self._random.choice(SMALL_TALK)
        is_known = text != "/nonsense" or room.id > 0
        self._world.write(self.id, room.id, text, wants_answer=is_known)
        self._world.weather.note("chat", text)

    def _press_something(self, room: Room) -> None:
        """Press what was shown here at any time, to whomever."""
        seen = self._telegram.pressable.get(room.id, [])
        if seen:
            message, data = self._random.choice(seen)
            is_old = self._random.random() < 0.2
            self._world.press(self.id, message, data, is_old=is_old)
            self._world.weather.note("chat", "pressed an old button")

    def _forge(self, room: Room) -> None:
        """Send callback data that no button here has: what is somebody else's, or nonsense."""
        seen = self._telegram.pressable.get(room.id, [])
        if not seen:
            return
        message, _ = self._random.choice(seen)
        self._world.press(self.id, message, self._forged())
        self._world.weather.note("chat", "forged a press")

    def _forged(self) -> str:
        some_id = self._random.randrange(1, 60)
        everywhere = [data for seen in self._telegram.pressable.values() for _, data in seen]
        kinds: list[Button] = [
            CancelNumber(some_id),
            Reveal(some_id, some_id),
            ShowNumber(some_id),
            DecideAccess(self.id, True),
            DecideOutcome(some_id, False),
            AskOutcome(some_id, True),
            ShowServices(self._random.choice([0, 11, 12])),
            ShowCountries(self.id, "~aaaaaaaa"),
        ]
        forged = encode(self._random.choice(kinds))
        return self._random.choice([forged, forged, *everywhere[-1:], *FORGED])


class ChatOwner:
    """Lets chats in, and settles what nobody else can, with the buttons that the bot sends."""

    def __init__(self, world: ChatWorld) -> None:
        self._world = world
        self.id = OWNERS[0]

    async def watch(self) -> None:
        """Let in whoever asks."""
        done = 0
        while True:
            await asyncio.sleep(1.0)
            seen = self._world.chats.pressable.get(self.id, [])
            for message, data in seen[done:]:
                button = decode(data)
                if isinstance(button, DecideAccess) and button.approve:
                    self._world.press(self.id, message, data)
            done = len(seen)

    async def decide(self, activation_id: int, *, charged: bool) -> None:
        """Say what became of a purchase, as often as it takes."""
        message = self._world.chats.pressable[self.id][0][0]
        self._world.press(self.id, message, encode(AskOutcome(activation_id, charged)))
        await asyncio.sleep(5.0)
        while self._world.is_unknown(activation_id):
            self._world.press(self.id, message, encode(DecideOutcome(activation_id, charged)))
            await asyncio.sleep(10.0)


def _offered(message: Message, kind: type[Button]) -> str | None:
    return next((one for one in buttons_of(message) if isinstance(decode(one), kind)), None)
