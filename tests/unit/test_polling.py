"""When to look for a code."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.arrivals import Arrivals, Curve, Grid, Seen
from bot.domain.polling import (
    CAP,
    EXPIRY_LEAD_SECONDS,
    UNKNOWN_CAP,
    Pace,
    Plan,
    backoff,
    expiry_lead,
    give_back_at,
    grace_until,
    plan_looks,
    second_code_until,
)

times = st.integers(0, 10**14)
seconds = st.floats(0.1, 86_400)


@given(seconds)
def test_the_refund_is_asked_for_within_the_lifetime(ttl: float) -> None:
    assert 0 < expiry_lead(ttl) < ttl
    assert expiry_lead(ttl) <= EXPIRY_LEAD_SECONDS


def test_a_usual_lifetime_leaves_a_minute_for_the_refund() -> None:
    assert expiry_lead(1200) == EXPIRY_LEAD_SECONDS
    assert give_back_at(1_200_000, 1200) == 1_140_000


@given(times, times)
def test_a_second_code_is_looked_for_until_the_number_ends_at_most(
    now: int, expires_at: int
) -> None:
    until = second_code_until(now, expires_at)
    assert now <= until <= max(now, expires_at)
    assert until - now <= 300_000


def test_a_second_code_is_looked_for_five_minutes_long() -> None:
    assert second_code_until(1_000, 10**9) == 301_000


@given(times)
def test_a_closed_number_is_looked_at_a_little_longer(now: int) -> None:
    assert grace_until(now) == now + 60_000


@given(st.integers(0, 10**9), st.floats(0.01, 10), st.floats(10, 1000))
def test_pauses_grow_up_to_their_limit(attempts: int, first: float, most: float) -> None:
    pause = backoff(attempts, first, most)
    assert first <= pause <= most
    assert backoff(attempts + 1, first, most) >= pause
    assert backoff(0, first, most) == first


def test_pauses_double() -> None:
    assert [backoff(attempts, 1, 10) for attempts in range(6)] == [1, 2, 4, 8, 10, 10]


GRID = Grid(1200.0, 10.0)
ages = st.floats(0, 2000)
phases = st.floats(0.01, 1)
paces = st.floats(0.5, 10).map(lambda floor: Pace(10.0, floor))


@st.composite
def curves(draw: st.DrawFn) -> Curve:
    counts = Arrivals(GRID)
    for _ in range(draw(st.integers(1, 6))):
        ended, count = draw(st.integers(0, 239)), draw(st.integers(1, 1000))
        counts.add(Seen("1", "us", None, ended, has_code=True, is_open=False, numbers=count))
    never = draw(st.integers(0, 1000))
    counts.add(Seen("1", "us", None, 228, has_code=False, is_open=False, numbers=never))
    return counts.curve()


@given(ages, phases)
def test_a_plan_of_one_rate_is_a_fixed_interval(age: float, phase: float) -> None:
    plan = Plan((0.0, 600.0, 1200.0), (0.1, 0.1), 10.0)
    assert plan.following(age) == pytest.approx(age + 10)
    assert plan.following(0.0, phase) == pytest.approx(10 * phase)


def test_a_look_before_a_busy_time_does_not_run_into_it() -> None:
    plan = Plan((0.0, 100.0, 200.0), (0.01, 0.5), 10.0)
    assert plan.following(90.0) == pytest.approx(101.8)
    assert plan.following(101.8) == pytest.approx(103.8)
    assert plan.following(199.0) == pytest.approx(205.0)


@given(curves(), paces, ages, st.integers(0, 300))
def test_looks_are_never_closer_than_the_floor_nor_further_apart_than_the_cap(
    curve: Curve, pace: Pace, age: float, codes: int
) -> None:
    gap = plan_looks(curve, pace, codes).following(age) - age
    assert pace.floor * 0.999 <= gap <= pace.interval * CAP * 1.001


@given(curves(), paces, ages)
def test_an_unknown_service_never_waits_much_longer_than_by_the_fixed_interval(
    curve: Curve, pace: Pace, age: float
) -> None:
    gap = plan_looks(curve, pace, 0).following(age) - age
    assert gap <= pace.interval * UNKNOWN_CAP * 1.001


@given(curves(), paces, st.integers(0, 300))
def test_all_looks_at_a_number_are_no_more_than_by_the_fixed_interval(
    curve: Curve, pace: Pace, codes: int
) -> None:
    plan = plan_looks(curve, pace, codes)
    seconds = curve.watched_seconds()
    looks = sum(
        (plan.looks_until(last) - plan.looks_until(first)) * time / (last - first)
        for (first, last), time in zip(pairwise(GRID.edges), seconds, strict=True)
    )
    assert looks <= sum(seconds) / pace.interval


@given(curves(), paces, ages, phases)
def test_a_part_of_a_look_is_due_before_it(
    curve: Curve, pace: Pace, age: float, phase: float
) -> None:
    plan = plan_looks(curve, pace, 100)
    assert age < plan.following(age, phase) <= plan.following(age) * 1.000001
