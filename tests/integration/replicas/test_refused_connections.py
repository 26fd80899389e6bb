"""A server that lets nobody in for a while, as when it starts, ends no part of the bot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import httpx
import pytest
from sqlalchemy import make_url
from telegram.ext import ExtBot

from bot.chat.lanes import Lanes
from bot.chat.shared_inbox import SharedInbox
from bot.chat.webhook import SECRET_HEADER, Webhook
from bot.ops import Metrics, OpsServer
from bot.storage.database import DATABASE_ERRORS, Database
from bot.workflows import worker
from bot.workflows.clock import SteadyClock
from bot.workflows.replica import LeasedReplica
from tests.integration.intake.helpers import Handler, message

pytestmark = pytest.mark.postgres


class Door:
    """The server's, to one database."""

    def __init__(self, server: str, database_url: str) -> None:
        self._server = server
        self._name = make_url(database_url).database

    @asynccontextmanager
    async def closed(self) -> AsyncIterator[None]:
        """Throw everybody out, and let nobody in."""
        await self._say(
            f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS false",
            f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'",  # noqa: S608, E501 - our own name
        )
        yield
        await self._say(f"ALTER DATABASE {self._name} ALLOW_CONNECTIONS true")

    async def _say(self, *statements: str) -> None:
        connection = await asyncpg.connect(self._server)
        for statement in statements:
            await connection.execute(statement)
        await connection.close()


@pytest.fixture
def database_url(blank_postgres: str) -> str:
    return blank_postgres


@pytest.fixture
def door(postgres: str, database_url: str) -> Door:
    return Door(postgres, database_url)


@pytest.fixture
async def replica(database: Database) -> LeasedReplica:
    replica = LeasedReplica(database, await SteadyClock.going_on(database))
    await replica.join(others_are_gone=True)
    return replica


@pytest.fixture
def inbox(
    database: Database, replica: LeasedReplica, monkeypatch: pytest.MonkeyPatch
) -> SharedInbox:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.05)
    return SharedInbox(database, SteadyClock(), replica)


async def test_updates_are_handled_as_soon_as_it_lets_us_in_again(
    inbox: SharedInbox, door: Door
) -> None:
    handler = Handler()
    handler.hold(1)
    lanes = Lanes(inbox, handler, Metrics())
    running = asyncio.create_task(lanes.run())
    await inbox.store([message(1, 1), message(2, 2)])
    await handler.until(lambda: handler.handled == [2])
    async with door.closed():
        handler.let_go(1)
        await handler.until(lambda: len(handler.handled) == 2)
        with pytest.raises(DATABASE_ERRORS):
            await inbox.store([message(3, 3)])
    assert not running.done()
    await inbox.store([message(3, 3)])
    await handler.until(lambda: handler.handled == [2, 1, 3])
    await lanes.stop()
    await running


async def test_telegram_is_told_to_send_an_update_again(inbox: SharedInbox, door: Door) -> None:
    webhook = Webhook(ExtBot("100:TEST"), inbox, "http://bot/hook", "secret", [])
    transport = httpx.ASGITransport(webhook.application)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as telegram:

        async def post() -> int:
            headers = {SECRET_HEADER: "secret"}
            return (await telegram.post("/hook", json=message(1), headers=headers)).status_code

        async with door.closed():
            assert await post() == 503
        assert await post() == 200


async def test_a_replica_that_cannot_say_that_it_leaves_leaves(
    replica: LeasedReplica, door: Door, caplog: pytest.LogCaptureFixture
) -> None:
    async with door.closed():
        await replica.resign()
        await replica.leave()
    assert not replica.is_alive
    assert "will notice by themselves" in caplog.text


async def test_health_names_the_database(database: Database, door: Door) -> None:
    server = OpsServer(database, Metrics(), {})
    async with door.closed():
        assert await server.problems() == ["the database does not answer"]
    assert await server.problems() == []
