"""One database, SQLite or PostgreSQL: transactions for writing, snapshots for reading."""

import fcntl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any, Self

from sqlalchemy import Connection, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.storage.migrate import upgrade

_SSL_MODES = {"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}


class StorageError(Exception):
    """The database cannot be opened; the text is one line without secrets."""


class Database:
    """Gives connections inside transactions; open it with `async with`.

    Writers of SQLite wait for each other on one connection: never ask for a second writer inside
    `write()`, pass the connection down instead. No HTTP call belongs inside either.
    """

    def __init__(self, url: str) -> None:
        try:
            self._url = _translated(make_url(url))
        except ArgumentError:
            raise StorageError("DATABASE_URL: not a database URL") from None
        self.is_sqlite = self._url.get_backend_name() == "sqlite"
        self._lock: IO[str] | None = None
        self._writer: AsyncEngine
        self._reader: AsyncEngine

    async def __aenter__(self) -> Self:
        """Open the database and bring its schema up to date.

        Raises:
            StorageError: it cannot be opened, or another process has the SQLite file.
        """
        try:
            if self.is_sqlite:
                self._open_sqlite()
            else:
                self._writer = self._reader = create_async_engine(
                    self._url, pool_size=10, max_overflow=10, pool_pre_ping=True
                )
            async with self._writer.connect() as connection:
                await connection.run_sync(upgrade)
                await connection.commit()
        except (SQLAlchemyError, OSError) as error:
            self._unlock()
            raise StorageError(f"DATABASE_URL: cannot be opened ({type(error).__name__})") from None
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections and free the SQLite file."""
        await self._writer.dispose()
        await self._reader.dispose()
        self._unlock()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that is committed at the end, or rolled back by an exception."""
        async with self._writer.begin() as connection:
            yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for reading; on SQLite one consistent snapshot."""
        async with self._reader.connect() as connection:
            yield connection

    def _open_sqlite(self) -> None:
        path = Path(self._url.database or "")
        path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = path.with_name(path.name + ".lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._unlock()
            raise StorageError("DATABASE_URL: another process is using this file") from None
        self._writer = _sqlite_engine(self._url, "BEGIN IMMEDIATE", 1)
        self._reader = _sqlite_engine(self._url, "BEGIN", 4, "PRAGMA query_only=ON")

    def _unlock(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None


def _sqlite_engine(url: URL, begin: str, connections: int, *pragmas: str) -> AsyncEngine:
    """Make an engine that begins its transactions itself: the driver's own are deferred."""
    engine = create_async_engine(url, pool_size=connections, max_overflow=0, pool_timeout=60)
    always = (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        "PRAGMA busy_timeout=5000",
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(dbapi_connection: Any, _: object) -> None:  # noqa: ANN401 - SQLAlchemy's
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        for pragma in (*always, *pragmas):
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _translated(url: URL) -> URL:
    """Name the async driver; asyncpg knows libpq's `sslmode` under the name `ssl`."""
    if url.get_backend_name() == "sqlite":
        return url.set(drivername="sqlite+aiosqlite")
    query = dict(url.query)
    mode = query.pop("sslmode", None)
    if mode is not None:
        if mode not in _SSL_MODES:
            raise StorageError("DATABASE_URL: unknown sslmode")
        query["ssl"] = mode
    return url.set(drivername="postgresql+asyncpg", query=query)
