"""After an outage everything is due at once: it is looked at soon, evenly, and not so again."""

import time
from itertools import pairwise

import pytest

from bot.domain.schedule import SPREAD_SHARE
from bot.storage.database import Database
from bot.workflows.watch import MARGIN_MS
from tests.bench.seed import seed
from tests.databases import SQLITE_FIRST
from tests.integration.reconcile.shop import RULES
from tests.integration.watching.crowd import Silence, next_looks, watch, watching

INTERVAL = RULES.poll_interval
HOUR_AGO = -3_600_000


async def overdue(url: str, numbers: int) -> None:
    """Leave so many numbers that were to be looked at long ago."""
    await seed(url, [round(time.time() * 1000) + HOUR_AGO] * numbers)


@pytest.fixture
async def crowded(database_url: str) -> str:
    """Give the URL of a database with numbers that are all overdue."""
    await overdue(database_url, 400)
    return database_url


async def test_what_was_overdue_together_drifts_apart_and_is_hardly_later_for_it(
    crowded: str,
) -> None:
    provider = Silence()
    async with Database(crowded) as database:
        async with watching(watch(database, provider, 1000.0)):
            await provider.until_asked(400)
        looks = sorted(await next_looks(database))
    assert len({number for _, number in provider.asked}) == len(provider.asked) == 400
    assert looks[-1] - looks[0] >= SPREAD_SHARE * INTERVAL * 1000
    latest = time.time() * 1000 + INTERVAL * (1 + SPREAD_SHARE) * 1000
    assert looks[-1] <= latest + MARGIN_MS  # a look is planned to begin as much late
    assert max(after - before for before, after in pairwise(looks)) <= INTERVAL * 1000 / 10
    assert looks[0] >= time.time() * 1000 + (INTERVAL - 10) * 1000


@pytest.mark.timing
@pytest.mark.parametrize("database_url", SQLITE_FIRST, indirect=True)
async def test_ten_thousand_overdue_numbers_are_all_looked_at_within_an_interval(
    database_url: str,
) -> None:
    await overdue(database_url, 10_000)
    provider = Silence()
    async with Database(database_url) as database:
        start = time.monotonic()
        async with watching(watch(database, provider, 1500.0)):
            await provider.until_asked(10_000)
    first, last = provider.asked[0][0], provider.asked[-1][0]
    assert first - start <= 2
    assert last - start <= INTERVAL
    assert provider.most_in_a_second() <= 1500 * 1.2, "a machine that stalls bunches a few"
