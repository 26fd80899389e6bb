"""Queries on chats and the people in them."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import insert_into
from bot.storage.tables import activations, chats, quotes, users


class ChatAccess(StrEnum):
    """What the owner decided about a chat."""

    NEW = "new"
    REQUESTED = "requested"
    APPROVED = "approved"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat that the bot has been spoken to in; `kind` is Telegram's chat type."""

    id: int
    kind: str
    title: str
    access: ChatAccess
    requested_by: int | None
    migrated_to: int | None


async def get(connection: AsyncConnection, chat_id: int, *, lock: bool = False) -> Chat | None:
    """Give a chat; with `lock` nobody else changes its account until the transaction ends."""
    columns = [chats.c[name] for name in Chat.__slots__]
    statement = select(*columns).where(chats.c.id == chat_id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    values = dict(row._mapping)  # noqa: SLF001 - the documented name, underscored to free others
    return Chat(**{**values, "access": ChatAccess(values["access"])})


async def present_id(connection: AsyncConnection, chat_id: int) -> int:
    """Give the id that a chat has now: a group may have become a supergroup."""
    statement = select(chats.c.migrated_to).where(chats.c.id == chat_id)
    migrated_to: int | None = await connection.scalar(statement)
    return migrated_to or chat_id


async def remember_chat(
    connection: AsyncConnection, chat_id: int, kind: str, title: str, at: int
) -> None:
    """Add a chat as new, or take over its present title."""
    statement = insert_into(connection, chats).values(
        id=chat_id, kind=kind, title=title, access=ChatAccess.NEW, created_at=at
    )
    again = {"kind": statement.excluded.kind, "title": statement.excluded.title}
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=again))


async def remember_user(
    connection: AsyncConnection, user_id: int, name: str, username: str | None, at: int
) -> None:
    """Add a person, or take over the present name."""
    statement = insert_into(connection, users).values(
        id=user_id, name=name, username=username, seen_at=at
    )
    again = {"name": name, "username": username, "seen_at": at}
    await connection.execute(statement.on_conflict_do_update(index_elements=["id"], set_=again))


async def names_of(connection: AsyncConnection, user_ids: Collection[int]) -> dict[int, str]:
    """Give people's names as they were last seen."""
    statement = select(users.c.id, users.c.name).where(users.c.id.in_(user_ids))
    return {row.id: row.name for row in await connection.execute(statement)}


async def set_access(
    connection: AsyncConnection, chat_id: int, access: ChatAccess, by: int, at: int
) -> None:
    """Keep what was asked (`by` the asker) or decided (`by` the owner) about a chat."""
    values: dict[str, object] = {"access": access, "decided_by": by, "decided_at": at}
    if access is ChatAccess.REQUESTED:
        values = {"access": access, "requested_by": by}
    await connection.execute(update(chats).where(chats.c.id == chat_id).values(values))


async def migrate(connection: AsyncConnection, old: Chat, new_id: int, at: int) -> None:
    """Carry a group's decision, quotes and activations over to the supergroup that it became.

    The messages of the old group cannot be edited any more: new cards are made. What the ledger
    holds stays on the old account; `migrated_to` joins the two.
    """
    await remember_chat(connection, new_id, "supergroup", old.title, at)
    moved = {"access": old.access, "requested_by": old.requested_by}
    await connection.execute(update(chats).where(chats.c.id == new_id).values(moved))
    await connection.execute(
        update(quotes).where(quotes.c.chat_id == old.id).values(chat_id=new_id)
    )
    await connection.execute(
        update(activations)
        .where(activations.c.chat_id == old.id)
        .values(chat_id=new_id, card_message_id=None)
    )
    await connection.execute(update(chats).where(chats.c.id == old.id).values(migrated_to=new_id))
