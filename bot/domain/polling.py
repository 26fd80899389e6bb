"""When to look for a code."""

from collections.abc import Callable

EXPIRY_LEAD_SECONDS = 60.0
"""A number is cancelled for its refund this long before its time is up ..."""
EXPIRY_LEAD_SHARE = 0.1
"""... or this share of a short lifetime."""
SLOWER_AFTER_CODE = 2.0
SECOND_CODE_SECONDS = 300.0
GRACE_SECONDS = 60.0
"""A closed number is looked at for this long: a code may cross with the cancellation."""


def first_look(now: int, interval: float, random: Callable[[], float]) -> int:
    """Give when to look first (epoch ms): a random phase spreads what was bought together."""
    return now + round(interval * 1000 * random())


def expiry_lead(ttl: float) -> float:
    """Give how many seconds before its end a waiting number is cancelled for its refund."""
    return min(EXPIRY_LEAD_SECONDS, ttl * EXPIRY_LEAD_SHARE)


def second_code_until(now: int, expires_at: int) -> int:
    """Give until when (epoch ms) a number with one code is watched for a different one."""
    return max(now, min(expires_at, now + round(SECOND_CODE_SECONDS * 1000)))


def grace_until(now: int) -> int:
    """Give until when (epoch ms) a closed number is still looked at."""
    return now + round(GRACE_SECONDS * 1000)


def backoff(attempts: int, first: float, most: float) -> float:
    """Give the seconds to wait after so many failures: doubled each time, up to `most`."""
    return min(most, first * 2.0 ** min(attempts, 16))
