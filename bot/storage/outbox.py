"""Queries on the outbox: what is to be told, kept until Telegram has taken it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    BigInteger,
    Insert,
    Integer,
    Row,
    Select,
    and_,
    bindparam,
    case,
    exists,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.notice import Notice, NoticeKind
from bot.storage.slices import some
from bot.storage.tables import outbox
from bot.storage.upsert import UniqueInsert, upsert

PENDING, SENT, PARKED, FAILED = "pending", "sent", "parked", "failed"
_ANY_NUMBER = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRow:
    """One thing to tell one chat.

    Attributes:
        version: counts up when the thing changes while it waits or is on its way.
        facts: what the text needs beyond the activation.
        due_at: not before this time (epoch ms).
    """

    id: int
    version: int
    chat_id: int
    priority: int
    kind: NoticeKind
    activation_id: int | None
    facts: Mapping[str, Any]
    due_at: int
    attempts: int
    created_at: int


async def enqueue(connection: AsyncConnection, notice: Notice, at: int) -> None:
    """Put a notice in the outbox once per key; the same key again keeps what is there."""
    await upsert(connection, outbox, _values(notice, at), _once)


async def enqueue_all(connection: AsyncConnection, notices: Iterable[Notice], at: int) -> None:
    """Put several notices in the outbox, each once per key."""
    for notice in notices:
        await enqueue(connection, notice, at)


async def renew(connection: AsyncConnection, notice: Notice, at: int) -> None:
    """Put a notice in the outbox, or let it be told anew: one row shows the latest.

    What Telegram has not taken yet goes no sooner than it was to be tried again.
    """
    await upsert(connection, outbox, _values(notice, at), _anew)


async def due(
    connection: AsyncConnection,
    now: int,
    limit: int,
    *,
    except_chats: Collection[int] = (),
    retries: bool = True,
) -> list[OutboxRow]:
    """Give what may be sent now, most urgent first, at most one per chat.

    Args:
        connection: a transaction.
        now: epoch ms.
        limit: as much at most.
        except_chats: chats that get nothing now.
        retries: what has failed before may be among it.
    """
    values = {
        "now": now,
        "limit": limit,
        "except_chats": list(except_chats),
        "most_attempts": _ANY_NUMBER if retries else 0,
    }
    return [_row(row) for row in await connection.execute(_DUE, values)]


async def settle(
    connection: AsyncConnection, row: OutboxRow, status: str, at: int, problem: str | None = None
) -> None:
    """Close a row, unless what it tells has changed since it was read."""
    sent_at = at if status == SENT else None
    values = {"status": status, "sent_at": sent_at, "problem": problem}
    await connection.execute(_SETTLE, {"of": row.id, "as_read": row.version, **values})


async def postpone(connection: AsyncConnection, row: OutboxRow, due_at: int, problem: str) -> None:
    """Try a row again later."""
    statement = (
        update(outbox)
        .where(outbox.c.id == row.id)
        .values(due_at=due_at, attempts=outbox.c.attempts + 1, problem=problem)
    )
    await connection.execute(statement)


async def sent_to_groups(connection: AsyncConnection, since: int) -> list[tuple[int, int]]:
    """Give chat and time (epoch ms) of what was sent to groups since then, oldest first."""
    statement = (
        select(outbox.c.chat_id, outbox.c.sent_at)
        .where(outbox.c.status == SENT, outbox.c.chat_id < 0, outbox.c.sent_at >= since)
        .order_by(outbox.c.sent_at)
    )
    return [(chat_id, sent_at) for chat_id, sent_at in await connection.execute(statement)]


async def has_parked(connection: AsyncConnection, chat_id: int) -> bool:
    """Tell whether something waits for a chat that could not be reached."""
    statement = select(outbox.c.id).where(outbox.c.chat_id == chat_id, outbox.c.status == PARKED)
    return (await connection.execute(statement.limit(1))).one_or_none() is not None


async def codes_told(
    connection: AsyncConnection, chat_id: int, activation_ids: Collection[int]
) -> set[int]:
    """Give the ids of these activations' codes that were written into this chat itself."""
    statement = select(outbox.c.facts).where(
        outbox.c.chat_id == chat_id,
        outbox.c.kind == NoticeKind.CODE,
        outbox.c.activation_id.in_(activation_ids),
    )
    return {facts["code_id"] for facts in (await connection.execute(statement)).scalars()}


async def unpark(connection: AsyncConnection, chat_id: int, now: int) -> int:
    """Let what was parked for a chat be sent after all, and count it."""
    statement = (
        update(outbox)
        .where(outbox.c.chat_id == chat_id, outbox.c.status == PARKED)
        .values(status=PENDING, due_at=now, attempts=0)
    )
    return (await connection.execute(statement)).rowcount


async def move_chat(connection: AsyncConnection, old_id: int, new_id: int) -> None:
    """Send what waits for a group to the supergroup that it became."""
    statement = update(outbox).where(
        outbox.c.chat_id == old_id, outbox.c.status.in_((PENDING, PARKED))
    )
    await connection.execute(statement.values(chat_id=new_id, status=PENDING))


async def count(connection: AsyncConnection, status: str) -> int:
    """Count the rows of a status."""
    statement = select(func.count()).where(outbox.c.status == status)
    return (await connection.execute(statement)).scalar_one()


async def purge(connection: AsyncConnection, before: int) -> int:
    """Erase a slice of what was closed and made before `before` (epoch ms), and count it."""
    old = some(outbox.c.id, outbox.c.status != PENDING, outbox.c.created_at < before)
    statement = outbox.delete().where(old)
    return (await connection.execute(statement)).rowcount


def _due() -> Select[Any]:
    other = outbox.alias()
    now = bindparam("now", type_=BigInteger)
    waits_behind = exists().where(
        other.c.chat_id == outbox.c.chat_id,
        other.c.status == PENDING,
        other.c.due_at <= now,
        tuple_(other.c.priority, other.c.id) < tuple_(outbox.c.priority, outbox.c.id),
    )
    return (
        select(outbox)
        .where(
            outbox.c.status == PENDING,
            outbox.c.due_at <= now,
            outbox.c.chat_id.not_in(bindparam("except_chats", expanding=True)),
            outbox.c.attempts <= bindparam("most_attempts", type_=Integer),
            ~waits_behind,
        )
        .order_by(outbox.c.priority, outbox.c.id)
        .limit(bindparam("limit", type_=Integer))
    )


_DUE = _due()
"""Asked twice for every message: making it anew would cost more than its answer."""
_SETTLE = update(outbox).where(
    outbox.c.id == bindparam("of"), outbox.c.version == bindparam("as_read")
)


def _once(insert: UniqueInsert) -> Insert:
    return insert.on_conflict_do_nothing(index_elements=["key"])


def _anew(insert: UniqueInsert) -> Insert:
    waiting, failed = outbox.c.status == PENDING, outbox.c.attempts > 0
    again = {
        "version": outbox.c.version + 1,
        "status": PENDING,
        "attempts": case((waiting, outbox.c.attempts), else_=0),
        "chat_id": insert.excluded.chat_id,
        "facts": insert.excluded.facts,
        "priority": insert.excluded.priority,
        "due_at": case((and_(waiting, failed), outbox.c.due_at), else_=insert.excluded.due_at),
    }
    return insert.on_conflict_do_update(index_elements=["key"], set_=again)


def _values(notice: Notice, at: int) -> dict[str, Any]:
    return {
        "key": notice.key,
        "chat_id": notice.chat_id,
        "priority": notice.priority,
        "kind": notice.kind,
        "activation_id": notice.activation_id,
        "facts": dict(notice.facts),
        "status": PENDING,
        "due_at": at,
        "created_at": at,
    }


def _row(row: Row[Any]) -> OutboxRow:
    values = {name: getattr(row, name) for name in OutboxRow.__slots__}
    values["kind"] = NoticeKind(row.kind)
    return OutboxRow(**values)
