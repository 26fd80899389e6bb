"""How long a code waits to be seen: learned looks against fixed intervals and against a ladder.

`python -m tests.bench.waits` plays numbers with known arrivals from one seed. The looks are the
product's own, and what they are learned from is what the product sees: when a look found the
code, and when the one before had not.
"""

import math
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from bot.domain.arrivals import Arrivals, Grid, Seen
from bot.domain.polling import ENOUGH_CODES, Pace, Plan, expiry_lead, plan_looks

TTL = 1200.0
LIFE = TTL - expiry_lead(TTL)
INTERVAL = 10.0
FLOOR = 3.0
NEVER = 1 / 3
LESSON = 250
NUMBERS = 10_000
GRID = Grid(TTL, INTERVAL)

Age = Callable[[random.Random], float]
Following = Callable[[float], float]


def _early(chance: random.Random) -> float:
    return chance.lognormvariate(math.log(25), 0.5)


def _late(chance: random.Random) -> float:
    return chance.gauss(500, 120)


def _bimodal(chance: random.Random) -> float:
    return _early(chance) if chance.random() < 0.6 else chance.gauss(420, 60)


ARRIVALS: dict[str, Age] = {"early": _early, "late": _late, "bimodal": _bimodal}
"""When the SMS comes, in seconds after the purchase; a third of the numbers never get one."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a way of looking costs and brings.

    Attributes:
        wait: seconds from the SMS's arrival until a look finds it, on average.
        looks: requests for one number, on average.
    """

    wait: float
    looks: float

    def less_wait(self, other: "Score") -> float:
        """Give by which share the wait is shorter than another's."""
        return 1 - self.wait / other.wait

    def fewer_looks(self, other: "Score") -> float:
        """Give by which share the looks are fewer than another's."""
        return 1 - self.looks / other.looks


@dataclass(frozen=True, slots=True)
class Life:
    """What became of one number; ages in seconds, None: it never came, or no look was there."""

    came: float | None
    seen: float | None
    missed: float | None
    looks: int


class Looks:
    """A way of looking: a first look at a random phase, then each from the one before."""

    def __init__(self, first: Following, following: Following) -> None:
        self._first = first
        self._following = following

    @classmethod
    def every(cls, interval: float) -> "Looks":
        """Look at a fixed interval."""
        return cls(lambda phase: interval * phase, lambda age: age + interval)

    @classmethod
    def by(cls, plan: Plan | None) -> "Looks":
        """Look as the product does: by a plan, or at the fixed interval."""
        if plan is None:
            return cls.every(INTERVAL)
        return cls(lambda phase: plan.following(0.0, phase), plan.following)

    @classmethod
    def ladder(cls) -> "Looks":
        """Look each 2 s in the first half minute, then each 3, 5 and, from 5 minutes on, 10 s."""

        def following(age: float) -> float:
            step = next((wait for end, wait in ((30, 2), (120, 3), (300, 5)) if age < end), 10)
            return age + step

        return cls(lambda phase: 2 * phase, following)

    def live(self, came: float | None, phase: float) -> Life:
        """Play one number."""
        looks, missed = 0, None
        age = self._first(phase)
        while age < LIFE:
            looks += 1
            if came is not None and came <= age:
                return Life(came, age, missed, looks)
            missed, age = age, self._following(age)
        # A number that is given back is looked at once more.
        return Life(came, LIFE if came is not None else None, missed, looks + 1)


def comings(age: Age, seed: str) -> Iterator[tuple[float | None, float]]:
    """Give, without end, when an SMS comes (None: never) and the phase of the first look."""
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    while True:
        came = None if chance.random() < NEVER else age(chance)
        if came is None or 0 < came < LIFE:
            yield came, chance.random()


def play(looks: Looks, age: Age, numbers: int, seed: str) -> list[Life]:
    """Play so many numbers."""
    source = comings(age, seed)
    return [looks.live(*next(source)) for _ in range(numbers)]


def score(looks: Looks, age: Age, numbers: int = NUMBERS) -> Score:
    """Play numbers that nothing is learned from."""
    lives = play(looks, age, numbers, "score")
    waits = [life.seen - life.came for life in lives if life.seen and life.came]
    return Score(sum(waits) / len(waits), sum(life.looks for life in lives) / numbers)


def what_was_seen(life: Life, service: str = "1") -> Seen:
    """Give what the product keeps of a number."""

    def cell(age: float) -> int:
        return int(age * 1000) // GRID.cell

    return Seen(
        service_id=service,
        country_code="us",
        missed=None if life.missed is None else cell(life.missed),
        ended=cell(LIFE if life.seen is None else life.seen),
        has_code=life.seen is not None,
        is_open=False,
        numbers=1,
    )


def learned(age: Age, pace: Pace, numbers: int) -> Plan | None:
    """Learn as the product does: from nothing, by what its own looks have seen so far."""
    counts, plan = Arrivals(GRID), None
    for lesson in range(numbers // LESSON):
        for life in play(Looks.by(plan), age, LESSON, f"lesson {lesson}"):
            counts.add(what_was_seen(life))
        if counts.codes >= ENOUGH_CODES:
            plan = plan_looks(counts.curve(counts.curve()), pace, counts.codes)
    return plan


def of_an_oracle(age: Age, pace: Pace) -> Plan:
    """Plan with knowledge of when very many SMS really came."""
    counts = Arrivals(GRID)
    for life in play(Looks.every(GRID.cell / 1000), age, NUMBERS, "oracle"):
        counts.add(what_was_seen(life))
    return plan_looks(counts.curve(), pace, counts.codes)


def of_a_stranger(known: list[Age], pace: Pace, numbers: int) -> Plan:
    """Plan for a service of which nothing was seen, where these others are known."""
    counts = Arrivals(GRID)
    for age in known:
        for life in play(Looks.every(INTERVAL), age, numbers, "known"):
            counts.add(what_was_seen(life))
    return plan_looks(Arrivals(GRID).curve(counts.curve()), pace, 0)


@cache
def _fixed(name: str, interval: float = INTERVAL) -> Score:
    return score(Looks.every(interval), ARRIVALS[name])


def _row(name: str, what: str, ours: Score, other: Score) -> str:
    return (
        f"{name:8} {what:22} wait {ours.wait:5.2f} s ({-ours.less_wait(other):+6.1%})"
        f"   looks {ours.looks:5.1f} ({-ours.fewer_looks(other):+6.1%})"
    )


def _against_fixed(floor: float) -> Iterator[str]:
    pace = Pace(INTERVAL, floor)
    gains = []
    for name, age in ARRIVALS.items():
        fixed = _fixed(name)
        yield _row(name, f"fixed {INTERVAL:g} s", fixed, fixed)
        ours = score(Looks.by(learned(age, pace, NUMBERS)), age)
        gains.append((ours.less_wait(fixed), ours.fewer_looks(fixed)))
        yield _row(name, "learned", ours, fixed)
        yield _row(name, "oracle", score(Looks.by(of_an_oracle(age, pace)), age), fixed)
    waits, looks = zip(*gains, strict=True)
    mean_wait, mean_looks = sum(waits) / len(waits), sum(looks) / len(looks)
    yield f"on average: wait {-mean_wait:+.1%}, looks {-mean_looks:+.1%}"


def _strangers(floor: float) -> Iterator[str]:
    for name, age in ARRIVALS.items():
        others = [one for other, one in ARRIVALS.items() if other != name]
        plan = of_a_stranger(others, Pace(INTERVAL, floor), NUMBERS // 5)
        yield _row(name, "known: the others", score(Looks.by(plan), age), _fixed(name))


def _against_the_ladder() -> Iterator[str]:
    for name, age in ARRIVALS.items():
        ladder = score(Looks.ladder(), age)
        interval = INTERVAL
        for _ in range(3):  # towards the fixed interval that makes as many looks
            interval *= score(Looks.every(interval), age).looks / ladder.looks
        plan = learned(age, Pace(interval, 2.0), NUMBERS)
        yield _row(name, "ladder 2-3-5-10 s", ladder, ladder)
        yield _row(name, "learned, floor 2 s", score(Looks.by(plan), age), ladder)


def lines() -> Iterator[str]:
    """Give all comparisons."""
    for floor in (FLOOR, INTERVAL):
        yield f"POLL_INTERVAL {INTERVAL:g}, POLL_FLOOR {floor:g}"
        yield from _against_fixed(floor)
        yield "a service that nobody knows:"
        yield from _strangers(floor)
    yield "at equal requests:"
    yield from _against_the_ladder()


if __name__ == "__main__":
    for line in lines():
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
