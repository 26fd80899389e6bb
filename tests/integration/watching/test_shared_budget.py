"""Replicas on one PostgreSQL ask the provider no more often than one of them might."""

import time

import pytest

from bot.storage.database import Database
from bot.workflows.budget import AHEAD_SECONDS, FAILED_LEAST, MOST_DEBT_SECONDS, RateBudget
from tests.bench.seed import seed
from tests.integration.watching.crowd import Silence, watch, watching

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]
RATE = 100.0
NOW = 1_800_000_000_000


def within_one(count: float) -> range:
    """Give what rounding may make of a count."""
    return range(int(count), int(count) + 2)


class Side:
    """A process's budget, with a monotonic clock of its own."""

    def __init__(self, database: Database, zero: float, most: float = RATE) -> None:
        self._database = database
        self.seconds = zero
        self._zero = zero
        self.budget = RateBudget(most, lambda: self.seconds)

    async def claim(self, most: int = 10_000) -> list[float]:
        """Claim as many polls as fit; give when they begin, in seconds since the test began."""
        async with self._database.write() as connection:
            passed = self.seconds - self._zero
            await self.budget.draw(connection, NOW + round(passed * 1000))
            waits = self.budget.reserve(min(most, self.budget.room()))
            await self.budget.settle(connection)
        return [passed + wait for wait in waits]


@pytest.fixture
def two(database: Database) -> tuple[Side, Side]:
    """Give two processes that started their clocks at different times."""
    return Side(database, 7.0), Side(database, 80_000.0)


async def test_moments_that_one_has_taken_are_not_the_other_s(two: tuple[Side, Side]) -> None:
    first, second = two
    begins = await first.claim(10) + await second.claim(10) + await first.claim()
    assert begins == sorted(begins)
    assert len(begins) in within_one(RATE * AHEAD_SECONDS)
    assert await second.claim() == []


async def test_together_they_keep_the_rate(two: tuple[Side, Side]) -> None:
    begins: list[float] = []
    for _ in range(40):
        for side in two:
            begins += await side.claim()
            for one in two:
                one.seconds += 0.07
    begins.sort()
    assert len(begins) == pytest.approx(RATE * 40 * 2 * 0.07, rel=0.1)
    for first in begins:
        assert sum(1 for one in begins if first <= one < first + 1) <= RATE + 1


async def test_money_calls_of_one_are_paid_by_polls_of_both(two: tuple[Side, Side]) -> None:
    first, second = two
    for _ in range(50):
        first.budget.take()
    assert await first.claim() == []
    assert await second.claim() == []
    second.seconds += 0.5
    assert len(await second.claim()) in within_one(RATE * AHEAD_SECONDS)


async def test_what_one_is_refused_makes_both_slower(two: tuple[Side, Side]) -> None:
    first, second = two
    await first.claim(0)
    for side in two:
        side.seconds += 10
    for _ in range(FAILED_LEAST):
        first.budget.failed()
    await first.claim(0)
    await second.claim(0)
    assert second.budget.rate == first.budget.rate == RATE / 2
    for _ in range(FAILED_LEAST):
        second.budget.failed()  # the same moment: both were refused for one reason
    await second.claim(0)
    assert second.budget.rate == RATE / 2
    for side in two:
        side.seconds += 1
    second.budget.succeeded()
    await second.claim(0)
    await first.claim(0)
    assert first.budget.rate == second.budget.rate > RATE / 2


async def test_a_moment_in_a_far_future_is_not_believed(database: Database) -> None:
    ahead, right = Side(database, 0.0), Side(database, 5.0)
    ahead.seconds += 10 * MOST_DEBT_SECONDS
    await ahead.claim()
    assert await right.claim()


async def test_two_watches_ask_no_more_often_than_one_might(
    database_url: str, database: Database
) -> None:
    await seed(database_url, [round(time.time() * 1000) - 60_000] * 250)
    provider = Silence()
    async with Database(database_url) as other:
        sides = watch(database, provider, RATE), watch(other, provider, RATE)
        async with watching(*sides):
            await provider.until_asked(250)
    assert len({number for _, number in provider.asked}) == len(provider.asked) == 250
    assert provider.most_in_a_second() <= RATE * 1.15
