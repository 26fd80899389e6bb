"""The real storage on a real SQLite file, without a thread, so that it can die at any statement.

aiosqlite works in a thread, which would race with virtual time. In its place `sqlite3` works in the
loop's next turn: every `await` stays one, and the order is the same in every run. All else
(SQLAlchemy, SQLite, the queries) is the product's.
"""

import asyncio
import math
import shutil
import sqlite3
import types
from collections import deque
from collections.abc import Callable, Generator, Mapping, Sequence
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

from sqlalchemy import Dialect, event
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
)
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import await_only

from bot.storage import sqlite
from bot.storage.database import Database

Values = Sequence[Any] | Mapping[str, Any]
Method = Callable[..., sqlite3.Cursor]
Rows = list[Any]

BEGIN = "BEGIN"
"""How a reading transaction begins; SQLite itself begins it at the first statement."""


class DeadError(Exception):
    """The process that asks is dead."""


class Gate:
    """Between a process and the world: counts what passes, and closes for ever when it dies.

    `at_point` is asked before and after everything that has an effect outside of the process's
    memory; it may close the gate. `closed_at` is in virtual seconds.
    """

    def __init__(self, number: int, at_point: Callable[[str], None] = lambda _: None) -> None:
        self.number = number
        self.is_open = True
        self.closed_at = math.inf
        self.at_point = at_point

    def pass_through(self, what: str) -> None:
        """Let something pass.

        Raises:
            DeadError: the process is dead, or dies here.
        """
        if self.is_open:
            self.at_point(what)
        if not self.is_open:
            raise DeadError(what)


@types.coroutine
def _turn() -> Generator[None]:
    """Let others have their turn."""
    yield


class _File:
    """The file of one process: every statement and every commit takes a turn of the loop."""

    def __init__(self, path: str, gate: Gate, on_commit: Callable[[], None]) -> None:
        self.connection = sqlite3.connect(path)
        self._gate = gate
        self._on_commit = on_commit

    def execute(
        self, method: Method, operation: str, values: object
    ) -> tuple[sqlite3.Cursor, Rows]:
        """Run a statement in the next turn, and read all its rows.

        Raises:
            DeadError: the process is dead, or dies before.
        """
        if operation != BEGIN:  # which does nothing before the statement after it
            await_only(_turn())
            self._gate.pass_through("before a statement")
        cursor = method(self.connection.cursor(), operation, values)
        rows = cursor.fetchall() if cursor.description else []
        cursor.close()
        return cursor, rows

    def commit(self) -> None:
        """Commit in the next turn, even if the task that asked for it is cancelled meanwhile.

        Raises:
            DeadError: the process is dead, or dies before or after.
        """
        loop = asyncio.get_running_loop()
        committed: asyncio.Future[None] = loop.create_future()
        loop.call_soon(self._commit, committed)
        await_only(committed)

    def rollback(self) -> None:
        """Undo; the file of a dead process is undone by closing it."""
        if self._gate.is_open:
            self.connection.rollback()

    def _commit(self, committed: asyncio.Future[None]) -> None:
        error: Exception | None = None
        try:
            self._gate.pass_through("before a commit")
            self.connection.commit()
            self._on_commit()
            self._gate.pass_through("after a commit")
        except Exception as caught:  # noqa: BLE001 - handed on to whoever awaits it
            error = caught
        if committed.done():
            return
        if error:
            committed.set_exception(error)
        else:
            committed.set_result(None)


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Reads all rows at once, as SQLAlchemy's cursor for aiosqlite does."""

    _adapt_connection: "_Connection"

    def execute(self, operation: str, parameters: Values | None = None) -> None:
        """Run one statement."""
        self._run(sqlite3.Cursor.execute, operation, parameters or ())

    def executemany(self, operation: str, seq_of_parameters: Sequence[Any]) -> None:
        """Run one statement for many rows."""
        self._run(sqlite3.Cursor.executemany, operation, seq_of_parameters)

    def _run(self, method: Method, operation: str, values: object) -> None:
        cursor, rows = self._adapt_connection.file.execute(method, operation, values)
        self.description = cursor.description
        self.lastrowid, self.rowcount = cursor.lastrowid or 0, cursor.rowcount
        self._rows = deque(rows)


class _Connection(AsyncAdapt_aiosqlite_connection):
    """A connection without a thread, and without aiosqlite, whose work is to have one."""

    def __init__(self, dbapi: object, file: _File) -> None:
        super().__init__(dbapi, file)  # type: ignore[arg-type]  # nothing of it is awaited here
        self.file = file

    @property
    def isolation_level(self) -> str | None:
        """Tell how the driver begins transactions: not at all."""
        return self.file.connection.isolation_level

    @isolation_level.setter
    def isolation_level(self, value: str | None) -> None:
        self.file.connection.isolation_level = value  # type: ignore[assignment]  # a narrow type

    def create_function(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - sqlite3's
        """Add a function to SQL."""
        self.file.connection.create_function(*args, **options)

    def cursor(self, server_side: bool = False) -> _Cursor:
        """Give a cursor."""
        del server_side
        return _Cursor(self)

    def rollback(self) -> None:
        """Undo."""
        self.file.rollback()

    def commit(self) -> None:
        """Keep."""
        self.file.commit()

    def close(self) -> None:
        """Let go of the file."""
        self.file.connection.close()

    def terminate(self) -> None:
        """Let go of the file."""
        self.file.connection.close()


class SimulatedDatabase(Database):
    """The product's database: the same engines and statements, no thread, no waiting for disks."""

    def __init__(self, path: Path, gate: Gate, on_commit: Callable[[], None]) -> None:
        super().__init__(f"sqlite:///{path}")
        self._gate = gate
        self._on_commit = on_commit
        self._connections: list[_Connection] = []
        self._taken: dict[int, ConnectionPoolEntry] = {}

    async def __aenter__(self) -> Self:
        """Open a file that has the present schema already."""
        self._open()
        return self

    def die(self) -> None:
        """Let go of the file as a killed process does: what was not committed is gone."""
        for connection in self._connections:
            connection.close()
        if self._lock:
            self._lock.close()
            self._lock = None

    def forget(self) -> None:
        """Let the pool not look for what a dead process never gave back."""
        for entry in self._taken.values():
            entry.fairy_ref = None  # type: ignore[attr-defined]  # what would complain later

    def _note_taken(self, _: object, entry: ConnectionPoolEntry, __: object) -> None:
        self._taken[id(entry)] = entry

    def _note_given_back(self, _: object, entry: ConnectionPoolEntry) -> None:
        self._taken.pop(id(entry), None)

    def _open(self) -> None:
        super()._open()
        for engine in self._engines:
            event.remove(engine.sync_engine, "do_connect", sqlite.connect)
            event.listen(engine.sync_engine, "do_connect", self._connect)
            event.listen(engine.sync_engine, "connect", _without_waiting)
            event.listen(engine.sync_engine, "checkout", self._note_taken)
            event.listen(engine.sync_engine, "checkin", self._note_given_back)

    def _connect(
        self, dialect: Dialect, _: object, arguments: Sequence[str], __: object
    ) -> _Connection:
        file = _File(arguments[0], self._gate, self._on_commit)
        connection = _Connection(dialect.dbapi, file)
        self._connections.append(connection)
        return connection


def _without_waiting(connection: Any, _: object) -> None:  # noqa: ANN401 - SQLAlchemy's
    """Only the machine's power failing would tell the difference, which is not simulated."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()


@cache
def _template() -> Path:
    """Give a database with the present schema, made by the product's own migrations."""
    path = Path(mkdtemp(prefix="simulation-")) / "template.db"

    async def make() -> None:
        async with Database(f"sqlite:///{path}"):
            pass

    asyncio.run(make())
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    return path


def new_file(folder: Path) -> Path:
    """Make an empty database in a folder; call it outside of any event loop."""
    path = folder / "bot.db"
    shutil.copy(_template(), path)
    return path
