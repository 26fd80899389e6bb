"""Queries that erase what is personal and leave what the books need: ids, amounts, times."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Delete, Select, Update, and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import OPEN, Activation, State
from bot.domain.chat import PermissionKind
from bot.domain.notice import NoticeKind
from bot.storage.outbox import PENDING
from bot.storage.rows import activation_of
from bot.storage.slices import some
from bot.storage.tables import activations, chats, codes, outbox, permissions, quotes, users

NAMELESS = ""

_HAS_NUMBER = activations.c.number.isnot(None)
_IS_CLOSED = and_(activations.c.state.not_in(OPEN), activations.c.next_poll_at.is_(None))
_IS_IN_USE = or_(
    activations.c.state.in_(OPEN - {State.UNKNOWN}), activations.c.next_poll_at.isnot(None)
)


@dataclass(frozen=True, slots=True)
class Erased:
    """How much was erased about somebody."""

    codes: int
    numbers: int
    messages: int


async def in_use(connection: AsyncConnection, user_id: int) -> list[Activation]:
    """Give a user's activations that wait for a code, or are looked at for another one.

    An unknown outcome is not among them: it has neither a number nor a code, and may take long.
    """
    statement = select(activations).where(activations.c.user_id == user_id, _IS_IN_USE)
    rows = await connection.execute(statement.order_by(activations.c.id))
    return [activation_of(row) for row in rows]


async def forget(connection: AsyncConnection, user_id: int, at: int) -> Erased:
    """Erase a user's names, codes, numbers, quotes and what was told; ids and amounts stay."""
    closed = select(activations.c.id).where(activations.c.user_id == user_id, _IS_CLOSED)
    erased = Erased(
        codes=await _count(connection, delete(codes).where(codes.c.activation_id.in_(closed))),
        numbers=await _count(connection, _without_number(activations.c.id.in_(closed))),
        messages=await _forget_messages(connection, user_id, closed),
    )
    await connection.execute(delete(quotes).where(quotes.c.user_id == user_id))
    await _forget_names(connection, user_id, at)
    return erased


async def purge_numbers(connection: AsyncConnection, before: int) -> int:
    """Erase a slice of the closed numbers asked for before `before` (epoch ms), and count them."""
    is_old = (_HAS_NUMBER, _IS_CLOSED, activations.c.requested_at < before)
    return await _count(connection, _without_number(some(activations.c.id, *is_old)))


def _without_number(condition: ColumnElement[bool]) -> Update:
    return update(activations).where(_HAS_NUMBER, condition).values(number=None)


async def _forget_messages(
    connection: AsyncConnection, user_id: int, closed: Select[tuple[int]]
) -> int:
    """Erase what was told; what is still to be told, and the owner's alerts, are left alone."""
    is_theirs = and_(outbox.c.chat_id == user_id, outbox.c.activation_id.is_(None))
    asked = outbox.c.key.startswith(f"request:{user_id}:", autoescape=True)
    statement = delete(outbox).where(
        outbox.c.status != PENDING,
        outbox.c.kind != NoticeKind.ALERT,
        or_(is_theirs, asked, outbox.c.activation_id.in_(closed)),
    )
    return await _count(connection, statement)


async def _forget_names(connection: AsyncConnection, user_id: int, at: int) -> None:
    nameless = {"name": NAMELESS, "username": None, "forgotten_at": at}
    await connection.execute(update(users).where(users.c.id == user_id).values(nameless))
    # A private chat has its user's id, and is called like its user.
    await connection.execute(update(chats).where(chats.c.id == user_id).values(title=NAMELESS))
    as_member = and_(permissions.c.kind == PermissionKind.MEMBER, permissions.c.key == str(user_id))
    await connection.execute(update(permissions).where(as_member).values(name=str(user_id)))


async def _count(connection: AsyncConnection, statement: Delete | Update) -> int:
    return (await connection.execute(statement)).rowcount
