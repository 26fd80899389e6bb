"""One process that long-polls, or any number that take webhooks."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from bot.storage import updates_lock
from bot.storage.database import Database, StorageError
from bot.storage.updates_lock import ADVISORY_LOCK, UpdatesLock

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(updates_lock, "TRY_SECONDS", 0.2)
    monkeypatch.setattr(updates_lock, "CHECK_SECONDS", 0.5)
    monkeypatch.setattr(updates_lock, "PAUSE_SECONDS", 0.05)


@pytest.fixture
async def held(database_url: str) -> AsyncIterator[UpdatesLock]:
    """The lock of a process that long-polls."""
    async with UpdatesLock(database_url, alone=True) as lock:
        yield lock


async def _cut(database: Database) -> None:
    """End the connection that holds the lock, as a restart of the database does."""
    holders = text(
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
        " AND objid = :lock AND database ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    async with database.write() as connection:
        assert await connection.scalar(holders, {"lock": ADVISORY_LOCK})


@pytest.mark.parametrize("alone", [True, False])
async def test_beside_a_process_that_long_polls_nobody_takes_updates(
    held: UpdatesLock, database_url: str, alone: bool
) -> None:
    assert held.alone
    with pytest.raises(StorageError, match=r"^WEBHOOK_URL: another process"):
        async with UpdatesLock(database_url, alone=alone):
            pass


async def test_any_number_may_take_webhooks(database_url: str) -> None:
    async with UpdatesLock(database_url, alone=False), UpdatesLock(database_url, alone=False):
        with pytest.raises(StorageError, match=r"^WEBHOOK_URL: another process takes updates"):
            async with UpdatesLock(database_url, alone=True):
                pass


async def test_whoever_ends_leaves_the_place_to_the_next(database_url: str) -> None:
    for _ in range(2):
        async with UpdatesLock(database_url, alone=True) as lock:
            lock.stop()
            await lock.keep()


async def test_it_is_taken_again_after_the_connection_was_lost(
    held: UpdatesLock, database: Database, database_url: str
) -> None:
    keeping = asyncio.create_task(held.keep())
    lost = held._connection
    await _cut(database)
    async with asyncio.timeout(10):
        while held._connection in (lost, None):  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)
    with pytest.raises(StorageError):
        async with UpdatesLock(database_url, alone=True):
            pass
    held.stop()
    await keeping


async def test_it_is_taken_again_from_a_connection_that_only_the_server_believes_in(
    held: UpdatesLock, database: Database, database_url: str
) -> None:
    """A cut in the network ends it on our side, and the server may take half a minute for that."""
    assert database
    lost = held._connection
    held._connection = await asyncpg.connect(database_url)
    held._connection.terminate()
    keeping = asyncio.create_task(held.keep())
    async with asyncio.timeout(10):
        while not lost.is_closed():  # noqa: ASYNC110 - it tells nobody
            await asyncio.sleep(0.05)
    held.stop()
    await keeping
    with pytest.raises(StorageError):
        async with UpdatesLock(database_url, alone=True):
            pass


async def test_whoever_lost_it_to_another_process_ends(
    held: UpdatesLock, database: Database, database_url: str
) -> None:
    await _cut(database)
    async with UpdatesLock(database_url, alone=True):
        with pytest.raises(StorageError, match="another process takes updates"):
            await held.keep()


@pytest.mark.usefixtures("database_url")
async def test_a_database_that_is_not_there_is_named() -> None:
    with pytest.raises(StorageError, match=r"^DATABASE_URL: cannot be opened"):
        async with UpdatesLock("postgresql://nobody@127.0.0.1:9/none", alone=True):
            pass


async def test_who_stands_still_in_a_transaction_loses_what_it_had_locked(
    database: Database, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "bot.storage.database._NEVER_IDLE", {"idle_in_transaction_session_timeout": "200ms"}
    )
    async with Database(database_url) as still:
        with pytest.raises(DBAPIError):
            await _stand_still(still, database)
    async with database.read() as connection:
        assert await connection.scalar(text("SELECT name FROM users")) == "other"


async def _stand_still(still: Database, database: Database) -> None:
    """Write something, and do not come to the end before another has written the same."""
    insert = text("INSERT INTO users (id, name, seen_at) VALUES (1, :by, 0)")
    async with still.write() as connection:
        await connection.execute(insert, {"by": "still"})
        async with asyncio.timeout(10), database.write() as other:
            await other.execute(insert, {"by": "other"})
