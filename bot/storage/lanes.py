"""Queries on lanes that replicas share; PostgreSQL alone.

A lane is handled by whoever holds it. To hold one a replica's row must be there; it stays until the
hold is committed, and takes its holds along when it goes. Locks are taken in the order of lanes, so
that nobody waits in a circle.
"""

from collections.abc import Collection

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.inbox import ERASED, Update
from bot.storage.tables import lanes as table

# 'waiting' is written out: so the planner knows that few updates wait.
# A lane of somebody else is locked too: its holder, about to give it back, must see our update.
_HOLD = text("""
    INSERT INTO lanes (lane, holder)
    SELECT lane, me.id
    FROM unnest(CAST(:lanes AS text[])) AS lane,
        (SELECT id FROM replicas WHERE id = :holder FOR KEY SHARE) AS me
    ORDER BY lane
    ON CONFLICT (lane) DO UPDATE SET holder = excluded.holder
    WHERE lanes.holder = excluded.holder
    RETURNING lane
""")

_CLAIM = text("""
    INSERT INTO lanes (lane, holder)
    SELECT free.lane, me.id
    FROM (
        SELECT lane
        FROM inbox
        WHERE status = 'waiting'
        AND NOT EXISTS (SELECT FROM lanes WHERE lanes.lane = inbox.lane)
        GROUP BY lane
        ORDER BY min(update_id)
        LIMIT :most
    ) AS free,
        (SELECT id FROM replicas WHERE id = :holder FOR KEY SHARE) AS me
    ORDER BY free.lane
    ON CONFLICT DO NOTHING
""")

_WITH_UPDATES = text("""
    SELECT lane
    FROM inbox JOIN lanes USING (lane)
    WHERE status = 'waiting' AND holder = :holder
    GROUP BY lane
    ORDER BY min(update_id)
""")

_FIRST = text("""
    SELECT update_id, lane, body
    FROM inbox
    WHERE status = 'waiting' AND lane = :lane AND update_id <> ALL(CAST(:but AS bigint[]))
    AND EXISTS (SELECT FROM lanes WHERE lanes.lane = inbox.lane AND holder = :holder)
    ORDER BY update_id
    LIMIT 1
""")

_CLOSE = text("""
    UPDATE inbox
    SET status = :status, handled_at = :at, lane = :erased, body = :erased
    WHERE update_id = ANY(CAST(:update_ids AS bigint[]))
    AND EXISTS (SELECT FROM lanes WHERE lanes.lane = inbox.lane AND holder = :holder)
""")

_LOCK = text("""
    SELECT lane
    FROM lanes
    WHERE lane = ANY(CAST(:lanes AS text[])) AND holder = :holder
    ORDER BY lane
    FOR UPDATE
""")

_RELEASE = text("""
    DELETE FROM lanes
    WHERE lane = ANY(CAST(:lanes AS text[])) AND holder = :holder
    AND NOT EXISTS (SELECT FROM inbox WHERE inbox.lane = lanes.lane AND status = 'waiting')
    RETURNING lane
""")


async def hold(connection: AsyncConnection, holder: str, lanes: Collection[str]) -> set[str]:
    """Take those of the lanes that are free; give those that `holder` has then."""
    parameters = {"holder": holder, "lanes": sorted(lanes)}
    return set(await connection.scalars(_HOLD, parameters))


async def claim(connection: AsyncConnection, holder: str, most: int) -> None:
    """Take so many free lanes in which updates wait, those that wait longest first."""
    parameters = {"holder": holder, "most": most}
    await connection.execute(_CLAIM, parameters)


async def with_updates(connection: AsyncConnection, holder: str) -> list[str]:
    """Give the lanes of `holder` in which updates wait."""
    parameters = {"holder": holder}
    return list(await connection.scalars(_WITH_UPDATES, parameters))


async def first(
    connection: AsyncConnection, holder: str, lane: str, but: Collection[int]
) -> Update | None:
    """Give the first update that waits in a lane, unless the lane is not the holder's.

    Args:
        connection: any.
        holder: id of a replica.
        lane: where to look.
        but: update_ids to pass over.
    """
    parameters = {"holder": holder, "lane": lane, "but": list(but)}
    row = (await connection.execute(_FIRST, parameters)).one_or_none()
    return Update(*row) if row else None


async def close(
    connection: AsyncConnection, holder: str, update_ids: Collection[int], status: str, at: int
) -> None:
    """Mark updates as handled, or as broken, as far as their lanes are the holder's still."""
    closed = {"status": status, "at": at, "erased": ERASED}
    parameters = {"holder": holder, "update_ids": list(update_ids), **closed}
    await connection.execute(_CLOSE, parameters)


async def release(connection: AsyncConnection, holder: str, lanes: Collection[str]) -> set[str]:
    """Give back the holder's lanes in which nothing waits; give those that stay the holder's.

    The lock comes first: what others have stored meanwhile is seen by the statement after it.
    """
    parameters = {"holder": holder, "lanes": sorted(lanes)}
    held = set(await connection.scalars(_LOCK, parameters))
    released = await connection.scalars(_RELEASE, parameters)
    return held.difference(released)


async def release_all(connection: AsyncConnection, holder: str) -> None:
    """Give back all lanes of a holder, whatever waits in them."""
    await connection.execute(delete(table).where(table.c.holder == holder))
