"""The workflows that move money, on either database, against SpotSMS on loopback."""

from collections.abc import AsyncIterator

import pytest

from bot.provider import SpotSms
from bot.sandbox.serve import serve
from bot.sandbox.spotsms import SpotSmsSandbox
from bot.storage import chats
from bot.storage.database import Database
from tests.integration.reconcile.shop import CHAT, KEY, Shop


@pytest.fixture
async def shop(database: Database) -> AsyncIterator[Shop]:
    """Give a shop whose ledger is open: the balance has been read once."""
    sandbox = SpotSmsSandbox(keys={KEY}, balance="50.00")
    sandbox.set_price("0948", "0.25")
    async with database.write() as connection:
        await chats.remember_chat(connection, CHAT, "private", "Anna", 1)
    async with (
        serve(sandbox.application()) as url,
        SpotSms(url + sandbox.url_path, KEY, timeout=5) as provider,
    ):
        shop = Shop(database, sandbox, provider)
        await shop.reconcile()
        yield shop
