"""Queries on the readings of the provider's balance, and what was concluded from each."""

from dataclasses import asdict, dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.times import DAY_MS
from bot.storage.slices import some
from bot.storage.tables import readings
from bot.storage.upsert import insert_into

OPENING = "opening"
EXPLAINED = "explained"
UNEXPLAINED = "unexplained"
SET_ASIDE = "set aside"
"""Unexplained as well; and the purchases that are undecided then are for the owner alone."""
UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReading:
    """A balance as it was read while no money call was open; amounts in micro-dollars.

    Attributes:
        at: epoch ms.
        step: of the last digit that the provider ever showed.
        expected: what the ledger said, before anything was concluded.
        conclusion: what was concluded, one of the words above.
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


async def concluded_at(connection: AsyncConnection, conclusion: str) -> int:
    """Give the time of the newest reading with this conclusion (epoch ms), or 0."""
    chosen = select(readings.c.at).where(readings.c.conclusion == conclusion)
    return await connection.scalar(chosen.order_by(readings.c.id.desc()).limit(1)) or 0


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


async def last_of_days(connection: AsyncConnection, since: int) -> list[KeptReading]:
    """Give the newest reading of each day (UTC) since a time (epoch ms), newest first."""
    newest = (
        select(func.max(readings.c.id))
        .where(readings.c.at >= since)
        .group_by(readings.c.at // DAY_MS)
    )
    columns = [readings.c[name] for name in KeptReading.__slots__]
    statement = select(*columns).where(readings.c.id.in_(newest)).order_by(readings.c.id.desc())
    rows = await connection.execute(statement)
    return [KeptReading(**row._mapping) for row in rows]  # noqa: SLF001 - as above


async def purge(connection: AsyncConnection, before: int) -> int:
    """Erase a slice of what was read before `before` (epoch ms), and count it.

    The newest reading with each conclusion is kept: later ones are judged by it.
    """
    newest = select(func.max(readings.c.id)).group_by(readings.c.conclusion)
    old = some(readings.c.id, readings.c.at < before, readings.c.id.not_in(newest))
    statement = readings.delete().where(old)
    return (await connection.execute(statement)).rowcount
