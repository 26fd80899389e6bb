"""What an installation has behind it when a test begins."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from bot.domain.activation import State
from bot.domain.ledger import hold, post, refund
from bot.storage import activations, chats, ledger
from bot.storage.database import Database
from bot.storage.tables import activations as activations_table
from bot.storage.tables import transitions
from tests.integration.chat.helpers import ANN

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
PRICE = 88_200


def bought(number: int, days_ago: float = 1, **values: object) -> dict[str, Any]:
    """A number for Microsoft in Iceland that Ann bought in private, a day ago."""
    at = round(time.time() * 1000 - days_ago * DAY)
    return {
        "id": number,
        "quote_id": f"past{number}",
        "chat_id": ANN,
        "user_id": ANN,
        "service_id": "0003",
        "service_name": "Microsoft",
        "pid": "0003",
        "country_code": "is",
        "country_name": "Iceland",
        "price": PRICE,
        "state": State.WAITING,
        "number": f"+1202555{number:04}",
        "rs_id": f"rs-{number}",
        "requested_at": at,
        "bought_at": at,
        "lease_until": at,
        "first_code_at": None,
        "closed_at": None,
        **values,
    }


def with_code(
    number: int, days_ago: float = 1, seconds: float = 40, **values: object
) -> dict[str, Any]:
    """A number that brought a code after so many seconds."""
    row = bought(number, days_ago, state=State.FINISHED, **values)
    came_at = row["bought_at"] + round(seconds * 1000)
    return {**row, "first_code_at": came_at, "closed_at": came_at + MINUTE}


def silent(number: int, days_ago: float = 1, **values: object) -> dict[str, Any]:
    """A number that was cancelled after ten minutes without a code, for its refund."""
    row = bought(number, days_ago, state=State.CANCELLED, **values)
    return {**row, "closed_at": row["bought_at"] + 10 * MINUTE}


async def remember(folder: Path, rows: Sequence[dict[str, Any]]) -> None:
    """Write it into the database that the bot will open, with what was booked and what came."""
    async with Database(f"sqlite:///{folder}/bot.db") as database, database.write() as connection:
        for chat_id in {row["chat_id"] for row in rows}:
            kind = "private" if chat_id > 0 else "group"
            await chats.remember_chat(connection, chat_id, kind, "Team", rows[0]["bought_at"])
        await connection.execute(insert(activations_table), rows)
        for row in rows:
            await connection.execute(
                insert(transitions).values(
                    activation_id=row["id"], target=row["state"], at=row["bought_at"]
                )
            )
            activation = await activations.get(connection, row["id"])
            assert activation is not None
            booked = [hold(activation.chat_id, PRICE), post(PRICE)]
            if activation.state is State.CANCELLED:
                booked.append(refund(activation.chat_id, PRICE))
            await ledger.record(connection, activation, *booked, at=activation.requested_at)
            if activation.first_code_at:
                text = f"Your code is {activation.id:06}"
                came_at = activation.first_code_at
                await activations.add_code(connection, activation.id, text, came_at)
