"""Figures of statistics, as few letters as they can be told in."""

from collections.abc import Sequence
from typing import Final

from bot.domain.statistics import Evidence, Window

SECOND_MS: Final = 1000
MICROS_PER_CENT: Final = 10_000
DASH: Final = "\N{EN DASH}"

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


def wait(milliseconds: int | None) -> str:
    """Tell how long a code took: `40s`, `2m 5s`; a dash where none came."""
    if milliseconds is None:
        return DASH
    minutes, seconds = divmod(max(1, round(milliseconds / SECOND_MS)), 60)
    if not minutes:
        return f"{seconds}s"
    return f"{minutes}m {seconds}s" if seconds else f"{minutes}m"


def interval(evidence: Evidence) -> str:
    """Tell between which rates the true one lies: "60 to 95 %", written with a dash."""
    low, high = evidence.interval
    return f"{low * 100:.0f}{DASH}{high * 100:.0f}%"


def certainty(evidence: Evidence) -> str:
    """Tell a rate with its interval, in brackets; nothing without cases."""
    return f"{evidence.rate:.0%} ({interval(evidence)})" if evidence.cases else ""


def in_short(evidence: Evidence) -> str:
    """Tell for a button how often a code came and how fast: `92% · 40s`.

    Where cases are few, the interval stands for the rate; without cases there is nothing to tell.
    """
    if not evidence.cases:
        return ""
    rate = f"{evidence.rate:.0%}" if evidence.is_enough else interval(evidence)
    known = [rate, *([wait(evidence.median_wait)] if evidence.successes else [])]
    return " · ".join(known)
