"""How long SMS take: learned from what was seen, for a service and for it in one country.

What is seen is later than what came: an SMS came at some time between the last look that found
nothing and the look that found it. Each is spread over that time, where others came more likely
(expectation-maximisation with smoothing). Were it taken for come when it was seen, looks would
gather behind the times at which SMS come, and stay there.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import exp
from operator import mul
from typing import NamedTuple, Self

CELLS = 240
"""A number's life is counted in so many cells ..."""
GROWTH = 0.06
"""... and learned in steps that grow by this share of the age."""
ROUNDS = 6
PRIOR_NUMBERS = 25.0
"""What is known of the whole counts as much as so many numbers of the part."""
NOTHING_NUMBERS = 1.0
"""And so many numbers to which SMS come at any age alike are put to the whole."""


class Seen(NamedTuple):
    """So many numbers that went alike. Ages are counted in cells.

    Attributes:
        missed: the cell of the last look that found nothing, None: not known.
        ended: the cell in which the first code was seen, else the number was closed, else it is.
        has_code: a code was seen.
        is_open: it has none yet, and is watched.
    """

    service_id: str
    country_code: str
    missed: int | None
    ended: int
    has_code: bool
    is_open: bool
    numbers: int


class Grid:
    """The steps in which ages are learned: fine while young, then wider.

    Args:
        life: how long a number lives, in seconds.
        interval: how long before it was seen an SMS came at most, where no look before is known.

    Attributes:
        cell: how long a cell is, in ms.
    """

    def __init__(self, life: float, interval: float) -> None:
        self.cell = max(1, round(life * 1000 / CELLS))
        self._interval = max(1, round(interval * 1000 / self.cell))
        firsts = [0]
        while firsts[-1] < CELLS:
            firsts.append(min(CELLS, firsts[-1] + max(1, round(firsts[-1] * GROWTH))))
        self.edges = tuple(first * self.cell / 1000 for first in firsts)
        self.widths = tuple(after - before for before, after in pairwise(self.edges))
        self._step_of = [bisect_right(firsts, cell) - 1 for cell in range(CELLS)]

    def step_of(self, cell: int) -> int:
        """Give the step of a cell; what lies behind the life belongs to the last one."""
        return self._step_of[min(max(cell, 0), CELLS - 1)]

    def steps_of(self, seen: Seen) -> tuple[int, int]:
        """Give the first and the last step in which the SMS may have come."""
        missed = seen.ended - self._interval if seen.missed is None else seen.missed
        return self.step_of(min(missed, seen.ended)), self.step_of(seen.ended)


@dataclass(frozen=True, slots=True)
class Curve:
    """What becomes of numbers with their age, step by step of a grid.

    Attributes:
        hazards: codes per second and number that has none yet.
        closings: numbers per second and such number that are closed without one.
        codes: how many codes this was learned from, without those of the whole.
    """

    grid: Grid
    hazards: tuple[float, ...]
    closings: tuple[float, ...]
    codes: int

    def watched_seconds(self) -> list[float]:
        """Give how long a number is watched without a code in each step, on average."""
        widths = self.grid.widths
        steps = zip(self.hazards, self.closings, widths, strict=True)
        falls = [(hazard + closing) * width for hazard, closing, width in steps]
        shares = accumulate((exp(-fall) for fall in falls), mul, initial=1.0)
        steps = zip(shares, falls, widths, strict=False)
        return [share * exp(-fall / 2) * width for share, fall, width in steps]


class Arrivals:
    """Counts of what became of the numbers of one group."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self._codes: defaultdict[tuple[int, int], int] = defaultdict(int)
        steps = len(grid.widths)
        self._closed = [0.0] * steps
        self._open = [0.0] * steps

    @property
    def codes(self) -> int:
        """Give how many codes were seen."""
        return sum(self._codes.values())

    def add(self, seen: Seen) -> Self:
        """Count numbers."""
        if seen.has_code:
            self._codes[self.grid.steps_of(seen)] += seen.numbers
        elif seen.is_open:
            self._open[self.grid.step_of(seen.ended)] += seen.numbers
        else:
            self._closed[self.grid.step_of(seen.ended)] += seen.numbers
        return self

    def curve(self, whole: Curve | None = None) -> Curve:
        """Give what they show, drawn towards the curve of the whole that they are part of."""
        prior = whole or self._nothing()
        weight = PRIOR_NUMBERS if whole else NOTHING_NUMBERS
        times = [weight * time for time in prior.watched_seconds()]
        hazards: Sequence[float] = prior.hazards
        for _ in range(ROUNDS):
            came = self._came(hazards)
            watched = self._watched_seconds(came)
            hazards = _smooth(_rates(came, watched, prior.hazards, times), self.grid.widths)
        closings = _rates(self._closed, watched, prior.closings, times)
        return Curve(self.grid, tuple(hazards), tuple(closings), self.codes)

    def _nothing(self) -> Curve:
        """Give what one knows who knows only how many SMS came, and in how much time."""
        came = self._came([1.0] * len(self.grid.widths))
        seconds = sum(self._watched_seconds(came)) or 1.0
        hazard, closing = sum(came) / seconds, sum(self._closed) / seconds
        steps = len(self.grid.widths)
        return Curve(self.grid, (hazard,) * steps, (closing,) * steps, 0)

    def _came(self, hazards: Sequence[float]) -> list[float]:
        """Spread each code over the steps in which it may have come, as the hazards say."""
        came = [0.0] * len(hazards)
        widths = self.grid.widths
        for (first, last), count in self._codes.items():
            if first == last:
                came[first] += count
                continue
            steps = range(first, last + 1)
            shares = [hazards[step] * widths[step] for step in steps]
            whole = sum(shares)
            for step, share in zip(steps, shares, strict=True):
                came[step] += count * share / whole if whole else count / len(steps)
        return came

    def _watched_seconds(self, came: Sequence[float]) -> list[float]:
        """Give how long numbers without a code were watched in each step, in all."""
        seconds = []
        later = 0.0
        steps = zip(came, self._closed, self._open, self.grid.widths, strict=True)
        for code, closed, still_open, width in reversed(list(steps)):
            ended = code + closed + still_open
            seconds.append((later + ended / 2) * width)
            later += ended
        return seconds[::-1]


def _rates(
    counts: Sequence[float],
    seconds: Sequence[float],
    prior: Sequence[float],
    prior_seconds: Sequence[float],
) -> list[float]:
    """Give counts per second, with those that the prior expects in its own seconds."""
    steps = zip(counts, seconds, prior, prior_seconds, strict=True)
    return [
        (count + rate * expected) / (time + expected) if time + expected else rate
        for count, time, rate, expected in steps
    ]


def _smooth(rates: Sequence[float], widths: Sequence[float]) -> list[float]:
    """Mix each rate with its neighbours', so that chance gaps are no gaps."""
    padded = [(rates[0], widths[0]), *zip(rates, widths, strict=True), (rates[-1], widths[-1])]
    smooth = []
    for before, here, after in zip(padded, padded[1:], padded[2:], strict=False):
        weights = (before[1] / 4, here[1] / 2, after[1] / 4)
        mixed = weights[0] * before[0] + weights[1] * here[0] + weights[2] * after[0]
        smooth.append(mixed / sum(weights))
    return smooth
