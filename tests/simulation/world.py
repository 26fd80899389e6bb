"""One simulated installation: the bot's processes one after the other, and their world."""

import asyncio
import hashlib
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.domain.chat import Limits
from bot.workflows.confirmation import Confirmation, Replayed, Started
from bot.workflows.rules import Rules
from bot.workflows.verify import verify
from tests.simulation.clockwork import VirtualLoop
from tests.simulation.process import Process
from tests.simulation.spotsms import TIMEOUT, Sale, SpotSmsWorld
from tests.simulation.storage import DeadError, Gate
from tests.simulation.telegram_world import TelegramWorld
from tests.simulation.truth import Books
from tests.simulation.weather import Weather

OWNERS = (1, 2)
PATIENCE_MS = 90_000
KEEP_SECONDS = 10.0
SHOWN_STEP = 10_000
FIRST_CODE = 77_000_000

RULES = Rules(
    owner_ids=OWNERS,
    open_to_all=False,
    limits=Limits(daily=10_000_000, open_at_once=4),
    patience=TIMEOUT,
    deadline=3 * TIMEOUT,
    poll_interval=8.0,
    max_rps=50.0,
    activation_ttl=120.0,
    cancel_min_age=0.0,
    low_balance=5_000_000,
    retention_days=30,
)


UNFINISHED = (
    "SELECT 'activation', id, state, next_poll_at, cancel_at FROM activations WHERE state IN"
    " ('requested', 'waiting', 'received', 'cancelling') UNION ALL"
    " SELECT 'outbox', id, key, due_at, problem FROM outbox WHERE status = 'pending'"
)
BUYERS = "SELECT id, user_id FROM activations"


class BrokenPromiseError(AssertionError):
    """A promise does not hold; the text says which, under which seed, and what went before."""

    def __init__(self, promise: str, story: str) -> None:
        super().__init__(story)
        self.promise = promise


@dataclass(eq=False)
class Update:
    """Something that a person does; handled again after a crash until it has been handled."""

    what: str
    run: Callable[[Process], Awaitable[Any]]
    done: "asyncio.Future[Any]" = field(repr=False)


class World:
    """Everything that one seed decides."""

    def __init__(self, loop: VirtualLoop, seed: str, folder: Path, rules: Rules = RULES) -> None:
        self.loop = loop
        self.seed = seed
        self.rules = rules
        self.weather = Weather(self.stream("weather"))
        self.provider = SpotSmsWorld(
            loop, self.stream("provider"), self.weather, rules.activation_ttl
        )
        self.telegram = TelegramWorld(loop, self.weather)
        self.path = folder / "bot.db"
        self.books = Books(self.path, self.rules)
        self.process: Process | None = None
        self.wall_offset = 0.0
        self.crash_at: int | None = None
        self.points = 0
        self.on_point: Callable[[str], None] = lambda _: None
        self.restarts = 0
        self.down_seconds: Callable[[], float] = lambda: 1.0
        self.codes: dict[str, Sale] = {}
        self.bought: dict[str, int] = {}
        self.sms_at: dict[int, float] = {}
        self.history: list[str] = []
        self._digest = hashlib.sha256()
        self._updates: list[Update] = []
        self._errands: list[asyncio.Future[Any]] = []
        self._crashed = asyncio.Event()
        self._clear_since = 0.0
        self.failure: asyncio.Future[str] = loop.create_future()

    def stream(self, name: str) -> random.Random:
        """Give a source of chance that no other part draws from."""
        return random.Random(f"{self.seed}/{name}")  # noqa: S311 - repeatable, not secret

    @property
    def digest(self) -> str:
        """Give the fingerprint of all that has happened."""
        return self._digest.hexdigest()

    def note(self, what: str) -> None:
        """Remember something that happened."""
        line = f"{self.loop.time():10.3f} {what}"
        self.history.append(line)
        self._digest.update(line.encode())

    def fail(self, problem: str) -> None:
        """Stop everything: a promise is broken."""
        if not self.failure.done():
            self.note(f"BROKEN {problem}")
            self.failure.set_result(problem)
            if self.process:
                self.process.gate.is_open = False

    async def run(self, scenario: Coroutine[Any, Any, None]) -> None:
        """Play a scenario to its end.

        Raises:
            BrokenPromiseError: something that must hold does not.
        """
        watch = ErrorWatch(self)
        self.loop.set_exception_handler(self._on_stray_error)
        logs = logging.getLogger("bot")
        logs.addHandler(watch)
        logs.propagate = False
        logging.getLogger("sqlalchemy.pool").disabled = True  # what a dead process leaves open
        living = asyncio.ensure_future(self._live())
        playing = asyncio.ensure_future(scenario)
        try:
            parts: set[asyncio.Future[Any]] = {playing, living, self.failure}
            await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            if living.done():
                living.result()
            self.check_truth()
            if self.failure.done():
                problem = self.failure.result()
                raise BrokenPromiseError(problem, self._story(problem))
            await playing
        finally:
            logs.removeHandler(watch)
            logs.propagate = True
            logging.getLogger("sqlalchemy.pool").disabled = False
            await _end(living, playing)
            if self.process:
                await self.process.bury()
            self.books.close()

    def _on_stray_error(self, _: object, context: dict[str, Any]) -> None:
        """An error that nobody waits for is one of the bot's, unless it is its death."""
        if not isinstance(context.get("exception"), DeadError):
            self.telegram.wrongs.append(f"a stray error: {context}")

    def _story(self, problem: str) -> str:
        tail = "\n".join(self.history[-60:])
        return (
            f"{tail}\n\nseed {self.seed}: {problem}\n"
            f"replay: python -m tests.simulation --seed '{self.seed}'"
        )

    # Time and clocks.

    def wall(self) -> float:
        """Give what the machine's clock shows, which somebody may have changed."""
        return self.loop.unix() + self.wall_offset

    def disturbed(self) -> None:
        """Note that things may rightly take longer for a while."""
        self._clear_since = max(self._clear_since, self.loop.time())

    # The process.

    def crash(self, why: str) -> None:
        """Kill the process here and now; what it had not committed or sent is gone."""
        if self.process and self.process.gate.is_open:
            self.note(f"CRASH {why}")
            self.weather.note("process", "crashed")
            self.process.gate.is_open = False
            self.process.gate.closed_at = self.loop.time()
            self._crashed.set()

    async def _live(self) -> None:
        """Start the bot again each time it has died."""
        while True:
            gate = Gate(self.restarts, self._at_point)
            self.process = self._new_process(gate)
            self._crashed.clear()
            self.disturbed()
            self.note(f"start {self.restarts}")
            started = self.process.begin(self.process.start())
            dying = asyncio.ensure_future(self._crashed.wait())
            await asyncio.wait({started, dying}, return_when=asyncio.FIRST_COMPLETED)
            if gate.is_open:
                started.result()
                self.process.is_running = True
                self._handle_again()
            await dying
            await self.process.bury()
            with suppress(BaseException):
                started.result()
            self.restarts += 1
            self.check_truth()
            await asyncio.sleep(self.down_seconds())

    async def restart_politely(self) -> None:
        """End the process as SIGTERM does, and let it start again."""
        process = self.process
        if process and process.gate.is_open:
            self.weather.note("process", "stopped politely")
            await asyncio.wait({process.begin(process.stop())})
            self.crash("after a polite stop")

    def _new_process(self, gate: Gate) -> Process:
        return Process(
            self.loop,
            gate,
            self.path,
            provider=self.provider,
            telegram=self.telegram,
            rules=self.rules,
            rng=self.stream(f"process {gate.number}"),
            wall=self.wall,
            on_commit=self._committed,
        )

    def _at_point(self, what: str) -> None:
        self.points += 1
        self.on_point(what)
        if self.points == self.crash_at:
            self.crash(what)

    # What people do.

    async def act(self, what: str, run: Callable[[Process], Awaitable[Any]]) -> Any:  # noqa: ANN401 - whatever the act gives
        """Let somebody do something, and wait until the bot has handled it."""
        update = Update(what, run, self.loop.create_future())
        self._updates.append(update)
        self.note(f"update: {what}")
        if self.process and self.process.gate.is_open and self.process.is_running:
            self.process.begin(self._handle(self.process, update))
        return await update.done

    def _handle_again(self) -> None:
        for update in list(self._updates):
            if self.process:
                self.process.begin(self._handle(self.process, update))

    async def _handle(self, process: Process, update: Update) -> None:
        try:
            result = await update.run(process)
        except (DeadError, asyncio.CancelledError):
            return
        except Exception as error:  # noqa: BLE001 - a handler must never fail
            if process.gate.is_open:
                update.done.set_exception(error)
            return
        if process.gate.is_open and not update.done.done():
            self._updates.remove(update)
            self.note(f"handled: {update.what} -> {type(result).__name__}")
            update.done.set_result(result)

    # What must be true.

    def is_expected(self, _: logging.LogRecord) -> bool:
        """Tell whether the bot has reason to log an error: people here give it none."""
        return False

    def _committed(self) -> None:
        for problem in self.books.after_commit():
            self.fail(problem)

    def check_truth(self) -> None:
        """Hold the books against the provider and the chats."""
        for problem in self.books.against(self.provider):
            self.fail(problem)
        for problem in self.telegram.wrongs:
            self.fail(problem)
        self._check_chats()

    def check_time(self) -> None:
        """Check that nothing is left lying, where there is no excuse for it."""
        process = self.process
        excused = self._clear_since + PATIENCE_MS / 1000 > self.loop.time()
        if process and process.gate.is_open and process.is_running and not excused:
            for problem in self.books.on_time(process.kit.clock.now(), PATIENCE_MS):
                self.fail(problem)
            for problem in self.books.codes_kept(self.provider, self.loop.time() - KEEP_SECONDS):
                self.fail(problem)

    def confirmed(self, quote_id: str, outcome: Confirmation | None) -> None:
        """Note what a tap led to: one quote is one activation, however often it is confirmed."""
        self.weather.note("confirmation", type(outcome).__name__)
        if isinstance(outcome, Started | Replayed):
            first = self.bought.setdefault(quote_id, outcome.activation.id)
            if outcome.activation.id != first:
                self.fail(f"quote {quote_id} bought {first} and {outcome.activation.id}")

    def _check_chats(self) -> None:
        """A code belongs to its buyer alone."""
        buyers = {row["id"]: row["user_id"] for row in self.books.rows(BUYERS)}
        for token, chats in self.telegram.seen.items():
            sale = self.codes.get(token)
            if sale is None:
                self.fail(f"code {token} was never sent")
            elif chats - {buyers[sale.activation_id]}:
                user_id = buyers[sale.activation_id]
                self.fail(f"code {token} of user {user_id} was shown in {chats}")

    def comes_back(self, chat_id: int) -> None:
        """A chat that could not be reached can be again; the bot is told, as Telegram does."""
        self.telegram.chats[chat_id].refusal = None
        self.disturbed()
        coming = self.act(
            f"chat {chat_id} is back", lambda process: process.delivery.unpark(chat_id)
        )
        self._errands.append(asyncio.ensure_future(coming))

    def counters(self) -> Counter[str]:
        """Give how often everything happened."""
        return self.weather.fired + self.books.steps

    async def come_to_rest(self, most: float) -> None:
        """Wait until nothing is open any more."""
        end = self.loop.time() + most
        while self.loop.time() < end:
            await asyncio.sleep(10.0)
            if not self.books.rows(UNFINISHED):
                return
        for row in self.books.rows(UNFINISHED):
            self.fail(f"never came to rest: {dict(row)}")

    async def verify(self) -> None:
        """Let the bot verify its ledger, and compare what it thinks is left with what is."""
        for difference in await self.act("verifies", lambda process: verify(process.database)):
            self.fail(f"the bot finds: {difference}")
        expected = self.books.balance_of("provider")
        left = int(self.provider.exchange.balance * 1_000_000)
        if abs(expected - left) >= SHOWN_STEP:
            self.fail(f"{left} is left at SpotSMS, and {expected} in the books")

    def check_end(self) -> None:
        """Check what must be true when all is over."""
        self.check_truth()
        for problem in self.books.at_the_end(self.provider, self.telegram):
            self.fail(problem)

    def receive(self, sale: Sale) -> None:
        """Let an SMS with a code of its own arrive at a number."""
        token = str(FIRST_CODE + len(self.codes))
        self.codes[token] = sale
        service = self.provider.exchange.catalogue.service_of(sale.purchase.pid).name
        text = token if len(self.codes) % 3 else f"Your {service} code is {token}"
        self.provider.exchange.send_sms(sale.purchase.number, text)
        self.note(f"SMS {token} for activation {sale.activation_id} ({sale.purchase.state})")
        self.weather.note("sms", f"on a number that is {sale.purchase.state}")


async def _end(*tasks: asyncio.Task[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class ErrorWatch(logging.Handler):
    """The bot logs an error of its own only where something is wrong with it."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        process = self._world.process
        if process and process.gate.is_open and not self._is_expected(record):
            self._world.telegram.wrongs.append(f"an error of the bot's own: {self.format(record)}")

    def _is_expected(self, record: logging.LogRecord) -> bool:
        return _is_about_death(record) or self._world.is_expected(record)


def _is_about_death(record: logging.LogRecord) -> bool:
    error = record.exc_info[1] if record.exc_info else None
    while error is not None:
        if isinstance(error, DeadError):
            return True
        error = error.__cause__ or error.__context__
    return False
