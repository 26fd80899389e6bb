"""Bugs of chat bots, planted by the harness alone: proof that it would notice."""

import asyncio
import json
from collections.abc import Iterable
from unittest.mock import patch

from bot.chat.intake import Inbox, Lane, RawUpdate
from bot.chat.lanes import Lanes
from bot.chat.replies import Press
from bot.storage.inbox import HANDLED, Update
from tests.simulation.bugs import BUGS, Planted, both, bug

BEFORE = set(BUGS)


@bug
def update_is_confirmed_before_it_is_stored() -> Planted:
    """What python-telegram-bot does by itself: updates wait in memory."""
    store = Inbox.store

    async def later(self: Inbox, raw_updates: Iterable[object]) -> list[int]:
        updates = [raw for raw in raw_updates if isinstance(raw, dict)]
        ids = [raw["update_id"] for raw in updates if type(raw.get("update_id")) is int]

        async def keep() -> None:
            await asyncio.sleep(1.0)
            await store(self, updates)

        self._late = asyncio.create_task(keep())  # type: ignore[attr-defined]  # planted
        return ids

    return patch.object(Inbox, "store", later)


@bug
def update_is_closed_before_it_is_handled() -> Planted:
    """At most once: what was being handled when the process died is forgotten."""
    take = Inbox.next

    async def close_first(self: Inbox, lane: Lane) -> Update | None:
        update = await take(self, lane)
        if update is not None:
            self.close(update, HANDLED)
            await self.flush()
        return update

    return patch.object(Inbox, "next", close_first)


@bug
def update_is_handled_as_often_as_it_comes() -> Planted:
    """Nobody asks whether an update was handled before: Telegram may deliver one twice."""
    store = Inbox.store

    async def keep(self: Inbox, raw_updates: Iterable[object]) -> list[int]:
        updates = list(raw_updates)
        ids = await store(self, updates)
        self._bodies = getattr(self, "_bodies", {}) | {  # type: ignore[attr-defined]  # planted
            raw["update_id"]: raw for raw in updates if isinstance(raw, dict) and "update_id" in raw
        }
        return ids

    body = Inbox.body

    async def again(self: Inbox, update_id: int) -> str | None:
        raw: RawUpdate | None = getattr(self, "_bodies", {}).get(update_id)
        return json.dumps(raw) if raw else await body(self, update_id)

    return both(patch.object(Inbox, "store", keep), patch.object(Inbox, "body", again))


@bug
def broken_update_is_never_put_aside() -> Planted:
    """What cannot be handled stays in the inbox, and every start tries it again."""

    async def work(self: Lanes, lane: Lane) -> bool:
        update = await self._inbox.next(lane)
        if update is None:
            return False
        await self._handle(update.update_id, json.loads(update.body))
        self._inbox.close(update, HANDLED)
        return True

    return patch.object(Lanes, "_work", work)


@bug
def backlog_is_left_after_a_crash() -> Planted:
    """What an earlier process left unhandled stays so."""

    async def backlog(self: Inbox) -> list[tuple[int, Lane]]:
        del self
        return []

    return patch.object(Inbox, "backlog", backlog)


@bug
def press_of_another_member_is_obeyed() -> Planted:
    """In a group everybody may press everything."""

    async def is_by(self: Press, owner: int) -> bool:
        del self, owner
        return True

    return patch.object(Press, "is_by", is_by)


@bug
def press_is_never_answered() -> Planted:
    """A press without anything to say turns its clock for ever."""
    answer = Press.answer

    async def if_there_are_words(
        self: Press, text: str | None = None, *, alert: bool = False
    ) -> bool:
        return await answer(self, text, alert=alert) if text else False

    return patch.object(Press, "answer", if_there_are_words)


@bug
def press_is_answered_twice() -> Planted:
    """First at once, then with the result."""
    answer = Press.answer

    async def anew(self: Press, text: str | None = None, *, alert: bool = False) -> bool:
        self._answered = False
        return await answer(self, text, alert=alert)

    return patch.object(Press, "answer", anew)


CHAT_BUGS = frozenset(BUGS) - BEFORE
WALKED_BY_HAND = frozenset(
    {"update_is_closed_before_it_is_handled", "backlog_is_left_after_a_crash"}
)
"""Bugs that only a crash at a certain moment shows: each moment of the walk is tried in turn."""
