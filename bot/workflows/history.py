"""Looking back: what somebody bought, by filters and pages, and the proof of each purchase."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bot.storage import history
from bot.storage.history import Search, Step
from bot.workflows.kit import Kit
from bot.workflows.overview import Overview, View

PAGE: Final = 8
MOST_SERVICES: Final = 20


@dataclass(frozen=True, slots=True)
class Proof:
    """A purchase with every step that it went through."""

    view: View
    steps: tuple[Step, ...]


class History:
    """Reads, and changes nothing."""

    def __init__(self, kit: Kit, overview: Overview) -> None:
        self._database = kit.database
        self._overview = overview

    async def page(self, search: Search, number: int) -> tuple[list[View], bool]:
        """Give a page of what was found, newest first, and whether there is another."""
        async with self._database.read() as connection:
            found = await history.newest(connection, search, PAGE + 1, offset=number * PAGE)
        return await self._overview.views(found[:PAGE]), len(found) > PAGE

    async def services(self, search: Search) -> Sequence[tuple[str, str]]:
        """Give the services (id and name) of what was found, most bought first."""
        async with self._database.read() as connection:
            return await history.services(connection, search, MOST_SERVICES)

    async def proof(self, activation_id: int) -> Proof | None:
        """Give one purchase with all that is known about it."""
        view = await self._overview.view(activation_id)
        if view is None:
            return None
        async with self._database.read() as connection:
            return Proof(view, tuple(await history.steps_of(connection, activation_id)))
