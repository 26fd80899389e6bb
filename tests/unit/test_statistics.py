"""Success rates and how sure they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.statistics import Evidence, Window, best_first, wilson
from bot.domain.times import DAY_MS


@pytest.mark.parametrize(
    ("successes", "cases", "low", "high"),
    [
        # Newcombe 1998, table I: the score method without continuity correction.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_the_interval_is_the_published_one(
    successes: int, cases: int, low: float, high: float
) -> None:
    assert wilson(successes, cases) == pytest.approx((low, high), abs=0.0001)


def test_without_cases_anything_is_possible() -> None:
    assert wilson(0, 0) == (0.0, 1.0)
    assert Evidence().rate == 0


@given(st.integers(1, 10_000), st.integers(0, 10_000))
def test_the_interval_holds_the_rate_and_stays_within_its_bounds(cases: int, number: int) -> None:
    evidence = Evidence(cases, number % (cases + 1))
    low, high = evidence.interval
    assert 0 <= low <= evidence.rate + 1e-12
    assert evidence.rate - 1e-12 <= high <= 1


@given(st.integers(1, 200), st.integers(2, 20))
def test_more_cases_of_the_same_rate_make_it_surer(successes: int, factor: int) -> None:
    few, many = wilson(successes, 2 * successes), wilson(factor * successes, 2 * factor * successes)
    assert few[0] < many[0] < many[1] < few[1]


def test_one_percentage_is_shown_from_five_cases_on() -> None:
    assert [Evidence(cases, cases).is_enough for cases in (0, 4, 5)] == [False, False, True]


def test_what_surely_works_comes_first_and_what_surely_does_not_last() -> None:
    known = {
        "never": Evidence(20, 0),
        "new": Evidence(),
        "often": Evidence(20, 18),
        "seldom": Evidence(20, 3),
        "once": Evidence(1, 1),
        "always": Evidence(40, 40),
    }
    ordered = best_first(known, lambda name: known[name])
    assert ordered == ["always", "often", "new", "once", "seldom", "never"]


def test_two_hundred_cases_beat_three_without_a_failure() -> None:
    few, many = Evidence(4, 4), Evidence(200, 180)
    assert best_first([few, many], lambda one: one) == [many, few]


@pytest.mark.parametrize(("window", "since"), [(Window.WEEK, 93), (Window.MONTH, 70)])
def test_a_window_goes_back_so_many_days(window: Window, since: int) -> None:
    assert window.since(100 * DAY_MS + 1) == since * DAY_MS + 1


def test_all_of_the_past_has_no_beginning() -> None:
    assert Window.ALL.since(100 * DAY_MS) == 0
