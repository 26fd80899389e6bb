"""Queries on the people who were seen in a group."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import members, users
from bot.storage.upsert import insert_into


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody in a group, named as last seen; times are epoch ms.

    Attributes:
        name: None where the person has been seen by an event alone, or wants to be forgotten.
        departed_at: when the person left or was removed, None: still there.
    """

    chat_id: int
    user_id: int
    name: str | None
    username: str | None
    departed_at: int | None
    seen_at: int


async def remember(connection: AsyncConnection, chat_id: int, user_id: int, at: int) -> None:
    """Note that a person is in a chat: whoever speaks has not departed."""
    await note(connection, chat_id, user_id, departed_at=None, at=at)


async def note(
    connection: AsyncConnection, chat_id: int, user_id: int, *, departed_at: int | None, at: int
) -> None:
    """Keep what Telegram tells of a person's membership (Bot API ChatMemberUpdated)."""
    values = {"departed_at": departed_at, "seen_at": at}
    statement = insert_into(connection, members).values(chat_id=chat_id, user_id=user_id, **values)
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["chat_id", "user_id"], set_=values)
    )


async def get(connection: AsyncConnection, chat_id: int, user_id: int) -> Member | None:
    """Give one person in a chat."""
    statement = _named().where(members.c.chat_id == chat_id, members.c.user_id == user_id)
    row = (await connection.execute(statement)).one_or_none()
    return Member(**row._mapping) if row else None  # noqa: SLF001 - the documented name


async def met_as(connection: AsyncConnection, chat_id: int, username: str) -> int | None:
    """Give who was last seen in a chat under an @username, written in any case, without its @."""
    statement = (
        select(members.c.user_id)
        .join(users, users.c.id == members.c.user_id)
        .where(members.c.chat_id == chat_id, func.lower(users.c.username) == username.lower())
        .order_by(users.c.seen_at.desc())
        .limit(1)
    )
    user_id: int | None = await connection.scalar(statement)
    return user_id


async def of_chat(
    connection: AsyncConnection, chat_id: int, *, limit: int, offset: int = 0, present: bool = False
) -> list[Member]:
    """Give some of the people in a chat, by name; with `present` none who has departed."""
    statement = (
        _named()
        .where(*_in_chat(chat_id, present=present))
        .order_by(users.c.name.is_(None), users.c.name, members.c.user_id)
        .limit(limit)
        .offset(offset)
    )
    rows = await connection.execute(statement)
    return [Member(**row._mapping) for row in rows]  # noqa: SLF001 - as above


async def count(connection: AsyncConnection, chat_id: int, *, present: bool = False) -> int:
    """Count the people in a chat; with `present` none who has departed."""
    statement = select(func.count()).select_from(members)
    counted = await connection.scalar(statement.where(*_in_chat(chat_id, present=present)))
    return int(counted or 0)


def _in_chat(chat_id: int, *, present: bool) -> list[ColumnElement[bool]]:
    conditions = [members.c.chat_id == chat_id]
    return [*conditions, members.c.departed_at.is_(None)] if present else conditions


def _named() -> Select[Any]:
    """Select members with the names that people had when they were last seen."""
    columns = (members.c.chat_id, members.c.user_id, members.c.departed_at, members.c.seen_at)
    names = (users.c.name, users.c.username)
    return select(*columns, *names).outerjoin(users, users.c.id == members.c.user_id)
