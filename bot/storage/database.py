"""One database, SQLite or PostgreSQL: transactions for writing, snapshots for reading."""

import asyncio
import contextlib
import errno
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    closing,
)
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import IO, Any, Final, Self

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import Connection, event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.storage import sqlite
from bot.storage.moves import moved_to
from bot.storage.schema import OtherSchema, require_present_schema, upgrade

LAST_TRANSACTION_SECONDS = 2.0
_SQLITE = "sqlite:///"
QUERY_SECONDS = 30.0
"""A query that gets no answer fails then: whoever asked for it may try again."""
KEEPALIVE: Final = {
    "tcp_keepalives_idle": "10",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
}
"""So that the server notices within half a minute that a whole machine is gone."""
_NEVER_IDLE = {"idle_in_transaction_session_timeout": "5s"}
"""A process that stands still in a transaction must not keep others waiting for its locks."""
DATABASE_ERRORS = (
    SQLAlchemyError,
    OSError,
    sqlite3.Error,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)
"""What a query may end with: asyncpg's own errors leave the connecting as they are."""
_OPENING_ERRORS = (*DATABASE_ERRORS, ValueError, OtherSchema)  # a bad port is a ValueError


class StorageError(Exception):
    """The database cannot be opened; the text is one line without secrets."""


class Unavailable(StorageError):
    """It cannot be opened now; later, without any change of the settings, it may be."""


class InUse(Unavailable):
    """Another process has the SQLite file."""


class Database:
    """Gives connections inside transactions; open it with `async with`.

    Writers of SQLite wait for each other on one connection: never ask for a second writer inside
    `write()`, pass the connection down instead. No HTTP call belongs inside either.

    Args:
        url: `sqlite:///path` or `postgresql://…`.
        read_only: look beside a running bot: nothing is made, migrated, locked or written.
        moving: open an installation that exists, even one that was moved away.
    """

    def __init__(self, url: str, *, read_only: bool = False, moving: bool = False) -> None:
        self._url = url
        self._read_only = read_only
        self._moving = moving
        self.is_sqlite = is_sqlite(url)
        self._lock: IO[str] | None = None
        self._engines: tuple[AsyncEngine, ...] = ()
        self._open_connections = 0
        self._all_returned = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Open the database and bring its schema up to date.

        Raises:
            Unavailable: another process has the SQLite file, or PostgreSQL does not let us in.
            StorageError: it cannot be opened, or what is in it was moved away.
        """
        try:
            self._open()
            if self._read_only:
                async with self.read() as connection:
                    await connection.run_sync(require_present_schema)
            else:
                async with self._unhurried() as connection:
                    await connection.run_sync(upgrade)
                    if not self._moving:
                        await _require_not_moved(connection)
        except BaseException as error:
            await self.__aexit__()
            if isinstance(error, _OPENING_ERRORS):
                raise _unopened(self._url, "DATABASE_URL", error) from None
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Close all connections and free the SQLite file.

        A transaction that outlived its task, being shielded, is given a moment to end.
        """
        if self._open_connections:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._all_returned.wait(), LAST_TRANSACTION_SECONDS)
        for engine in self._engines:
            await engine.dispose()
        if self._lock:
            self._lock.close()
            self._lock = None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction that is committed at the end, or rolled back by an exception."""
        with self._counted():
            async with self._engines[0].begin() as connection:
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for reading; on SQLite one consistent snapshot."""
        with self._counted():
            async with self._engines[-1].connect() as connection:
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection for reading that sees one moment, on PostgreSQL too."""
        async with self.read() as connection:
            if not self.is_sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ")
            yield connection

    def _unhurried(self) -> AbstractAsyncContextManager[AsyncConnection]:
        """Open a transaction for a migration, which may take long or wait for another process's."""
        if self.is_sqlite:
            return self.write()
        return postgresql_transaction(self._url, "DATABASE_URL")

    @contextlib.contextmanager
    def _counted(self) -> Iterator[None]:
        self._open_connections += 1
        self._all_returned.clear()
        try:
            yield
        finally:
            self._open_connections -= 1
            if not self._open_connections:
                self._all_returned.set()

    def _open(self) -> None:
        if self.is_sqlite:
            path = Path(self._url.removeprefix(_SQLITE))
            if self._read_only or self._moving:
                path.stat()
            if not self._read_only:
                self._lock = _locked(path)
            _try_sqlite(path)
            if not self._read_only and not os.access(path, os.W_OK):
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            self._engines = (_sqlite_engine(path, "BEGIN", 4, "PRAGMA query_only=ON"),)
            if not self._read_only:
                self._engines = (_sqlite_engine(path, "BEGIN IMMEDIATE", 1), *self._engines)
        else:
            self._engines = (_postgresql_engine(self._url, QUERY_SECONDS, _NEVER_IDLE),)


@asynccontextmanager
async def postgresql_transaction(url: str, name: str) -> AsyncIterator[AsyncConnection]:
    """Open one transaction on a PostgreSQL database as it is, whatever its schema.

    Args:
        url: `postgresql://…`.
        name: the setting or option that the URL comes from.

    Raises:
        StorageError: it cannot be opened.
    """
    engine = _postgresql_engine(url, seconds=None)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        try:
            connection = await stack.enter_async_context(engine.begin())
        except _OPENING_ERRORS as error:
            raise _unopened(url, name, error) from None
        yield connection


def _unopened(url: str, name: str, error: BaseException) -> StorageError:
    """Say that it cannot be opened: a file is as the settings say, a server may still come."""
    may_come = not is_sqlite(url) and not isinstance(error, ValueError | OtherSchema)
    kind = Unavailable if may_come else StorageError
    return kind(f"{name}: cannot be opened: {reason(error)}")


async def _require_not_moved(connection: AsyncConnection) -> None:
    """Refuse what was moved: two bots would spend from two ledgers."""
    move = await moved_to(connection)
    if move is None:
        return
    if move.is_over:
        what = f"this installation was moved to {move.place}; set it to that"
    else:
        what = f"a move to {move.place} did not end; run `spotsms-bot migrate --to` again"
    raise StorageError(f"DATABASE_URL: {what}, or stay here with `spotsms-bot migrate --undo`")


def _locked(path: Path) -> IO[str]:
    """Refuse a second process: it would wait for locks, and SQLite has one writer."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    for private in (path, lock_path := path.with_name(path.name + ".lock")):
        private.touch(mode=0o600)  # SQLite makes the files beside it alike
    lock = lock_path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        raise InUse("DATABASE_URL: another process is using this file") from None
    return lock


def _try_sqlite(path: Path) -> None:
    """Fail here where it cannot be opened: the driver's thread would outlive the event loop."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")


def _sqlite_engine(path: Path, begin: str, connections: int, *pragmas: str) -> AsyncEngine:
    """Make an engine that begins its transactions itself: the driver's own are deferred."""
    url = URL.create("sqlite+aiosqlite", database=str(path))
    engine = create_async_engine(
        url, hide_parameters=True, pool_size=connections, max_overflow=0, pool_timeout=60
    )
    always = (
        "PRAGMA journal_mode=WAL",
        "PRAGMA synchronous=FULL",
        "PRAGMA foreign_keys=ON",
        "PRAGMA busy_timeout=5000",
    )

    event.listen(engine.sync_engine, "do_connect", sqlite.connect)

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


def is_sqlite(url: str) -> bool:
    """Tell whether a DATABASE_URL is that of a SQLite file."""
    return url.startswith(_SQLITE)


def _postgresql_engine(
    url: str, seconds: float | None, settings: Mapping[str, str] = MappingProxyType({})
) -> AsyncEngine:
    """Let asyncpg read the URL: it knows `sslmode`, sockets and the rest as libpq writes them.

    Args:
        url: `postgresql://…`.
        seconds: how long a query may take.
        settings: of the session, besides those that keep it alive.
    """
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=partial(
            asyncpg.connect,
            url,
            command_timeout=seconds,
            server_settings={**KEEPALIVE, **settings},
        ),
        hide_parameters=True,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
    )


def reason(error: BaseException) -> str:
    """Say why in one line: the database's words, else the kind of error, since an URL may leak."""
    if isinstance(error, DBAPIError):
        return str(error.orig).splitlines()[0]
    if isinstance(error, asyncpg.PostgresError | sqlite3.Error):
        return str(error).splitlines()[0]
    if isinstance(error, OtherSchema):
        return str(error)
    return getattr(error, "strerror", None) or type(error).__name__
