"""Fill a database with open activations, booked as if they had been bought a moment ago."""

import time
from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import ledger as books
from bot.domain.activation import CloseReason, State
from bot.domain.chat import ChatAccess
from bot.storage.database import Database
from bot.storage.tables import activations, chats, entries, transitions

FIRST_CHAT = 1_000_000
NUMBERS_PER_CHAT = 10
BATCH = 100 * NUMBERS_PER_CHAT
PRICE = 88_200
TTL_MS = 1_200_000
LEAD_MS = 60_000

Values = dict[str, Any]


def number_of(index: int) -> str:
    """Give the number of the activation at a place in the order of `seed`, from 0."""
    return f"+1{2_000_000_000 + index}"


def chat_of(index: int) -> int:
    """Give the chat that the activation at a place belongs to."""
    return FIRST_CHAT + index // NUMBERS_PER_CHAT


async def seed(url: str, first_looks: Sequence[int]) -> None:
    """Add one open activation for each time (epoch ms) at which its next look is due.

    They were bought just now, and live as long as the default `ACTIVATION_TTL` says.
    """
    async with Database(url) as database:
        for start in range(0, len(first_looks), BATCH):
            async with database.write() as connection:
                await _add(connection, start, first_looks[start : start + BATCH])


async def _add(connection: AsyncConnection, start: int, first_looks: Sequence[int]) -> None:
    now = round(time.time() * 1000)
    rows = [_activation(start + place, look, now) for place, look in enumerate(first_looks)]
    owners = sorted({row["chat_id"] for row in rows})
    await connection.execute(chats.insert(), [_chat(owner, now) for owner in owners])
    await connection.execute(activations.insert(), rows)
    await connection.execute(transitions.insert(), [step for row in rows for step in _steps(row)])
    await connection.execute(entries.insert(), [entry for row in rows for entry in _booked(row)])


def _chat(chat: int, now: int) -> Values:
    return {
        "id": chat,
        "kind": "private",
        "title": f"User {chat}",
        "access": ChatAccess.APPROVED,
        "created_at": now,
    }


def _activation(index: int, first_look: int, now: int) -> Values:
    return {
        "id": index + 1,
        "quote_id": f"quote-{index}",
        "chat_id": chat_of(index),
        "user_id": chat_of(index),
        "card_message_id": index + 1,
        "service_id": "0001",
        "service_name": "Service 1",
        "pid": "0001",
        "pid_used": "0001",
        "country_code": "aa",
        "country_name": "Country 0",
        "price": PRICE,
        "state": State.WAITING,
        "number": number_of(index),
        "rs_id": f"rs-{index}",
        "requested_at": now,
        "lease_until": now,
        "bought_at": now,
        "expires_at": now + TTL_MS,
        "next_poll_at": first_look,
        "cancel_at": now + TTL_MS - LEAD_MS,
        "cancel_reason": CloseReason.EXPIRY,
    }


def _steps(row: Values) -> list[Values]:
    states = ((None, State.REQUESTED), (State.REQUESTED, State.WAITING))
    return [
        {"activation_id": row["id"], "source": source, "target": target, "at": row["bought_at"]}
        for source, target in states
    ]


def _booked(row: Values) -> list[Values]:
    return [
        {
            "activation_id": row["id"],
            "user_id": row["user_id"],
            "kind": entry.kind,
            "source": entry.source,
            "target": entry.target,
            "amount": entry.amount,
            "purchased_at": row["requested_at"],
            "at": row["bought_at"],
        }
        for entry in (books.hold(row["chat_id"], PRICE), books.post(PRICE))
    ]
