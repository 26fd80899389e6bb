"""Queries on the ledger: entries are added, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, case, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation
from bot.domain.ledger import PROVIDER, REFUNDS_DUE, Entry, Kind, chat_account, refund_seen
from bot.storage.tables import activations, chats, entries
from bot.storage.upsert import insert_into


async def record(
    connection: AsyncConnection, activation: Activation, *new_entries: Entry, at: int
) -> None:
    """Add entries for an activation; all of them count on the day of the purchase."""
    of = {"activation_id": activation.id, "user_id": activation.user_id}
    for entry in new_entries:
        values = of | _columns(entry, activation.requested_at, at)
        await connection.execute(entries.insert().values(values))


async def record_alone(connection: AsyncConnection, entry: Entry, *, at: int) -> None:
    """Add an entry that belongs to no activation; it counts on the day it is made."""
    await connection.execute(entries.insert().values(_columns(entry, at, at)))


async def balance_of(connection: AsyncConnection, account: str) -> int:
    """Give what left an account less what came into it, in micro-dollars.

    For the provider's account, once opened, that is what its balance must be.
    """
    signed = case((entries.c.source == account, entries.c.amount), else_=-entries.c.amount)
    statement = select(func.coalesce(func.sum(signed), 0)).where(
        or_(entries.c.source == account, entries.c.target == account)
    )
    return int((await connection.execute(statement)).scalar_one())


async def last_call_entry(connection: AsyncConnection) -> int:
    """Give the newest entry that anything but a new purchase made, 0 where there is none.

    It changes whenever a call that may move the provider's balance has been settled as done.
    """
    statement = (
        select(entries.c.id).where(entries.c.kind != Kind.HOLD).order_by(entries.c.id.desc())
    )
    return await connection.scalar(statement.limit(1)) or 0


@dataclass(frozen=True, slots=True)
class RefundDue:
    """A refund that the provider promised and its balance has not shown; times are epoch ms."""

    activation_id: int
    user_id: int
    amount: int
    purchased_at: int
    at: int


async def refunds_due(connection: AsyncConnection) -> list[RefundDue]:
    """Give the refunds that are booked, and neither seen nor given up, oldest first."""
    other = entries.alias()
    ended = exists().where(
        other.c.activation_id == entries.c.activation_id,
        other.c.kind.in_((Kind.REFUND_SEEN, Kind.REFUND_LOST)),
    )
    signed = case((entries.c.source == REFUNDS_DUE, entries.c.amount), else_=-entries.c.amount)
    statement = (
        select(
            entries.c.activation_id,
            func.min(entries.c.user_id),
            func.sum(signed),
            func.min(entries.c.purchased_at),
            func.min(entries.c.at),
        )
        .where(or_(entries.c.source == REFUNDS_DUE, entries.c.target == REFUNDS_DUE), ~ended)
        .group_by(entries.c.activation_id)
        .order_by(entries.c.activation_id)
    )
    return [RefundDue(*map(int, row)) for row in await connection.execute(statement)]


async def record_seen(
    connection: AsyncConnection, refunds: Sequence[RefundDue], *, at: int
) -> None:
    """Book that the balance shows these refunds; one that is booked already stays as it is."""
    if not refunds:
        return
    rows = [
        {"activation_id": refund.activation_id, "user_id": refund.user_id}
        | _columns(refund_seen(refund.amount), refund.purchased_at, at)
        for refund in refunds
    ]
    statement = insert_into(connection, entries).on_conflict_do_nothing(
        index_elements=["activation_id", "kind"]
    )
    await connection.execute(statement, rows)


async def price_differences(
    connection: AsyncConnection, activation_ids: Sequence[int]
) -> dict[int, int]:
    """Give what the provider took beyond the quote (micro-dollars, below zero: less)."""
    signed = case((entries.c.target == PROVIDER, entries.c.amount), else_=-entries.c.amount)
    statement = select(entries.c.activation_id, signed).where(
        entries.c.kind == Kind.PRICE_DIFFERENCE, entries.c.activation_id.in_(activation_ids)
    )
    return {row[0]: row[1] for row in await connection.execute(statement)}


async def spent(connection: AsyncConnection, chat_id: int, since: int) -> int:
    """Give the micro-dollars that a chat spent and holds for purchases made since (epoch ms)."""
    accounts = await _accounts_of(connection, chat_id)
    signed = case((entries.c.source.in_(accounts), entries.c.amount), else_=-entries.c.amount)
    statement = select(func.coalesce(func.sum(signed), 0)).where(
        or_(entries.c.source.in_(accounts), entries.c.target.in_(accounts)),
        entries.c.purchased_at >= since,
    )
    return int((await connection.execute(statement)).scalar_one())


async def spent_in_windows(
    connection: AsyncConnection, chat_id: int, since: Mapping[str, int], user_id: int | None = None
) -> dict[str, int]:
    """Give what a chat spent and holds in several windows, in micro-dollars by their names.

    Args:
        connection: a transaction.
        chat_id: the chat.
        since: when each window began (epoch ms); the day of the purchase counts.
        user_id: count only the numbers that are this member's.
    """
    if not since:
        return {}
    accounts = await _accounts_of(connection, chat_id)
    signed = case((entries.c.source.in_(accounts), entries.c.amount), else_=-entries.c.amount)
    sums = [
        func.coalesce(func.sum(case((entries.c.purchased_at >= begin, signed), else_=0)), 0)
        for begin in since.values()
    ]
    statement = select(*sums).where(
        or_(entries.c.source.in_(accounts), entries.c.target.in_(accounts)),
        entries.c.purchased_at >= min(since.values()),
    )
    if user_id is not None:
        # A number that was handed over counts where it is now, with all that is booked for it.
        statement = statement.join(activations).where(activations.c.user_id == user_id)
    row = (await connection.execute(statement)).one()
    return dict(zip(since, map(int, row), strict=True))


async def held(connection: AsyncConnection, chat_id: int, since: int = 0) -> int:
    """Give the micro-dollars held for a chat: purchases since (epoch ms) whose outcome is open."""
    accounts = await _accounts_of(connection, chat_id)
    settling = entries.alias()
    settled = exists().where(
        settling.c.activation_id == entries.c.activation_id,
        settling.c.kind.in_((Kind.POST, Kind.VOID)),
    )
    statement = select(func.coalesce(func.sum(entries.c.amount), 0)).where(
        entries.c.kind == Kind.HOLD,
        entries.c.source.in_(accounts),
        entries.c.purchased_at >= since,
        ~settled,
    )
    return int((await connection.execute(statement)).scalar_one())


async def refunds_of(connection: AsyncConnection, activation_ids: Sequence[int]) -> dict[int, int]:
    """Give the micro-dollars refunded, by activation; those without a refund are left out."""
    rows = await connection.execute(_REFUNDS_OF, {"ids": list(activation_ids)})
    return {row.activation_id: row.amount for row in rows}


_REFUNDS_OF = select(entries.c.activation_id, entries.c.amount).where(
    entries.c.kind == Kind.REFUND, entries.c.activation_id.in_(bindparam("ids", expanding=True))
)


def _columns(entry: Entry, purchased_at: int, at: int) -> dict[str, object]:
    return {
        "kind": entry.kind,
        "source": entry.source,
        "target": entry.target,
        "amount": entry.amount,
        "purchased_at": purchased_at,
        "at": at,
    }


async def _accounts_of(connection: AsyncConnection, chat_id: int) -> list[str]:
    """Name a chat's account, and those of the groups that became this supergroup."""
    former = await connection.execute(select(chats.c.id).where(chats.c.migrated_to == chat_id))
    return [chat_account(chat_id), *(chat_account(row.id) for row in former)]
