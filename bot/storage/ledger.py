"""Queries on the ledger: entries are added, never changed."""

from collections.abc import Sequence

from sqlalchemy import case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation
from bot.domain.ledger import Entry, Kind, chat_account
from bot.storage.tables import chats, entries


async def record(
    connection: AsyncConnection, activation: Activation, *new_entries: Entry, at: int
) -> None:
    """Add entries for an activation; all of them count on the day of the purchase."""
    for entry in new_entries:
        await connection.execute(
            entries.insert().values(
                activation_id=activation.id,
                user_id=activation.user_id,
                kind=entry.kind,
                source=entry.source,
                target=entry.target,
                amount=entry.amount,
                purchased_at=activation.requested_at,
                at=at,
            )
        )


async def spent(connection: AsyncConnection, chat_id: int, since: int) -> int:
    """Give the micro-dollars that a chat spent and holds for purchases made since (epoch ms)."""
    accounts = await _accounts_of(connection, chat_id)
    signed = case((entries.c.source.in_(accounts), entries.c.amount), else_=-entries.c.amount)
    statement = select(func.coalesce(func.sum(signed), 0)).where(
        or_(entries.c.source.in_(accounts), entries.c.target.in_(accounts)),
        entries.c.purchased_at >= since,
    )
    return int((await connection.execute(statement)).scalar_one())


async def held(connection: AsyncConnection, chat_id: int) -> int:
    """Give the micro-dollars that are held for a chat: purchases whose outcome is open."""
    accounts = await _accounts_of(connection, chat_id)
    settling = entries.alias()
    settled = exists().where(
        settling.c.activation_id == entries.c.activation_id,
        settling.c.kind.in_((Kind.POST, Kind.VOID)),
    )
    statement = select(func.coalesce(func.sum(entries.c.amount), 0)).where(
        entries.c.kind == Kind.HOLD, entries.c.source.in_(accounts), ~settled
    )
    return int((await connection.execute(statement)).scalar_one())


async def refunds_of(connection: AsyncConnection, activation_ids: Sequence[int]) -> dict[int, int]:
    """Give the micro-dollars refunded, by activation; those without a refund are left out."""
    statement = select(entries.c.activation_id, entries.c.amount).where(
        entries.c.kind == Kind.REFUND, entries.c.activation_id.in_(activation_ids)
    )
    return {row.activation_id: row.amount for row in await connection.execute(statement)}


async def _accounts_of(connection: AsyncConnection, chat_id: int) -> list[str]:
    """Name a chat's account, and those of the groups that became this supergroup."""
    former = await connection.execute(select(chats.c.id).where(chats.c.migrated_to == chat_id))
    return [chat_account(chat_id), *(chat_account(row.id) for row in former)]
