"""The budget of requests: moments to begin at, cut by failures, restored by success."""

from math import ceil

import pytest

from bot.workflows.budget import (
    AHEAD_SECONDS,
    AT_ONCE_SECONDS,
    FAILED_LEAST,
    LEAST_RPS,
    RateBudget,
)
from tests.clocks import HandSeconds

MOST = 50.0


@pytest.fixture
def clock() -> HandSeconds:
    """Give a clock that stands still."""
    return HandSeconds()


@pytest.fixture
def budget(clock: HandSeconds) -> RateBudget:
    """Give a budget that nothing was taken from."""
    return RateBudget(MOST, clock)


def fail(budget: RateBudget) -> None:
    """Let as many requests fail as cut the rate."""
    for _ in range(FAILED_LEAST):
        budget.failed()


def cut(budget: RateBudget, clock: HandSeconds) -> None:
    """Let requests fail each second until nothing more can be cut."""
    while budget.rate > LEAST_RPS:
        clock.seconds += 1
        fail(budget)


def test_polls_begin_one_after_the_other(budget: RateBudget) -> None:
    assert budget.room() == ceil(AHEAD_SECONDS * MOST)
    assert budget.reserve(3) == pytest.approx([0, 1 / MOST, 2 / MOST])
    assert budget.reserve(1) == pytest.approx([3 / MOST])


def test_polls_wait_for_money_calls_that_began_at_once(
    budget: RateBudget, clock: HandSeconds
) -> None:
    for _ in range(100):
        budget.take()
    assert budget.room() == 0
    clock.seconds += 100 / MOST
    assert budget.reserve(1) == pytest.approx([0])


def test_what_was_taken_at_a_cut_rate_is_made_good_at_the_present_one(
    budget: RateBudget, clock: HandSeconds
) -> None:
    cut(budget, clock)
    for _ in range(100):
        budget.take()
    while budget.rate < MOST:
        clock.seconds += 1
        budget.succeeded()
    clock.seconds += 100 / MOST
    assert budget.room() > 0


def test_what_was_reserved_takes_longer_once_the_rate_is_cut(
    budget: RateBudget, clock: HandSeconds
) -> None:
    clock.seconds += 2
    budget.reserve(10)
    fail(budget)
    assert budget.reserve(1) == pytest.approx([10 / (MOST / 2)])


def test_the_rate_never_falls_to_nothing_nor_rises_above_what_is_allowed(
    budget: RateBudget, clock: HandSeconds
) -> None:
    cut(budget, clock)
    assert budget.rate == LEAST_RPS
    for _ in range(60):
        clock.seconds += 1
        budget.succeeded()
    assert budget.rate == MOST


@pytest.mark.parametrize("rate", [0.5, 3.0, 100.0])
def test_however_much_is_due_no_second_has_more_than_the_rate(
    rate: float, clock: HandSeconds
) -> None:
    budget = RateBudget(rate, clock)
    seconds = max(10.0, 10 / rate)
    begins: list[float] = []
    for _ in range(round(seconds * 4)):
        begins += [clock.seconds + wait for wait in budget.reserve(budget.room())]
        clock.seconds += 0.25
    assert len(begins) == pytest.approx(rate * seconds, rel=0.1)
    for first in begins:
        assert sum(1 for one in begins if first <= one < first + 1) <= max(1, rate + 1)


def test_nothing_is_saved_up_while_nothing_is_due(budget: RateBudget, clock: HandSeconds) -> None:
    clock.seconds += 1000
    assert budget.room() == ceil(AHEAD_SECONDS * MOST)


def test_a_process_that_stood_still_does_not_begin_all_at_once(
    budget: RateBudget, clock: HandSeconds
) -> None:
    count = len(budget.reserve(budget.room()))
    clock.seconds += 60
    turns = [budget.turn() for _ in range(count)]
    assert turns == sorted(turns)
    assert turns.count(0.0) <= MOST * AT_ONCE_SECONDS + 1
    assert turns[-1] == pytest.approx((count - 1) / MOST)


def test_many_failures_within_a_second_cut_the_rate(budget: RateBudget, clock: HandSeconds) -> None:
    clock.seconds += 2
    fail(budget)
    assert budget.rate == MOST / 2


@pytest.mark.parametrize("answered", [50, 1000])
def test_a_tenth_that_fails_cuts_nothing_whenever_it_fails(
    budget: RateBudget, clock: HandSeconds, answered: int
) -> None:
    """Also at the beginning of a second, when little has been answered yet."""
    for _ in range(answered):
        budget.succeeded()
    for _ in range(10):
        clock.seconds += 1
        for _ in range(answered // 10):
            budget.failed()
        for _ in range(answered - answered // 10):
            budget.succeeded()
        assert budget.rate == MOST


def test_a_third_that_fails_cuts_the_rate(budget: RateBudget, clock: HandSeconds) -> None:
    for _ in range(3):
        clock.seconds += 1
        for _ in range(100):
            budget.failed()
            budget.succeeded()
            budget.succeeded()
    assert budget.rate < MOST / 2


def test_one_failure_a_second_cuts_nothing(budget: RateBudget, clock: HandSeconds) -> None:
    for _ in range(10):
        clock.seconds += 1
        budget.failed()
    assert budget.rate == MOST
