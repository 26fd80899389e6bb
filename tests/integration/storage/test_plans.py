"""With ten thousand open numbers, what runs all the time reads only what it needs."""

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy import Connection, event, insert, text
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import State
from bot.domain.ledger import hold
from bot.storage import activations, chats, history, ledger, looks, outbox, statistics, usage
from bot.storage.database import Database
from bot.storage.history import Search
from bot.storage.statistics import Group, Scope
from bot.storage.tables import activations as activations_table
from bot.storage.tables import entries as entries_table
from bot.storage.tables import outbox as outbox_table
from tests.integration.storage.helpers import BUYER, CHAT, NOW, a_quote

OPEN = 10_000
Query = Callable[[AsyncConnection], Awaitable[object]]

HOT: dict[str, tuple[str, Query]] = {
    "claim looks": (
        "ix_activations_next_poll_at",
        lambda connection: looks.claim(connection, NOW, 250),
    ),
    "plan looks": ("activations", lambda connection: looks.plan(connection, {7: NOW})),
    "next look": ("ix_activations_next_poll_at", looks.earliest),
    "what became of numbers": (
        "activations",  # the newest by their key
        lambda connection: looks.seen(connection, NOW, NOW - 1, 5000),
    ),
    "claim cancellations": (
        "ix_activations_cancel_at",
        lambda connection: activations.claim_cancels(connection, NOW, 1, 50),
    ),
    "next cancellation": (
        "ix_activations_cancel_at",
        lambda connection: activations.next_cancel_at(connection, NOW),
    ),
    "watched to the end": (
        "ix_activations_state_watch_until",
        lambda connection: looks.ended(connection, NOW),
    ),
    "overdue": (
        "ix_activations_state_expires_at",
        lambda connection: activations.overdue_without_refund(connection, NOW),
    ),
    "orphans": (
        "ix_activations_state_expires_at",
        lambda connection: activations.orphans(connection, NOW),
    ),
    "watched number": (
        "ix_activations_number",
        lambda connection: activations.is_watched(connection, "+1999", "0948"),
    ),
    "open of a user": (
        "ix_activations_user_id_state",
        lambda connection: usage.open_until(connection, CHAT, BUYER),
    ),
    "open of a chat": (
        "ix_activations_chat_id",
        lambda connection: usage.open_until(connection, CHAT + 1),
    ),
    "bought in the last hour": (
        "ix_activations_chat_id",
        lambda connection: usage.bought_since(connection, CHAT + 1, None, NOW - 1),
    ),
    "what may be sent": (
        "ix_outbox_chat_id_status_priority_id",
        lambda connection: outbox.due(connection, NOW, 64, except_chats={3}),
    ),
    "what works where": (
        "ix_activations_service_id_requested_at",
        lambda connection: statistics.by_country(connection, "0948", NOW),
    ),
    "statistics of a chat": (
        "ix_activations_chat_id",
        lambda connection: statistics.tallies(connection, Scope(NOW, CHAT + 1), Group.ALL),
    ),
    "history of a user": (
        "ix_activations_user_id_state",
        lambda connection: history.newest(connection, Search(user_id=BUYER), 9),
    ),
    "money of the day": (
        "ix_entries_source_purchased_at",
        lambda connection: ledger.spent_in_windows(connection, CHAT, {"daily": NOW - OPEN}),
    ),
    "money of a member": (
        "ix_",  # by the member's numbers, or by the chat's entries
        lambda connection: ledger.spent_in_windows(connection, CHAT, {"daily": NOW - OPEN}, BUYER),
    ),
}


async def test_what_runs_all_the_time_goes_by_an_index(database: Database) -> None:
    await _fill(database)
    plans = {name: await _plan(database, query) for name, (_, query) in HOT.items()}
    for name, (index, _) in HOT.items():
        assert index in plans[name], f"{name}: {plans[name]}"
        for whole_table in ("SCAN activations", "SCAN outbox", "SCAN entries"):
            assert whole_table not in plans[name], f"{name}: {plans[name]}"


async def _fill(database: Database) -> None:
    async with database.write() as connection:
        await chats.remember_chat(connection, CHAT, "group", "Friends", NOW)
        await connection.execute(insert(activations_table), [_open(n) for n in range(OPEN)])
        await connection.execute(insert(outbox_table), [_pending(n) for n in range(OPEN)])
        await connection.execute(insert(entries_table), [_held(n) for n in range(OPEN // 4)])
        if not database.is_sqlite:
            await connection.execute(text("ANALYZE"))


def _open(number: int) -> dict[str, Any]:
    quote = a_quote(f"q{number}", user_id=number)
    columns = {column.name for column in activations_table.columns}
    return {
        **{name: getattr(quote, name) for name in columns & set(quote.__slots__)},
        "quote_id": quote.id,
        "id": number + 1,
        "state": State.WAITING,
        "number": f"+1{number}",
        "requested_at": NOW,
        "lease_until": NOW,
        "next_poll_at": NOW - 100 + number,
        "cancel_at": NOW - 10 + number,
        "expires_at": NOW + number,
    }


def _held(number: int) -> dict[str, Any]:
    entry = hold(CHAT + number % 100, 1)
    return {
        "activation_id": number + 1,
        "user_id": BUYER,
        **{name: getattr(entry, name) for name in entry.__slots__},
        "purchased_at": NOW - number,
        "at": NOW,
    }


def _pending(number: int) -> dict[str, Any]:
    return {
        "key": str(number),
        "chat_id": number // 3,
        "priority": number % 3,
        "kind": "card",
        "facts": {},
        "status": outbox.PENDING,
        "due_at": NOW,
        "created_at": NOW,
    }


async def _plan(database: Database, query: Query) -> str:
    """Give the database's own plan for the last statement of a query."""
    explain = "EXPLAIN QUERY PLAN" if database.is_sqlite else "EXPLAIN"
    statements: list[tuple[str, Any]] = []

    def note(*arguments: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event
        statements.append((arguments[2], arguments[3]))

    async with database.write() as connection:
        sync: Connection = connection.sync_connection  # type: ignore[assignment]  # it is open
        event.listen(sync, "before_cursor_execute", note)
        await query(connection)
        event.remove(sync, "before_cursor_execute", note)
        statement, parameters = statements[-1]
        rows = await connection.exec_driver_sql(f"{explain} {statement}", parameters)
        return "\n".join(str(row) for row in rows)
