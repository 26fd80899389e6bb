"""What the tests of the intake share: a handler that notes what it handles, and ways to wait."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import select, text

from bot.chat.lanes import Lanes
from bot.storage.database import Database
from bot.storage.tables import inbox as inbox_table

ANN, BOB = 1, 2
RawUpdate = dict[str, Any]


class Handler:
    """Handles updates by noting them; `hold` makes those of a user wait until `let_go`."""

    def __init__(self) -> None:
        self.started: list[int] = []
        self.handled: list[int] = []
        self.running = self.most_running = 0
        self._held: dict[int, asyncio.Event] = {}
        self._changed = asyncio.Condition()

    async def __call__(self, update_id: int, raw: RawUpdate) -> None:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self._note(self.started, update_id)
            user_id = raw["message"]["from"]["id"]
            if user_id in self._held:
                await self._held[user_id].wait()
            await self._note(self.handled, update_id)
        finally:
            self.running -= 1

    def hold(self, *user_ids: int) -> None:
        for user_id in user_ids:
            self._held[user_id] = asyncio.Event()

    def let_go(self, user_id: int) -> None:
        self._held.pop(user_id).set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(10), self._changed:
            await self._changed.wait_for(lambda: bool(condition()))

    async def _note(self, where: list[int], update_id: int) -> None:
        async with self._changed:
            where.append(update_id)
            self._changed.notify_all()


def message(update_id: int, user_id: int = ANN, chat_id: int | None = None) -> RawUpdate:
    """A raw update as Telegram sends it."""
    content = {
        "message_id": update_id,
        "date": 1_700_000_000,
        "chat": {"id": chat_id or user_id, "type": "private", "first_name": "Ann"},
        "from": {"id": user_id, "is_bot": False, "first_name": "Ann"},
        "text": "hello",
    }
    return {"update_id": update_id, "message": content}


async def statuses(database: Database) -> dict[int, str]:
    """What became of each update."""
    async with database.read() as connection:
        rows = await connection.execute(select(inbox_table).order_by(inbox_table.c.update_id))
        return {row.update_id: row.status for row in rows}


@asynccontextmanager
async def broken_database(database: Database) -> AsyncIterator[None]:
    """Every query on the inbox fails inside the block."""
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE inbox RENAME TO elsewhere"))
    yield
    async with database.write() as connection:
        await connection.execute(text("ALTER TABLE elsewhere RENAME TO inbox"))


@asynccontextmanager
async def running(lanes: Lanes) -> AsyncIterator[None]:
    """Runs lanes for the length of a block."""
    task = asyncio.create_task(lanes.run())
    try:
        yield
    finally:
        await lanes.stop()
        await task


@asynccontextmanager
async def working(intake: Any) -> AsyncIterator[None]:  # noqa: ANN401 - LongPoll or Webhook
    """Runs an intake for the length of a block, and sees that it stops promptly."""
    task = asyncio.create_task(intake.run())
    try:
        yield
    finally:
        intake.stop()
        await asyncio.wait_for(task, 1.0)


async def eventually(look: Callable[[], Awaitable[object]]) -> None:
    """Waits for what shows in the database."""
    async with asyncio.timeout(10):
        while not await look():  # noqa: ASYNC110 - a database rings no bell
            await asyncio.sleep(0.01)
