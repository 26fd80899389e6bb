"""A clock that is put right little by little, and never goes back."""

from hypothesis import given
from hypothesis import strategies as st

from bot.workflows.clock import MOST_CORRECTION, SteadyClock

START = 1_800_000_000


class Machine:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds


def started() -> tuple[SteadyClock, Machine]:
    machine = Machine()
    return SteadyClock(lambda: START, machine.monotonic), machine


def test_a_small_error_is_made_good_in_seconds() -> None:
    clock, machine = started()
    for second in range(0, 60, 2):
        machine.seconds = second
        right = START * 1000 + second * 1000 + 100
        clock.follow(right - clock.now())
    assert abs(right - clock.now()) <= 1


def test_an_hour_s_error_shortens_no_wait_by_more_than_a_twentieth() -> None:
    clock, machine = started()
    for second in range(0, 1200, 2):
        machine.seconds = second
        clock.follow(3_600_000)
    assert clock.now() - START * 1000 <= machine.seconds * 1000 * (1 + MOST_CORRECTION)


def test_who_was_left_behind_catches_up_in_one_leap_forward_and_never_back() -> None:
    clock, machine = started()
    clock.follow(60_000, at_once=True)
    assert clock.now() == START * 1000 + 60_000
    clock.follow(-60_000, at_once=True)
    assert clock.now() == START * 1000 + 60_000
    machine.seconds = 10
    assert clock.now() == START * 1000 + 60_000 + round(10_000 * (1 - MOST_CORRECTION))


@given(st.lists(st.tuples(st.floats(0, 10), st.integers(-(10**8), 10**8), st.booleans())))
def test_time_never_goes_back(steps: list[tuple[float, int, bool]]) -> None:
    clock, machine = started()
    shown = clock.now()
    for seconds, error, at_once in steps:
        machine.seconds += seconds
        assert clock.now() >= shown
        clock.follow(error, at_once=at_once)
        assert clock.now() >= shown
        shown = clock.now()
