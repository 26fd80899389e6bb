"""Spans of time in milliseconds, and where days, weeks and months begin in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Final

MINUTE_MS: Final = 60_000
HOUR_MS: Final = 60 * MINUTE_MS
DAY_MS: Final = 24 * HOUR_MS
WEEK_MS: Final = 7 * DAY_MS

_FIRST_MONDAY: Final = 4 * DAY_MS
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def start_of_day(now: int) -> int:
    """Give the epoch ms at which the UTC day of `now` began."""
    return now - now % DAY_MS


def start_of_week(now: int) -> int:
    """Give the epoch ms at which the ISO week of `now` began: Monday, UTC."""
    return now - (now - _FIRST_MONDAY) % WEEK_MS


def start_of_month(now: int) -> int:
    """Give the epoch ms at which the calendar month of `now` began, UTC."""
    day = _EPOCH + timedelta(days=now // DAY_MS)
    return start_of_day(now) - (day.day - 1) * DAY_MS
