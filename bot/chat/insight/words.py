"""Windows of time and sums, as statistics, history and exports tell them."""

from collections.abc import Sequence
from typing import Final

from bot.domain.statistics import Window

MICROS_PER_CENT: Final = 10_000

WINDOWS: Final = {
    Window.WEEK: "last 7 days",
    Window.MONTH: "last 30 days",
    Window.ALL: "all time",
}
WINDOW_KEYS: Final = {Window.WEEK: "7 days", Window.MONTH: "30 days", Window.ALL: "All time"}

HOW_LONG: Final = "How long: <code>7d</code>, <code>30d</code> or <code>all</code>."
"""What is said where a command's words name no window of time."""


def window_in(words: Sequence[str], otherwise: Window) -> Window | None:
    """Give the window of time that a command's words name; None where they say anything else."""
    named = [word.lower() for word in words]
    if not named:
        return otherwise
    return Window(named[0]) if len(named) == 1 and named[0] in set(Window) else None


def in_dollars(micros: int) -> str:
    """Write an amount of micro-dollars in cents, where a sum need not be exact: `$12.35`."""
    dollars, cents = divmod((abs(micros) + MICROS_PER_CENT // 2) // MICROS_PER_CENT, 100)
    return f"{'-' if micros < 0 else ''}${dollars:,}.{cents:02d}"
