"""SQLite in a thread, visited once for each statement.

SQLAlchemy's own cursor for aiosqlite goes to the thread four times: to make a cursor, to execute,
to fetch, and to close. Each way there and back costs more than most statements.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import aiosqlite
from sqlalchemy import Dialect
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
)
from sqlalchemy.util import await_only

Values = Sequence[Any] | Mapping[str, Any]
Method = Callable[[sqlite3.Cursor, str, Any], sqlite3.Cursor]


def connect(
    dialect: Dialect, _: object, arguments: Sequence[str], options: dict[str, Any]
) -> AsyncAdapt_aiosqlite_connection:
    """Connect; to be called by SQLAlchemy's `do_connect`."""
    connection: Any = aiosqlite.connect(*arguments, **options)
    connection._thread.daemon = True  # noqa: SLF001 - as SQLAlchemy does it
    return _Connection(dialect.dbapi, await_only(connection))


class _Cursor(AsyncAdapt_aiosqlite_cursor):
    """Runs a statement and reads all its rows in one visit."""

    def execute(self, operation: str, parameters: Values | None = None) -> None:
        """Run one statement."""
        self._visit(sqlite3.Cursor.execute, operation, parameters or ())

    def executemany(self, operation: str, seq_of_parameters: Sequence[Any]) -> None:
        """Run one statement for many rows."""
        self._visit(sqlite3.Cursor.executemany, operation, seq_of_parameters)

    def _visit(self, method: Method, operation: str, values: Values) -> None:
        driver: Any = self._connection
        try:
            cursor, rows = self.await_(
                driver._execute(_run, driver._conn, method, operation, values)  # noqa: SLF001
            )
        except Exception as error:  # noqa: BLE001 - it is raised again
            self._adapt_connection._handle_exception(error)  # noqa: SLF001
        self.description = cursor.description
        self.lastrowid = -1 if cursor.description else cursor.lastrowid
        self.rowcount = -1 if cursor.description else cursor.rowcount
        self._rows = deque(rows)


class _Connection(AsyncAdapt_aiosqlite_connection):
    """Gives such cursors, and SQLAlchemy's own where rows are to be streamed."""

    def cursor(self, server_side: bool = False) -> AsyncAdapt_aiosqlite_cursor:  # noqa: FBT001, FBT002 - SQLAlchemy's
        """Give a cursor."""
        return super().cursor(server_side=True) if server_side else _Cursor(self)


def _run(
    connection: sqlite3.Connection, method: Method, operation: str, values: Values
) -> tuple[sqlite3.Cursor, list[Any]]:
    """Do all that a statement needs, in the thread."""
    cursor = method(connection.cursor(), operation, values)
    rows = cursor.fetchall() if cursor.description else []
    cursor.close()
    return cursor, rows
