"""Insert a row that may be there already: ON CONFLICT, for both databases."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, CursorResult, Insert, Table, TextClause, bindparam, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TextualSelect

Upsert = sqlite.Insert | postgresql.Insert
UniqueInsert = sqlite.Insert


def insert_into(connection: AsyncConnection, table: Table) -> Upsert:
    """Give an INSERT that knows ON CONFLICT in the database's dialect."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)


async def upsert(
    connection: AsyncConnection,
    table: Table,
    values: Mapping[str, object],
    finish: Callable[[UniqueInsert], Insert],
) -> CursorResult[Any]:
    """Insert a row; `finish`, a function of a module, says what happens where it is there already.

    SQLAlchemy keeps no compiled ON CONFLICT, and compiling costs more than inserting: what is
    executed here is its text, which is rendered once and kept.
    """
    return await connection.execute(_rendered(table, tuple(values), finish), dict(values))


@cache
def _rendered(
    table: Table, columns: tuple[str, ...], finish: Callable[[UniqueInsert], Insert]
) -> TextClause | TextualSelect:
    """Render for SQLite, which took its ON CONFLICT from PostgreSQL: both understand it."""
    statement = finish(sqlite.insert(table))
    dialect = sqlite.dialect(paramstyle="named")
    compiled = dialect.statement_compiler(dialect, statement, column_keys=list(columns))
    parameters = [_parameter(name, bind) for bind, name in compiled.bind_names.items()]
    rendered = text(str(compiled)).bindparams(*parameters)
    returned = statement.exported_columns
    return rendered.columns(*returned) if len(returned) else rendered


def _parameter(name: str, bind: BindParameter[Any]) -> BindParameter[Any]:
    if bind.required:
        return bindparam(name, type_=bind.type)
    return bindparam(name, bind.value, type_=bind.type)
