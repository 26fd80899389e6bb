"""Rows become the domain's records."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import (
    BindParameter,
    CursorResult,
    Insert,
    Row,
    Table,
    TextClause,
    bindparam,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.selectable import TextualSelect

from bot.domain.activation import Activation, CloseReason, Quote, State

Upsert = sqlite.Insert | postgresql.Insert
UniqueInsert = sqlite.Insert


def activation_of(row: Row[Any]) -> Activation:
    """Give the activation in a whole row of `activations`."""
    values = dict(row._mapping)  # noqa: SLF001 - the documented name, underscored to free others
    reason = values["cancel_reason"]
    values["state"] = State(values["state"])
    values["cancel_reason"] = CloseReason(reason) if reason else None
    return Activation(**values)


def quote_of(row: Row[Any]) -> Quote:
    """Give the quote in a whole row of `quotes`."""
    return Quote(**row._mapping)  # noqa: SLF001 - as above


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


__all__ = ["Insert", "UniqueInsert", "Upsert", "activation_of", "insert_into", "quote_of", "upsert"]
