"""Queries on what is true for the whole installation: values under a key."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import insert_into
from bot.storage.tables import installation


async def get(connection: AsyncConnection, key: str) -> Any | None:  # noqa: ANN401 - JSON
    """Give a value (JSON), None where there is none."""
    return await connection.scalar(select(installation.c.value).where(installation.c.key == key))


async def put(connection: AsyncConnection, key: str, value: object, at: int) -> None:
    """Keep a value (JSON) with the time (epoch ms)."""
    values = {"value": value, "at": at}
    statement = insert_into(connection, installation).values(key=key, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


async def remove(connection: AsyncConnection, key: str) -> None:
    """Forget a value."""
    await connection.execute(installation.delete().where(installation.c.key == key))
