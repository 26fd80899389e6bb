"""Queries that read the whole ledger, piece by piece, for verifying it."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import Row, Select, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation
from bot.domain.audit import Booked
from bot.domain.ledger import Entry, Kind, chat_account
from bot.storage.rows import activation_of
from bot.storage.tables import activations, chats, entries, transitions

PIECE = 100


@dataclass(frozen=True, slots=True)
class Piece:
    """Some activations, with what is booked for each and the state that its history ends with.

    Attributes:
        unreadable: why a row is none of an activation, by its id; what is booked for it is there.
    """

    activations: list[Activation]
    unreadable: dict[int, str]
    booked: dict[int, list[Booked]]
    last_steps: dict[int, str]


async def pieces(connection: AsyncConnection, accounts: dict[str, str]) -> AsyncIterator[Piece]:
    """Give all activations with their entries, some at a time."""
    after = 0
    while True:
        statement = select(activations).where(activations.c.id > after).order_by(activations.c.id)
        rows = (await connection.execute(statement.limit(PIECE))).all()
        if not rows:
            return
        ids = [row.id for row in rows]
        yield Piece(
            *_readable(rows),
            await _booked(connection, ids, accounts),
            await _last_steps(connection, ids),
        )
        after = ids[-1]


async def booked_alone(connection: AsyncConnection) -> list[Booked]:
    """Give the entries that belong to no activation."""
    statement = select(entries).where(entries.c.activation_id.is_(None))
    return [_booked_of(row, {}) for row in await connection.execute(statement)]


async def count_entries(connection: AsyncConnection) -> int:
    """Count all entries."""
    return (await connection.execute(select(func.count()).select_from(entries))).scalar_one()


async def present_accounts(connection: AsyncConnection) -> dict[str, str]:
    """Give, for the account of each group that has become a supergroup, the present account."""
    statement = select(chats.c.id, chats.c.migrated_to).where(chats.c.migrated_to.isnot(None))
    rows = await connection.execute(statement)
    return {chat_account(row.id): chat_account(row.migrated_to) for row in rows}


async def totals(connection: AsyncConnection, accounts: dict[str, str]) -> dict[str, int]:
    """Give each account's balance as the database adds it up: what left it less what came in."""
    out: Select[Any] = select(entries.c.source.label("account"), entries.c.amount)
    into: Select[Any] = select(entries.c.target, -entries.c.amount)
    moved = union_all(out, into).subquery()
    statement = select(moved.c.account, func.sum(moved.c.amount)).group_by(moved.c.account)
    sums: dict[str, int] = {}
    for account, amount in await connection.execute(statement):
        present = accounts.get(account, account)
        sums[present] = sums.get(present, 0) + int(amount)
    return sums


def _readable(rows: Sequence[Row[Any]]) -> tuple[list[Activation], dict[int, str]]:
    found: list[Activation] = []
    unreadable: dict[int, str] = {}
    for row in rows:
        try:
            found.append(activation_of(row))
        except ValueError as error:  # a state that there is not
            unreadable[row.id] = str(error)
    return found, unreadable


async def _booked(
    connection: AsyncConnection, ids: Sequence[int], accounts: dict[str, str]
) -> dict[int, list[Booked]]:
    statement = select(entries).where(entries.c.activation_id.in_(ids)).order_by(entries.c.id)
    booked: dict[int, list[Booked]] = {activation_id: [] for activation_id in ids}
    for row in await connection.execute(statement):
        booked[row.activation_id].append(_booked_of(row, accounts))
    return booked


async def _last_steps(connection: AsyncConnection, ids: Sequence[int]) -> dict[int, str]:
    last = (
        select(func.max(transitions.c.id))
        .where(transitions.c.activation_id.in_(ids))
        .group_by(transitions.c.activation_id)
    )
    statement = select(transitions).where(transitions.c.id.in_(last))
    return {row.activation_id: row.target for row in await connection.execute(statement)}


def _booked_of(row: Row[Any], accounts: dict[str, str]) -> Booked:
    return Booked(
        id=row.id,
        entry=Entry(
            cast("Kind", row.kind),  # whatever stands there is compared, not believed
            accounts.get(row.source, row.source),
            accounts.get(row.target, row.target),
            row.amount,
        ),
        user_id=row.user_id,
        purchased_at=row.purchased_at,
    )
