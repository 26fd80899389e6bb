"""Supervision: what the owner sees of the whole installation. Reads, and changes nothing."""

from dataclasses import dataclass
from typing import Final

from bot.domain.activation import Activation, State
from bot.domain.chat import ChatAccess
from bot.domain.times import DAY_MS, start_of_day, start_of_month
from bot.storage import activations, chats, ledger, readings, supervision
from bot.storage.chats import Chat
from bot.storage.readings import KeptReading
from bot.storage.supervision import OpenNumbers, Sought
from bot.workflows.kit import Kit
from bot.workflows.overview import Overview, View

DAYS: Final = 7
"""Of the balance's history, and of the spending by which the days left are told."""
FOUND_PAGE: Final = 8


@dataclass(frozen=True, slots=True)
class Summary:
    """The installation at a glance; amounts in micro-dollars."""

    by_access: dict[ChatAccess, int]
    open: OpenNumbers
    spent_today: int
    unknown: int
    reading: KeptReading | None


@dataclass(frozen=True, slots=True)
class Sums:
    """What a chat spent and holds today and this month (micro-dollars, UTC), and has open."""

    today: int
    month: int
    open: OpenNumbers


@dataclass(frozen=True, slots=True)
class Funds:
    """The balance at SpotSMS, and what the chats take from it; amounts in micro-dollars.

    Attributes:
        reading: the newest one.
        days: the newest reading of each day, newest first.
        spent: of each of the last `DAYS` days (its beginning, epoch ms), newest first.
    """

    reading: KeptReading | None
    days: tuple[KeptReading, ...]
    spent: tuple[tuple[int, int], ...]

    @property
    def days_left(self) -> float | None:
        """Give for how many days the balance lasts at the present rate; None: nobody spends."""
        since_first = _since_first_spending([micros for _, micros in self.spent])
        total = sum(since_first)
        if self.reading is None or total <= 0:
            return None
        return max(0, self.reading.micros) * len(since_first) / total


class Supervision:
    """Sums up, and finds purchases. The caller has made sure that only owners see it."""

    def __init__(self, kit: Kit, overview: Overview) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._overview = overview

    async def summary(self) -> Summary:
        """Give the installation at a glance."""
        today = start_of_day(self._clock.now())
        async with self._database.read() as connection:
            spent = await supervision.spent_by_day(connection, today)
            return Summary(
                by_access=await chats.count_by_access(connection),
                open=await supervision.open_numbers(connection),
                spent_today=spent.get(today, 0),
                unknown=len(await activations.in_states(connection, State.UNKNOWN)),
                reading=await readings.last(connection),
            )

    async def sums(self, chat_id: int) -> Sums:
        """Give what a chat spent, and has open."""
        now = self._clock.now()
        since = {"daily": start_of_day(now), "monthly": start_of_month(now)}
        async with self._database.read() as connection:
            spent = await ledger.spent_in_windows(connection, chat_id, since)
            open_here = await supervision.open_numbers(connection, chat_id)
        return Sums(spent["daily"], spent["monthly"], open_here)

    async def open_numbers(self) -> OpenNumbers:
        """Give what is open everywhere."""
        async with self._database.read() as connection:
            return await supervision.open_numbers(connection)

    async def funds(self) -> Funds:
        """Give the balance, its history, and what was spent of it lately."""
        today = start_of_day(self._clock.now())
        days = [today - number * DAY_MS for number in range(DAYS)]
        async with self._database.read() as connection:
            spent = await supervision.spent_by_day(connection, days[-1])
            return Funds(
                reading=await readings.last(connection),
                days=tuple(await readings.last_of_days(connection, days[-1])),
                spent=tuple((day, spent.get(day, 0)) for day in days),
            )

    async def unknown(self) -> list[Activation]:
        """Give the purchases whose outcome is unknown, oldest first."""
        async with self._database.read() as connection:
            return await activations.in_states(connection, State.UNKNOWN)

    async def chats_of(self, chat_ids: set[int]) -> dict[int, Chat]:
        """Give chats by their ids; unknown ones are left out."""
        async with self._database.read() as connection:
            found = [await chats.get(connection, chat_id) for chat_id in sorted(chat_ids)]
        return {chat.id: chat for chat in found if chat}

    async def find(self, sought: Sought) -> tuple[list[View], bool]:
        """Give the newest purchases that fit, and whether there are more."""
        async with self._database.read() as connection:
            found = await supervision.find(connection, sought, FOUND_PAGE + 1)
        return await self._overview.views(found[:FOUND_PAGE]), len(found) > FOUND_PAGE


def _since_first_spending(newest_first: list[int]) -> list[int]:
    """Leave out the days before anything was bought: they say nothing about the rate."""
    days = list(newest_first)
    while days and not days[-1]:
        days.pop()
    return days
