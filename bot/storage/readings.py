"""Queries on the readings of the provider's balance, and what was concluded from each."""

from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.rows import insert_into
from bot.storage.tables import readings


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReading:
    """A balance as it was read while no money call was open; amounts in micro-dollars.

    Attributes:
        at: epoch ms.
        step: of the last digit that the provider ever showed.
        expected: what the ledger said, before anything was concluded.
        conclusion: what was concluded, for people.
    """

    at: int
    micros: int
    step: int
    expected: int
    conclusion: str


async def add(connection: AsyncConnection, reading: KeptReading, *, follows: int) -> bool:
    """Keep a reading after the one with the id `follows`; False where another came first."""
    statement = (
        insert_into(connection, readings)
        .values(follows=follows, **asdict(reading))
        .on_conflict_do_nothing(index_elements=["follows"])
        .returning(readings.c.id)
    )
    return (await connection.execute(statement)).scalar_one_or_none() is not None


async def last_id(connection: AsyncConnection) -> int:
    """Give the id of the newest reading, 0 before the first."""
    return await connection.scalar(select(func.max(readings.c.id))) or 0


async def last(connection: AsyncConnection, *, before: int | None = None) -> KeptReading | None:
    """Give the newest reading, of all or of those taken before a time (epoch ms)."""
    columns = [readings.c[name] for name in KeptReading.__slots__]
    statement = select(*columns).order_by(readings.c.id.desc()).limit(1)
    if before is not None:
        statement = statement.where(readings.c.at < before)
    row = (await connection.execute(statement)).one_or_none()
    return KeptReading(**row._mapping) if row else None  # noqa: SLF001 - the documented name


async def purge(connection: AsyncConnection, before: int) -> int:
    """Erase what was read before `before` (epoch ms), all but the newest, and count it."""
    newest = select(func.max(readings.c.id)).scalar_subquery()
    statement = readings.delete().where(readings.c.at < before, readings.c.id != newest)
    return (await connection.execute(statement)).rowcount
