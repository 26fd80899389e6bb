"""Copy a whole installation from one database into another, and compare the two."""

import hashlib
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import BigInteger, Row, Select, Table, exists, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.moves import MOVED_FROM, MOVED_TO
from bot.storage.tables import installation, metadata
from bot.storage.updates_lock import ADVISORY_LOCK

NOT_MOVED = frozenset({"budgets", "lanes", "leases", "replicas"})
"""Tables of processes that run: nothing in them outlives a stop."""

BATCH = 1000


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a table has, and the sum of their hashes, in whatever order they come."""

    rows: int = 0
    checksum: int = 0

    def with_rows(self, rows: Iterable[Row[Any]]) -> "TableSum":
        """Give the sum with these rows added."""
        hashes = [_hash(row) for row in rows]
        return TableSum(self.rows + len(hashes), self.checksum + sum(hashes))


class TableSums(dict[str, TableSum]):
    """The sums of all tables that are moved, by their names."""

    @classmethod
    async def of(cls, connection: AsyncConnection) -> Self:
        """Read everything, some rows at a time."""
        sums = cls()
        for table in moved_tables():
            sums[table.name] = TableSum()
            async for rows in _batches(connection, table):
                sums[table.name] = sums[table.name].with_rows(rows)
        return sums

    def unlike(self, other: "TableSums") -> list[str]:
        """Name the tables that are not the same."""
        return [name for name, one in self.items() if other.get(name) != one]


def moved_tables() -> list[Table]:
    """Give the tables that are moved, each behind those that it refers to."""
    return [table for table in metadata.sorted_tables if table.name not in NOT_MOVED]


async def keep_bots_away(connection: AsyncConnection) -> bool:
    """Let no bot begin on a PostgreSQL until the transaction ends; False: one is at work."""
    lock = select(func.pg_try_advisory_xact_lock(literal(ADVISORY_LOCK, BigInteger)))
    return bool(await connection.scalar(lock))


async def is_empty(connection: AsyncConnection) -> bool:
    """Tell whether no table that is moved has a row."""
    for table in moved_tables():
        if await connection.scalar(select(exists(select(1).select_from(table)))):
            return False
    return True


async def copy(source: AsyncConnection, target: AsyncConnection) -> TableSums:
    """Copy everything into empty tables of PostgreSQL, some rows at a time; give what was read.

    The next ids go on behind all that were ever given.
    """
    sums = TableSums()
    for table in moved_tables():
        sums[table.name] = TableSum()
        async for rows in _batches(source, table):
            await target.execute(table.insert(), [dict(row._mapping) for row in rows])  # noqa: SLF001 - the documented name
            sums[table.name] = sums[table.name].with_rows(rows)
    await _continue_ids(source, target)
    return sums


async def _batches(connection: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Row[Any]]]:
    async with connection.stream(_rows_of(table)) as result:
        async for rows in result.partitions(BATCH):
            yield rows


def _rows_of(table: Table) -> Select[Any]:
    """Leave out the marks of the move itself, which both sides have of their own."""
    if table is installation:
        return select(table).where(installation.c.key.not_in((MOVED_TO, MOVED_FROM)))
    return select(table)


def _hash(row: Row[Any]) -> int:
    """Hash what Python makes of a row: the same on every database that gives the same values."""
    written = json.dumps(list(row), sort_keys=True).encode()
    return int.from_bytes(hashlib.blake2b(written, digest_size=16).digest())


async def _continue_ids(source: AsyncConnection, target: AsyncConnection) -> None:
    given = await _ids_given(source)
    for table in moved_tables():
        column = table.autoincrement_column
        if column is None:
            continue
        highest = await source.scalar(select(func.max(column))) or 0
        highest = max(highest, given.get(table.name, 0))
        if highest:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            await target.execute(select(func.setval(sequence, literal(highest, BigInteger))))


async def _ids_given(source: AsyncConnection) -> dict[str, int]:
    """Give the highest id ever, of the tables for which SQLite remembers it after a purge."""
    rows = await source.execute(text("SELECT name, seq FROM sqlite_sequence"))
    return {row.name: row.seq for row in rows}
