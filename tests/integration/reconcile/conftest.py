"""The workflows that move money, on either database, against SpotSMS on loopback."""

from collections.abc import AsyncIterator

import pytest

from bot.storage.database import Database
from tests.integration.reconcile.shop import Shop, open_shop


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    """Give a shop whose ledger is open: the balance has been read once."""
    async with open_shop(database) as shop:
        yield shop
