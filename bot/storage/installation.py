"""Queries on what is true for the whole installation: values under a key."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import installation
from bot.storage.upsert import insert_into


async def get(connection: AsyncConnection, key: str) -> Any | None:  # noqa: ANN401 - JSON
    """Give a value (JSON), None where there is none."""
    return await connection.scalar(select(installation.c.value).where(installation.c.key == key))


async def put(connection: AsyncConnection, key: str, value: object, at: int) -> None:
    """Keep a value (JSON) with the time (epoch ms)."""
    values = {"value": value, "at": at}
    statement = insert_into(connection, installation).values(key=key, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=values))


async def swap(
    connection: AsyncConnection,
    key: str,
    value: object,
    at: int,
) -> Any | None:  # noqa: ANN401 - JSON
    """Keep a value (JSON) and give the one before, None where there was none; one at a time."""
    statement = insert_into(connection, installation).values(key=key, value=value, at=at)
    first = statement.on_conflict_do_nothing(index_elements=["key"]).returning(installation.c.key)
    if (await connection.execute(first)).one_or_none():
        return None
    present = select(installation.c.value).where(installation.c.key == key).with_for_update()
    before = await connection.scalar(present)
    await put(connection, key, value, at)
    return before


async def remove(connection: AsyncConnection, key: str) -> None:
    """Forget a value."""
    await connection.execute(installation.delete().where(installation.c.key == key))
