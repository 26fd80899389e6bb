"""When something was written last: a process that begins must not be earlier."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.tables import changes, codes, entries, inbox, outbox, readings, transitions

_WRITTEN = (
    (transitions.c.id, transitions.c.at),
    (entries.c.id, entries.c.at),
    (codes.c.id, codes.c.seen_at),
    (readings.c.id, readings.c.at),
    (changes.c.id, changes.c.at),
    (outbox.c.id, outbox.c.created_at),
    (inbox.c.update_id, inbox.c.received_at),
)
"""What counts up, and the time beside it: the last row of each is found by its key."""


async def newest_at(connection: AsyncConnection) -> int:
    """Give the time of the newest row of all that is written in the order of time (epoch ms).

    0 where there is nothing.
    """
    newest = [
        await connection.scalar(select(at).order_by(key.desc()).limit(1)) for key, at in _WRITTEN
    ]
    return max(at or 0 for at in newest)
