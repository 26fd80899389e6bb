"""Who takes updates on a database: one process that long-polls, or any number that do not.

On PostgreSQL it is a lock of a session, on a connection of its own: a process that is killed has
lost it at once. A SQLite file has one process anyway.
"""

import asyncio
import contextlib
import logging
from typing import Any, Final, Self

import asyncpg  # type: ignore[import-untyped]  # it ships no types

from bot.storage.database import DATABASE_ERRORS, KEEPALIVE, Unavailable, is_sqlite, reason

log = logging.getLogger(__name__)

ADVISORY_LOCK: Final = 5_077_502
"""Any number that nothing else in the database uses."""
TRY_SECONDS: Final = 2.0
"""A process that has just been killed may not be gone yet."""
PAUSE_SECONDS: Final = 0.1
CHECK_SECONDS: Final = 5.0

_END_LOST: Final = """
    SELECT pg_terminate_backend(pid) FROM pg_locks
    WHERE locktype = 'advisory' AND objid = $1 AND pid = $2
"""


class UpdatesLock:
    """Held from `async with` to its end; `keep` takes it again where the connection is lost.

    Args:
        url: of the database.
        alone: nobody else may take updates: this process long-polls.
    """

    def __init__(self, url: str, *, alone: bool) -> None:
        self.alone = alone
        self._url = url
        self._is_needed = not is_sqlite(url)
        self._connection: Any = None
        self._server_pid: int | None = None
        self._stop = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Take it.

        Raises:
            Unavailable: another process holds it, or the database is not there.
        """
        try:
            if self._is_needed:
                await self._take()
        except DATABASE_ERRORS as error:
            raise Unavailable(f"DATABASE_URL: cannot be opened: {reason(error)}") from None
        return self

    async def __aexit__(self, *_: object) -> None:
        """Give it up."""
        await self._close()

    async def keep(self) -> None:
        """Hold it until `stop`, also through the database's restarts.

        Raises:
            Unavailable: another process has it now.
        """
        while not await self._stops_within(CHECK_SECONDS):
            if self._is_needed and not await self._is_held():
                log.warning("the connection that holds the updates lock is lost")
                await self._close()
                await self._take_again()

    def stop(self) -> None:
        """End `keep`; the lock is held until the end of the block."""
        self._stop.set()

    async def _stops_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
        return self._stop.is_set()

    async def _is_held(self) -> bool:
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                await self._connection.execute("SELECT 1")
        except DATABASE_ERRORS:
            return False
        return True

    async def _take_again(self) -> None:
        while self._connection is None:
            with contextlib.suppress(*DATABASE_ERRORS):
                await self._take()
            if await self._stops_within(PAUSE_SECONDS):
                return

    async def _take(self) -> None:
        connection = await asyncpg.connect(self._url, server_settings=KEEPALIVE)
        try:
            # A cut in the network may leave the server a session of ours that still holds the lock.
            await connection.execute(_END_LOST, ADVISORY_LOCK, self._server_pid)
            await self._lock(connection)
        except BaseException:
            connection.terminate()
            raise
        self._connection, self._server_pid = connection, connection.get_server_pid()

    async def _lock(self, connection: Any) -> None:  # noqa: ANN401 - asyncpg ships no types
        shared = "" if self.alone else "_shared"
        attempt = f"SELECT pg_try_advisory_lock{shared}({ADVISORY_LOCK})"
        for _ in range(round(TRY_SECONDS / PAUSE_SECONDS)):
            if await connection.fetchval(attempt):
                return
            await asyncio.sleep(PAUSE_SECONDS)
        raise Unavailable(
            "WEBHOOK_URL: another process takes updates on this database: without webhooks only "
            "one may, so stop it first"
            if self.alone
            else "WEBHOOK_URL: another process long-polls on this database: stop it first"
        )

    async def _close(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
