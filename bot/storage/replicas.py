"""Queries on the replicas and the leader's lease: PostgreSQL alone, by its clock.

A process may stand still in any line of this: no statement waits for a row that another process
may hold locked for longer than the statement takes.
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, ColumnElement, cast, func, or_, select, text, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import activations, leases, replicas

LEADER = "leader"
PLAUSIBLE_MS = 60_000
"""No lease lasts that long: one that seems to was written before the database's clock was set
back, by a process that may be gone."""

_NOW = cast(func.floor(func.extract("epoch", func.clock_timestamp()) * 1000), BigInteger)


@dataclass(frozen=True, slots=True)
class Time:
    """What the database's clock shows (epoch ms), and how far the leader's is ahead of it (ms).

    `ahead` is None where there is no leader.
    """

    now: int
    ahead: int | None


async def time(connection: AsyncConnection) -> Time:
    """Tell the time that all replicas agree on."""
    of_leader = select(leases.c.ahead).where(
        leases.c.name == LEADER, ~_is_over(leases.c.lease_until)
    )
    row = (await connection.execute(select(_NOW, of_leader.scalar_subquery()))).one()
    return Time(*row)


async def begin(connection: AsyncConnection, replica_id: str, lease: int) -> None:
    """Count a process among the replicas, for `lease` ms."""
    values = {"id": replica_id, "started_at": _NOW, "lease_until": _NOW + lease}
    await connection.execute(replicas.insert().values(values))


async def renew(connection: AsyncConnection, replica_id: str, lease: int) -> bool:
    """Make a replica's lease last for `lease` ms from now; False where it is over."""
    statement = (
        update(replicas)
        .where(replicas.c.id == replica_id, ~_is_over(replicas.c.lease_until))
        .values(lease_until=_NOW + lease)
        .returning(replicas.c.id)
    )
    return (await connection.execute(statement)).one_or_none() is not None


async def lead(connection: AsyncConnection, replica_id: str, lease: int, ahead: int) -> bool:
    """Take the leader's lease if it is free, or renew it; tell whether it is this replica's.

    Args:
        connection: a transaction.
        replica_id: of a replica that is alive.
        lease: ms from now.
        ahead: how many ms this replica's clock is ahead of the database's.
    """
    is_free = _is_over(leases.c.lease_until)
    present = select(leases.c.holder, is_free.label("is_free")).where(leases.c.name == LEADER)
    row = (await connection.execute(present)).one_or_none()
    values = {"holder": replica_id, "lease_until": _NOW + lease, "ahead": ahead}
    if row is None:
        first = postgresql.insert(leases).values(name=LEADER, **values).on_conflict_do_nothing()
        return (await connection.execute(first.returning(leases.c.name))).first() is not None
    if row.holder != replica_id and not row.is_free:
        return False
    mine = select(leases.c.name).where(
        leases.c.name == LEADER, or_(leases.c.holder == replica_id, is_free)
    )
    take = (
        update(leases)
        .where(leases.c.name.in_(mine.with_for_update(skip_locked=True)))
        .values(values)
        .returning(leases.c.name)
    )
    return (await connection.execute(take)).first() is not None


async def resign(connection: AsyncConnection, *replica_ids: str) -> None:
    """Let another replica lead from now on, whichever of these does."""
    # Never deleted: who inserted it anew, and stood still then, would keep all others waiting.
    mine = update(leases).where(leases.c.holder.in_(replica_ids))
    await connection.execute(mine.values(lease_until=0))


async def wait_little(connection: AsyncConnection, milliseconds: int) -> None:
    """Let the rest of a transaction fail rather than wait longer for what others hold locked."""
    await connection.execute(text(f"SET LOCAL lock_timeout = {milliseconds}"))


async def is_listed(connection: AsyncConnection, replica_id: str) -> bool:
    """Tell whether nobody has found yet that this replica is gone."""
    statement = select(replicas.c.id).where(replicas.c.id == replica_id)
    return (await connection.execute(statement)).one_or_none() is not None


async def remove_dead(connection: AsyncConnection) -> list[str]:
    """Remove the replicas whose leases are over."""
    over = select(replicas.c.id).where(_is_over(replicas.c.lease_until))
    return await _remove(connection, replicas.c.id.in_(over.with_for_update(skip_locked=True)))


async def remove(connection: AsyncConnection, replica_id: str) -> list[str]:
    """Remove a replica that has ended."""
    return await _remove(connection, replicas.c.id == replica_id)


async def remove_others(connection: AsyncConnection, replica_id: str) -> list[str]:
    """Remove all replicas but one: it is known that they are gone."""
    return await _remove(connection, replicas.c.id != replica_id)


async def _remove(connection: AsyncConnection, condition: ColumnElement[bool]) -> list[str]:
    """Remove replicas with what they hold, and give their ids.

    The lanes go by their foreign key. Whoever was at a cancellation, another asks again.
    """
    statement = replicas.delete().where(condition).returning(replicas.c.id)
    removed = list((await connection.execute(statement)).scalars())
    if removed:
        await resign(connection, *removed)
        left = activations.c.cancel_lease_by.in_(removed)
        free = update(activations).where(activations.c.cancel_at.isnot(None), left)
        await connection.execute(free.values(cancel_lease_until=None, cancel_lease_by=None))
    return removed


def _is_over(until: Column[int]) -> ColumnElement[bool]:
    return or_(until <= _NOW, until > _NOW + PLAUSIBLE_MS)
