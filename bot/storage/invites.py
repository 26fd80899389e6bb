"""Queries on invitations: each lets one chat in, once."""

from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import invites


@dataclass(frozen=True, slots=True, kw_only=True)
class Invite:
    """An invitation; `daily` is the chat's limit in micro-dollars, None: the usual. Times: ms."""

    id: str
    created_by: int
    created_at: int
    expires_at: int
    is_group: bool
    daily: int | None
    used_chat_id: int | None = None
    used_by: int | None = None
    used_at: int | None = None


async def add(connection: AsyncConnection, invite: Invite) -> None:
    """Keep an invitation that is about to be shown."""
    values = {name: getattr(invite, name) for name in Invite.__slots__}
    await connection.execute(invites.insert().values(values))


async def get(connection: AsyncConnection, invite_id: str) -> Invite | None:
    """Give an invitation, used or not."""
    row = (await connection.execute(select(invites).where(invites.c.id == invite_id))).one_or_none()
    return Invite(**row._mapping) if row else None  # noqa: SLF001 - the documented name


async def use(
    connection: AsyncConnection, invite_id: str, *, chat_id: int, user_id: int, at: int
) -> Invite | None:
    """Use an invitation up; None where it is unknown, expired, or somebody was first."""
    statement = (
        update(invites)
        .where(invites.c.id == invite_id, invites.c.used_at.is_(None), invites.c.expires_at > at)
        .values(used_chat_id=chat_id, used_by=user_id, used_at=at)
        .returning(invites)
    )
    row = (await connection.execute(statement)).one_or_none()
    return Invite(**row._mapping) if row else None  # noqa: SLF001 - as above


async def still_open(connection: AsyncConnection, now: int) -> list[Invite]:
    """Give the invitations that may still be used, newest first."""
    statement = (
        select(invites)
        .where(invites.c.used_at.is_(None), invites.c.expires_at > now)
        .order_by(invites.c.created_at.desc(), invites.c.id)
    )
    rows = await connection.execute(statement)
    return [Invite(**row._mapping) for row in rows]  # noqa: SLF001 - as above


async def purge(connection: AsyncConnection, before: int) -> int:
    """Erase the unused invitations that expired before `before` (epoch ms), and count them."""
    unused = invites.delete().where(invites.c.used_at.is_(None), invites.c.expires_at < before)
    return (await connection.execute(unused)).rowcount


async def withdraw(connection: AsyncConnection, invite_id: str) -> Invite | None:
    """Erase an invitation that nobody has used; None where there is none."""
    statement = (
        invites.delete()
        .where(invites.c.id == invite_id, invites.c.used_at.is_(None))
        .returning(invites)
    )
    row = (await connection.execute(statement)).one_or_none()
    return Invite(**row._mapping) if row else None  # noqa: SLF001 - as above
