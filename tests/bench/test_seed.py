"""What benches begin with is a real installation."""

from bot.storage.database import Database
from bot.workflows.verify import verify
from tests.bench.seed import BATCH, NUMBERS_PER_CHAT, seed


async def test_the_ledger_of_seeded_numbers_adds_up(database_url: str) -> None:
    await seed(database_url, [0] * (BATCH + NUMBERS_PER_CHAT))
    async with Database(database_url) as database:
        assert await verify(database) == []
