"""Learned looks keep what they are made for, with what the product itself sees and no more."""

import pytest

from bot.domain.polling import Pace
from tests.bench.waits import (
    ARRIVALS,
    INTERVAL,
    LESSON,
    Looks,
    Score,
    learned,
    of_a_stranger,
    of_an_oracle,
    score,
)

NUMBERS = 3000
QUICK = Pace(INTERVAL, 3.0)
SPARING = Pace(INTERVAL, INTERVAL)

every_kind = pytest.mark.parametrize("kind", ARRIVALS)


@pytest.fixture(scope="module")
def fixed() -> dict[str, Score]:
    """Give what the fixed interval costs and brings."""
    return {name: score(Looks.every(INTERVAL), age, NUMBERS) for name, age in ARRIVALS.items()}


def of_learned(kind: str, pace: Pace) -> Score:
    return score(Looks.by(learned(ARRIVALS[kind], pace, NUMBERS)), ARRIVALS[kind], NUMBERS)


def test_where_looks_may_be_closer_codes_wait_less_for_no_more_looks(
    fixed: dict[str, Score],
) -> None:
    gains = []
    for kind in ARRIVALS:
        ours = of_learned(kind, QUICK)
        gains.append(ours.less_wait(fixed[kind]))
        assert gains[-1] >= 0.3, kind
        assert ours.looks <= fixed[kind].looks, kind
    assert sum(gains) / len(gains) >= 0.5


@every_kind
def test_where_looks_may_not_be_closer_far_fewer_bring_codes_as_soon(
    kind: str, fixed: dict[str, Score]
) -> None:
    ours = of_learned(kind, SPARING)
    assert ours.fewer_looks(fixed[kind]) >= 0.3
    assert ours.wait <= fixed[kind].wait * 1.05


@every_kind
@pytest.mark.parametrize("pace", [QUICK, SPARING])
def test_a_service_that_nobody_knows_is_hardly_worse_off(
    kind: str, pace: Pace, fixed: dict[str, Score]
) -> None:
    others = [age for name, age in ARRIVALS.items() if name != kind]
    ours = score(Looks.by(of_a_stranger(others, pace, NUMBERS // 3)), ARRIVALS[kind], NUMBERS)
    assert ours.wait <= fixed[kind].wait * 1.05
    assert ours.looks <= fixed[kind].looks


@every_kind
def test_what_its_own_looks_saw_is_as_good_to_learn_from_as_the_truth(kind: str) -> None:
    """Looking rarely must not make it believe that SMS come rarely, or late."""
    oracle = score(Looks.by(of_an_oracle(ARRIVALS[kind], QUICK)), ARRIVALS[kind], NUMBERS)
    assert of_learned(kind, QUICK).wait <= oracle.wait * 1.1


def test_as_long_as_little_was_seen_nothing_is_learned() -> None:
    assert learned(ARRIVALS["early"], SPARING, LESSON) is None
