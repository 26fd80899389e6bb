"""What is learned of how long SMS take is what happened, not when it happened to be seen."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.arrivals import CELLS, PRIOR_NUMBERS, Arrivals, Curve, Grid, Seen

GRID = Grid(1200.0, 10.0)


def seen(ended: int, *, missed: int | None = None, code: bool = True, count: int = 1) -> Seen:
    return Seen("1", "us", missed, ended, has_code=code, is_open=False, numbers=count)


def still_open(age: int, count: int = 1) -> Seen:
    return Seen("1", "us", None, age, has_code=False, is_open=True, numbers=count)


def learned(*numbers: Seen) -> Arrivals:
    counts = Arrivals(GRID)
    for one in numbers:
        counts.add(one)
    return counts


def share_within(curve: Curve, begin: float, end: float) -> float:
    """Give which share of the codes falls between two ages (seconds)."""
    codes = [
        hazard * time for hazard, time in zip(curve.hazards, curve.watched_seconds(), strict=True)
    ]
    within = [
        code
        for code, (first, last) in zip(codes, pairwise(GRID.edges), strict=True)
        if begin <= first and last <= end
    ]
    return sum(within) / sum(codes)


@given(st.floats(0.1, 86_400), st.floats(0.1, 3600))
def test_the_steps_cover_a_life_without_gaps(life: float, interval: float) -> None:
    grid = Grid(life, interval)
    assert grid.edges[0] == 0
    assert grid.edges[-1] == pytest.approx(CELLS * grid.cell / 1000)
    assert all(width > 0 for width in grid.widths)
    steps = [grid.step_of(cell) for cell in range(CELLS)]
    assert steps == sorted(steps)
    assert set(steps) == set(range(len(grid.widths)))


@pytest.mark.parametrize(("cell", "step"), [(-5, 0), (0, 0), (CELLS, -1), (10**9, -1)])
def test_what_lies_outside_a_life_belongs_to_its_ends(cell: int, step: int) -> None:
    assert GRID.step_of(cell) == step % len(GRID.widths)


def test_codes_are_learned_at_the_age_at_which_they_come() -> None:
    counts = learned(seen(4, missed=2, count=300), seen(228, code=False, count=100))
    assert share_within(counts.curve(), 5, 35) > 0.9


def test_a_code_seen_late_is_learned_where_others_come() -> None:
    """Few looks are made where a code is unlikely: it must not be taken for later than it is."""
    sharp = seen(20, missed=19, count=100)
    blurred = seen(31, missed=19, count=100)
    curve = learned(sharp, blurred).curve()
    assert share_within(curve, 80, 125) > 0.6
    assert share_within(curve, 150, 1200) < 0.15


def test_without_a_look_before_it_came_within_the_last_interval() -> None:
    assert GRID.steps_of(seen(8)) == (GRID.step_of(6), GRID.step_of(8))
    assert GRID.steps_of(seen(1)) == (0, 1)


def test_a_look_before_that_was_later_is_not_believed() -> None:
    assert GRID.steps_of(seen(3, missed=9)) == (3, 3)


def test_numbers_that_are_still_open_are_no_sign_that_nothing_comes() -> None:
    codes = seen(100, missed=98, count=200)
    alone = learned(codes).curve()
    beside_young_ones = learned(codes, still_open(10, count=5000)).curve()
    step = GRID.step_of(99)
    assert beside_young_ones.hazards[step] == pytest.approx(alone.hazards[step], rel=0.05)


def test_numbers_that_never_get_a_code_make_later_looks_less_worth() -> None:
    codes = seen(100, missed=98, count=200)
    with_failures = learned(codes, seen(228, code=False, count=200)).curve()
    step = GRID.step_of(99)
    assert with_failures.hazards[step] < learned(codes).curve().hazards[step] * 0.7


def test_what_nobody_knows_is_taken_to_be_like_the_whole() -> None:
    whole = learned(seen(4, missed=2, count=500), seen(228, code=False, count=200)).curve()
    unknown = Arrivals(GRID).curve(whole)
    assert share_within(unknown, 0, 60) == pytest.approx(share_within(whole, 0, 60), abs=0.03)
    assert unknown.codes == 0


def test_a_part_that_differs_becomes_itself_with_what_is_seen() -> None:
    whole = learned(seen(4, missed=2, count=5000), seen(228, code=False, count=2000)).curve()

    def late_share(numbers: int) -> float:
        part = learned(seen(120, missed=118, count=numbers)).curve(whole)
        return share_within(part, 540, 660)

    shares = [late_share(numbers) for numbers in (0, 5, round(PRIOR_NUMBERS), 400)]
    assert shares == sorted(shares)
    assert shares[0] < 0.02
    assert shares[-1] > 0.85


@given(
    st.lists(
        st.builds(
            Seen,
            st.just("1"),
            st.just("us"),
            st.none() | st.integers(-3, 300),
            st.integers(-3, 300),
            has_code=st.booleans(),
            is_open=st.booleans(),
            numbers=st.integers(1, 10**6),
        ),
        max_size=30,
    )
)
def test_whatever_was_seen_the_curve_is_one(numbers: list[Seen]) -> None:
    whole = learned(*numbers).curve()
    for curve in (whole, learned(*numbers[:5]).curve(whole)):
        assert all(hazard >= 0 for hazard in curve.hazards)
        assert all(closing >= 0 for closing in curve.closings)
        assert all(
            0 <= time <= width
            for time, width in zip(curve.watched_seconds(), GRID.widths, strict=True)
        )
