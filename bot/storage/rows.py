"""Rows become the domain's records."""

from typing import Any

from sqlalchemy import Insert, Row, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation, CloseReason, Quote, State

Upsert = sqlite.Insert | postgresql.Insert


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


__all__ = ["Insert", "Upsert", "activation_of", "insert_into", "quote_of"]
