"""How long SMS take is learned from the activations themselves, on either database."""

from dataclasses import replace

from sqlalchemy import update

from bot.domain.polling import ENOUGH_CODES, Plan
from bot.ops import Metrics
from bot.storage.database import Database
from bot.storage.tables import activations
from bot.workflows.kit import Kit
from bot.workflows.learning import HISTORY_SECONDS, LEARN_SECONDS, Learning
from bot.workflows.worker import Calls, Signals
from tests.bench.seed import seed
from tests.integration.reconcile.shop import RULES, HandClock
from tests.integration.watching.crowd import Silence

SMS_SECONDS = 25
NOW = HandClock().now()
SEEN = {"first_code_at": NOW + SMS_SECONDS * 1000, "missed_at": NOW + SMS_SECONDS * 1000 - 10_000}


async def history(url: str, codes: int) -> None:
    """Leave numbers of which so many got an SMS soon, and half as many never any."""
    await seed(url, [0] * (codes + codes // 2))
    async with Database(url) as database, database.write() as connection:
        ended = {"bought_at": NOW, "closed_at": NOW + 1_140_000, "next_poll_at": None}
        await connection.execute(update(activations).values(ended))
        got_one = activations.c.id <= codes
        await connection.execute(update(activations).where(got_one).values(SEEN))


class School:
    """A process that learns, with a clock set by hand."""

    def __init__(self, database: Database) -> None:
        self.clock = HandClock()
        self.clock.forward(1140)
        self._database = database
        self._kit = Kit(
            database=database,
            provider=Silence(),  # type: ignore[arg-type]  # nobody is asked
            clock=self.clock,
            signals=Signals(),
            calls=Calls(),
            meter=Metrics(),
            rules=replace(RULES, poll_floor=3.0),
            monotonic=lambda: self.clock.now() / 1000,
        )
        self._learning = Learning(self._kit)

    async def lesson(self) -> Plan | None:
        """Learn if it is time to, and give the plan for what the history knows."""
        await self._learning.step()
        async with self._database.read() as connection:
            known = (await connection.execute(activations.select().limit(1))).one()
        return self._kit.plans.of(known.service_id, known.country_code)


async def test_looks_are_close_where_codes_came_and_rare_where_none_did(database_url: str) -> None:
    await history(database_url, ENOUGH_CODES)
    async with Database(database_url) as database:
        plan = await School(database).lesson()
    assert plan
    assert plan.following(SMS_SECONDS - 5.0) <= SMS_SECONDS
    assert plan.following(300.0) > 310


async def test_what_was_learned_outlives_the_process(database_url: str) -> None:
    await history(database_url, ENOUGH_CODES)
    async with Database(database_url) as database:
        before, after = await School(database).lesson(), await School(database).lesson()
    assert before
    assert after
    assert before.following(20.0) == after.following(20.0)


async def test_it_learns_now_and_then_and_nothing_from_few_codes(database_url: str) -> None:
    await history(database_url, ENOUGH_CODES - 1)
    async with Database(database_url) as database:
        school = School(database)
        assert await school.lesson() is None
        async with database.write() as connection:
            await connection.execute(update(activations).values(SEEN))
        assert await school.lesson() is None
        school.clock.forward(LEARN_SECONDS)
        assert await school.lesson()


async def test_what_is_long_ago_is_forgotten(database_url: str) -> None:
    await history(database_url, ENOUGH_CODES)
    async with Database(database_url) as database:
        school = School(database)
        assert await school.lesson()
        school.clock.forward(HISTORY_SECONDS)
        assert await school.lesson() is None
