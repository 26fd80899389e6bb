"""How often a code comes and how fast, in as few letters as that can be told in."""

from typing import Final

from bot.domain.statistics import Evidence

SECOND_MS: Final = 1000
DASH: Final = "\N{EN DASH}"


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
