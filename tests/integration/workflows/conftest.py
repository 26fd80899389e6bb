"""The workflows against SpotSMS on loopback; other tests compare the two kinds of database."""

from collections.abc import AsyncIterator

import pytest

from bot.storage.database import Database
from tests.integration.reconcile.shop import Shop, open_shop


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Give the URL of an empty database."""
    return sqlite_url


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    """Give a shop whose ledger is open: the balance has been read once."""
    async with open_shop(database) as shop:
        yield shop
