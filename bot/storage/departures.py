"""Queries on what departed members and lost chats have left open."""

from sqlalchemy import and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation, CloseReason, State
from bot.storage.rows import activation_of
from bot.storage.tables import activations, chats, members


async def abandoned(connection: AsyncConnection, before: int) -> list[Activation]:
    """Give the waiting numbers whose buyer or chat was lost before then (epoch ms).

    Left out are those that cannot be cancelled, that somebody is giving back already, and those
    of which the provider has refused to take back.
    """
    departed = exists().where(
        members.c.chat_id == activations.c.chat_id,
        members.c.user_id == activations.c.user_id,
        members.c.departed_at <= before,
    )
    lost = exists().where(chats.c.id == activations.c.chat_id, chats.c.left_at <= before)
    statement = select(activations).where(
        _GIVES_BACK_NOBODY,
        activations.c.rs_id.isnot(None),
        activations.c.reason.is_(None),
        or_(departed, lost),
    )
    return [activation_of(row) for row in await connection.execute(statement)]


async def hand_over(
    connection: AsyncConnection, activation: Activation, user_id: int, *, expiry_at: int | None
) -> Activation | None:
    """Give an open number to another member; None where it has moved on meanwhile.

    Args:
        connection: within a transaction.
        activation: as it was read.
        user_id: whose it becomes.
        expiry_at: when it is now to be cancelled (epoch ms), where its buyer's departure was why.
    """
    bought_by = activation.bought_by or activation.user_id
    values: dict[str, object] = {"user_id": user_id, "bought_by": bought_by}
    if activation.cancel_reason is CloseReason.DEPARTURE:
        values |= {"cancel_at": expiry_at, "cancel_reason": CloseReason.EXPIRY}
    statement = (
        update(activations)
        .where(
            activations.c.id == activation.id,
            activations.c.user_id == activation.user_id,
            activations.c.state == activation.state,
            activations.c.state.in_((State.WAITING, State.RECEIVED)),
        )
        .values(values)
        .returning(activations)
    )
    row = (await connection.execute(statement)).one_or_none()
    return activation_of(row) if row else None


async def open_of_departed(connection: AsyncConnection, chat_id: int) -> list[Activation]:
    """Give the open numbers of a group whose buyers are gone, oldest first."""
    departed = exists().where(
        members.c.chat_id == activations.c.chat_id,
        members.c.user_id == activations.c.user_id,
        members.c.departed_at.isnot(None),
    )
    statement = (
        select(activations)
        .where(
            activations.c.chat_id == chat_id,
            activations.c.state.in_((State.WAITING, State.RECEIVED)),
            departed,
        )
        .order_by(activations.c.id)
    )
    return [activation_of(row) for row in await connection.execute(statement)]


_GIVES_BACK_NOBODY = and_(
    activations.c.state == State.WAITING,
    or_(activations.c.cancel_reason.is_(None), activations.c.cancel_reason == CloseReason.EXPIRY),
)
