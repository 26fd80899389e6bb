"""The real storage on a real SQLite file, without a thread, so that it can die at any statement.

aiosqlite works in a thread, which would race with virtual time. Its queue to the thread is
replaced by one that does the work in the loop's next turn: every `await` stays one, and the order
is the same in every run. All else (SQLAlchemy, aiosqlite, SQLite, the queries) is the product's.
"""

import asyncio
import math
import shutil
import sqlite3
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Self

import aiosqlite
from sqlalchemy import event
from sqlalchemy.pool import ConnectionPoolEntry

from bot.storage.database import Database

Job = tuple[asyncio.Future[Any] | None, Callable[[], Any]]
WITHOUT_EFFECT = frozenset({"cursor", "fetchall", "close"})


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


class _Queue:
    """Does in the loop's next turn what aiosqlite gives to its thread."""

    def __init__(self, gate: Gate, on_commit: Callable[[], None]) -> None:
        self._gate = gate
        self._on_commit = on_commit

    def put_nowait(self, job: Job) -> None:
        future, function = job
        if _name_of(function) in WITHOUT_EFFECT:
            self._work(future, function)
        else:
            asyncio.get_running_loop().call_soon(self._work, future, function)

    def _work(self, future: asyncio.Future[Any] | None, function: Callable[[], Any]) -> None:
        try:
            result = self._do(function)
        except Exception as error:  # noqa: BLE001 - handed on to whoever awaits it
            if future and not future.done():
                future.set_exception(error)
        else:
            if future and not future.done():
                future.set_result(result)

    def _do(self, function: Callable[[], Any]) -> object:
        name = _name_of(function)
        if name in {"close", "close_and_stop", "connect"}:
            return function()
        if name == "commit":
            self._gate.pass_through("before a commit")
            result = function()
            self._on_commit()
            self._gate.pass_through("after a commit")
            return result
        if name == "execute":
            self._gate.pass_through("before a statement")
        elif not self._gate.is_open:
            raise DeadError(name)
        return function()


def _name_of(function: Callable[[], Any]) -> str:
    inner = function.func if isinstance(function, partial) else function
    return getattr(inner, "__name__", "")


class _Connection(aiosqlite.Connection):
    """A connection without a thread."""

    def __init__(self, connector: Callable[[], sqlite3.Connection], queue: _Queue) -> None:
        super().__init__(connector, 64)
        self._tx = queue  # type: ignore[assignment]  # it has the one method that is used

    def __await__(self) -> Any:  # noqa: ANN401 - aiosqlite's generator
        return self._connect().__await__()

    def die(self) -> None:
        """Close the file without any of aiosqlite's manners."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class SimulatedDatabase(Database):
    """The product's database: the same engines and statements, no thread, no waiting for disks."""

    def __init__(self, path: Path, gate: Gate, on_commit: Callable[[], None]) -> None:
        super().__init__(f"sqlite:///{path}")
        self._queue = _Queue(gate, on_commit)
        self._gate = gate
        self._connections: list[_Connection] = []
        self._taken: dict[int, ConnectionPoolEntry] = {}

    async def __aenter__(self) -> Self:
        """Open a file that has the present schema already."""
        self._open()
        return self

    def die(self) -> None:
        """Let go of the file as a killed process does: what was not committed is gone."""
        for connection in self._connections:
            connection.die()
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
            event.listen(engine.sync_engine, "do_connect", self._without_thread)
            event.listen(engine.sync_engine, "connect", _without_waiting)
            event.listen(engine.sync_engine, "checkout", self._note_taken)
            event.listen(engine.sync_engine, "checkin", self._note_given_back)

    def _without_thread(self, _: object, __: object, ___: object, options: dict[str, Any]) -> None:
        options["async_creator_fn"] = self._connect

    def _connect(self, database: str, **_: object) -> _Connection:
        connection = _Connection(partial(sqlite3.connect, database), self._queue)
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
