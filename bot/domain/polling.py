"""When to look for a code."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import sqrt
from operator import mul, truediv

from bot.domain.arrivals import Curve

ENOUGH_CODES = 300
"""With fewer codes seen in all, every number is looked at by the fixed interval."""
UNIFORM_SHARE = 0.015
"""This share of the SMS is taken to come at any age alike, whatever was seen."""
SPENT_SHARE = 0.98
"""Of the looks that the fixed interval would make: what was learned is not exact."""
NEAR_ENOUGH = 1.04
"""More looks are not worth it where the mean wait is within this factor of the floor's."""
UNKNOWN_CAP = 1.03
"""Intervals between two looks, at most, for a service of which no code was seen ..."""
CAP = 6.0
"""... and for one that is well known, of which so many were:"""
CODES_TO_CAP = 100
HALVINGS = 40

EXPIRY_LEAD_SECONDS = 60.0
"""A number is cancelled for its refund this long before its time is up ..."""
EXPIRY_LEAD_SHARE = 0.1
"""... or this share of a short lifetime."""
SLOWER_AFTER_CODE = 2.0
SECOND_CODE_SECONDS = 300.0
GRACE_SECONDS = 60.0
"""A closed number is looked at for this long: a code may cross with the cancellation."""


def expiry_lead(ttl: float) -> float:
    """Give how many seconds before its end a waiting number is cancelled for its refund."""
    return min(EXPIRY_LEAD_SECONDS, ttl * EXPIRY_LEAD_SHARE)


def give_back_at(expires_at: int, ttl: float) -> int:
    """Give when (epoch ms) a number that ends then, after `ttl` seconds, is given back unasked."""
    return expires_at - round(expiry_lead(ttl) * 1000)


def second_code_until(now: int, expires_at: int) -> int:
    """Give until when (epoch ms) a number with one code is watched for a different one."""
    return max(now, min(expires_at, now + round(SECOND_CODE_SECONDS * 1000)))


def grace_until(now: int) -> int:
    """Give until when (epoch ms) a closed number is still looked at."""
    return now + round(GRACE_SECONDS * 1000)


def backoff(attempts: int, first: float, most: float) -> float:
    """Give the seconds to wait after so many failures: doubled each time, up to `most`."""
    return min(most, first * 2.0 ** min(attempts, 16))


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a number may be looked at, in seconds.

    Attributes:
        interval: the fixed interval; a plan makes no more looks at a number than it would.
        floor: two looks are never closer together.
    """

    interval: float
    floor: float


class Plan:
    """When to look at a number: so many looks per second at each age.

    Args:
        edges: the ages in seconds, from 0, between which the rates hold.
        rates: looks per second.
        interval: seconds between looks behind the last edge.
    """

    __slots__ = ("_edges", "_interval", "_looks", "_rates")

    def __init__(self, edges: Sequence[float], rates: Sequence[float], interval: float) -> None:
        self._edges = edges
        self._rates = rates
        self._interval = interval
        widths = (after - before for before, after in pairwise(edges))
        looks = (rate * width for rate, width in zip(rates, widths, strict=True))
        self._looks = list(accumulate(looks, initial=0.0))

    def following(self, age: float, looks: float = 1.0) -> float:
        """Give the age at which the next look is due after one at `age` (seconds).

        From the age of 0, a random part of a look gives a first one at a random phase.
        """
        return self._age_at(self.looks_until(age) + looks)

    def looks_until(self, age: float) -> float:
        """Give how many looks are made on average until a number is so old (seconds)."""
        behind = age - self._edges[-1]
        if behind >= 0:
            return self._looks[-1] + behind / self._interval
        step = bisect_right(self._edges, age) - 1
        return self._looks[step] + (age - self._edges[step]) * self._rates[step]

    def _age_at(self, looks: float) -> float:
        behind = looks - self._looks[-1]
        if behind >= 0:
            return self._edges[-1] + behind * self._interval
        step = bisect_right(self._looks, looks) - 1
        return self._edges[step] + (looks - self._looks[step]) / self._rates[step]


def plan_looks(curve: Curve, pace: Pace, service_codes: int) -> Plan:
    """Spend looks where a code is likely: each rate goes by the root of the hazard.

    For a number of looks that gives the least mean wait: it makes the sum of codes / rate least
    where the sum of watched * rate is given. The factor before the root is as high as the looks
    of the fixed interval allow, and no higher than what is near enough to the floor's wait. How
    many codes of the service were seen tells how far apart looks may be.
    """
    known = min(1.0, service_codes / CODES_TO_CAP)
    slowest = 1 / (pace.interval * (UNKNOWN_CAP + (CAP - UNKNOWN_CAP) * known))
    seconds = curve.watched_seconds()
    hazards = _with_uniform_share(curve.hazards, seconds)
    codes = [hazard * time for hazard, time in zip(hazards, seconds, strict=True)]
    most_looks = SPENT_SHARE * sum(seconds) / pace.interval
    near_enough = sum(codes) * pace.floor * NEAR_ENOUGH

    def rates(factor: float) -> list[float]:
        return [min(1 / pace.floor, max(slowest, factor * sqrt(hazard))) for hazard in hazards]

    def is_plenty(factor: float) -> bool:
        tried = rates(factor)
        looks: float = sum(map(mul, tried, seconds))
        twice_waited: float = sum(map(truediv, codes, tried))
        return looks > most_looks or twice_waited < near_enough

    # From here on every rate is the floor's.
    highest = 1 / (pace.floor * sqrt(min(hazards)))
    return Plan(curve.grid.edges, rates(_last_not(is_plenty, highest)), pace.interval)


def _with_uniform_share(hazards: Sequence[float], seconds: Sequence[float]) -> list[float]:
    """Mix them with a constant one: no age at which nothing was seen is impossible."""
    constant = UNIFORM_SHARE * sum(map(mul, hazards, seconds)) / sum(seconds)
    return [(1 - UNIFORM_SHARE) * hazard + constant for hazard in hazards]


def _last_not(is_plenty: Callable[[float], bool], highest: float) -> float:
    """Give the highest factor that is not plenty, between 0 and `highest`."""
    lowest = 0.0
    for _ in range(HALVINGS):
        middle = (lowest + highest) / 2
        if is_plenty(middle):
            highest = middle
        else:
            lowest = middle
    return lowest
