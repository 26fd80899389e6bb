"""Queries on what a chat's admins allowed and forbade."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chat import Permission, PermissionKind
from bot.storage.tables import permissions
from bot.storage.upsert import insert_into


async def of_chat(
    connection: AsyncConnection, chat_id: int, kind: PermissionKind | None = None
) -> list[Permission]:
    """Give a chat's permissions, of one kind or all, by name."""
    statement = select(permissions).where(permissions.c.chat_id == chat_id)
    if kind:
        statement = statement.where(permissions.c.kind == kind)
    rows = await connection.execute(statement.order_by(permissions.c.name, permissions.c.key))
    return [Permission(PermissionKind(row.kind), row.key, row.name, row.allowed) for row in rows]


async def put(connection: AsyncConnection, chat_id: int, permission: Permission) -> bool | None:
    """Allow or forbid something; give what was said of it before, None: nothing."""
    before = await _allowed(connection, chat_id, permission.kind, permission.key)
    values = {"name": permission.name, "allowed": permission.allowed}
    statement = insert_into(connection, permissions).values(
        chat_id=chat_id, kind=permission.kind, key=permission.key, **values
    )
    await connection.execute(
        statement.on_conflict_do_update(index_elements=["chat_id", "kind", "key"], set_=values)
    )
    return before


async def remove(
    connection: AsyncConnection, chat_id: int, kind: PermissionKind, key: str
) -> bool | None:
    """Say nothing of it any more; give what was said before, None: nothing."""
    before = await _allowed(connection, chat_id, kind, key)
    await connection.execute(
        permissions.delete().where(
            permissions.c.chat_id == chat_id, permissions.c.kind == kind, permissions.c.key == key
        )
    )
    return before


async def _allowed(
    connection: AsyncConnection, chat_id: int, kind: PermissionKind, key: str
) -> bool | None:
    statement = select(permissions.c.allowed).where(
        permissions.c.chat_id == chat_id, permissions.c.kind == kind, permissions.c.key == key
    )
    allowed: bool | None = await connection.scalar(statement)
    return allowed
