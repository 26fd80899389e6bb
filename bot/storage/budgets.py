"""The one budget of requests to the provider that all replicas share (PostgreSQL)."""

from dataclasses import dataclass
from typing import Final, Self

from sqlalchemy import Insert, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import budgets
from bot.storage.upsert import UniqueInsert, upsert

_NAME: Final = "provider"


@dataclass(slots=True)
class Budget:
    """A rate of requests, and the moment from which on the next may begin. Times are seconds.

    Attributes:
        rate: requests per second.
        cut_at: when the rate was cut last.
        restored_at: when it was restored last, in part.
    """

    rate: float
    free_at: float
    cut_at: float
    restored_at: float

    def later_by(self, seconds: float) -> Self:
        """Give the same by a clock that is so many seconds ahead."""
        return type(self)(
            rate=self.rate,
            free_at=self.free_at + seconds,
            cut_at=self.cut_at + seconds,
            restored_at=self.restored_at + seconds,
        )


async def lock(connection: AsyncConnection, first: Budget) -> Budget:
    """Give the budget, which nobody else gets until this transaction has ended.

    Where there is none yet it begins as `first`. Its times are Unix seconds.
    """
    row = (await connection.execute(_LOCK)).one_or_none()
    if row is None:
        await upsert(connection, budgets, {"name": _NAME, **_values(first)}, _one)
        row = (await connection.execute(_LOCK)).one()
    return Budget(
        rate=row.rate,
        free_at=row.free_at / 1000,
        cut_at=row.cut_at / 1000,
        restored_at=row.restored_at / 1000,
    )


async def put(connection: AsyncConnection, budget: Budget) -> None:
    """Set the budget, which was locked."""
    await connection.execute(_PUT, _values(budget))


def _values(budget: Budget) -> dict[str, float | int]:
    return {
        "rate": budget.rate,
        "free_at": budget.free_at * 1000,
        "cut_at": round(budget.cut_at * 1000),
        "restored_at": round(budget.restored_at * 1000),
    }


def _one(insert: UniqueInsert) -> Insert:
    return insert.on_conflict_do_nothing(index_elements=["name"])


_LOCK = select(budgets).where(budgets.c.name == _NAME).with_for_update()
_PUT = (
    update(budgets)
    .where(budgets.c.name == _NAME)
    .values({name: bindparam(name) for name in ("rate", "free_at", "cut_at", "restored_at")})
)
