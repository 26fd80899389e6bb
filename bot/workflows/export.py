"""Exports: a chat's purchases, or a person's own, as they are written into a file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.domain.chat import CodePlace
from bot.domain.statistics import Window
from bot.storage import chats, history, outbox
from bot.storage.history import Search
from bot.workflows.kit import Kit
from bot.workflows.overview import Overview, View

AT_ONCE: Final = 500
MOST_ROWS: Final = 20_000
NOWHERE: Final = 0
"""The id of no chat."""


@dataclass(frozen=True, slots=True)
class Export:
    """Purchases, newest first, each with the codes that the reader may see.

    Attributes:
        with_codes: codes are included where the reader may see them.
        is_cut: older purchases are left out.
    """

    views: tuple[View, ...]
    with_codes: bool
    is_cut: bool


class Exports:
    """Reads, and changes nothing."""

    def __init__(self, kit: Kit, overview: Overview) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._overview = overview

    async def of_user(self, user_id: int, window: Window) -> Export:
        """Give all that somebody bought, everywhere, with the codes."""
        search = Search(user_id=user_id, since=window.since(self._clock.now()))
        views = await self._views(search)
        return _export(views, with_codes=True)

    async def of_chat(self, chat_id: int, window: Window) -> Export:
        """Give all that a group bought, with the codes that the group has read anyway.

        A group that has its codes written for all to read now may have sent earlier ones to their
        buyers alone: those stay theirs.
        """
        async with self._database.read() as connection:
            chat = await chats.get(connection, chat_id)
        is_open = chat is not None and chat.code_place is CodePlace.GROUP
        search = Search(chat_id=chat_id, since=window.since(self._clock.now()))
        views = await self._views(search, told_in=chat_id if is_open else NOWHERE)
        return _export(views, with_codes=is_open)

    async def _views(self, search: Search, told_in: int | None = None) -> list[View]:
        """Give what is found, page by page; `told_in` keeps the codes written into that chat."""
        views: list[View] = []
        while len(views) <= MOST_ROWS:
            below = views[-1].activation.id if views else None
            async with self._database.read() as connection:
                found = await history.newest(connection, search, AT_ONCE, below=below)
            page = await self._overview.views(found)
            views += page if told_in is None else await self._told(page, told_in)
            if len(found) < AT_ONCE:
                break
        return views

    async def _told(self, views: Sequence[View], chat_id: int) -> list[View]:
        ids = [view.activation.id for view in views]
        async with self._database.read() as connection:
            told = await outbox.codes_told(connection, chat_id, ids)
        return [
            replace(view, codes=tuple(code for code in view.codes if code.id in told))
            for view in views
        ]


def _export(views: Sequence[View], *, with_codes: bool) -> Export:
    return Export(tuple(views[:MOST_ROWS]), with_codes, is_cut=len(views) > MOST_ROWS)
