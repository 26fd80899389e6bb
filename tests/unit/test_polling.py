"""When to look for a code."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.polling import (
    EXPIRY_LEAD_SECONDS,
    backoff,
    expiry_lead,
    first_look,
    grace_until,
    second_code_until,
)

times = st.integers(0, 10**14)
seconds = st.floats(0.1, 86_400)


@given(times, seconds, st.floats(0, 1, exclude_max=True))
def test_the_first_look_falls_within_one_interval(now: int, interval: float, phase: float) -> None:
    assert now <= first_look(now, interval, lambda: phase) <= now + round(interval * 1000)


def test_what_was_bought_together_is_looked_at_spread_out() -> None:
    looks = {first_look(0, 10, lambda phase=phase: phase / 10) for phase in range(10)}  # type: ignore[misc]  # a default binds it
    assert looks == set(range(0, 10_000, 1000))


@given(seconds)
def test_the_refund_is_asked_for_within_the_lifetime(ttl: float) -> None:
    assert 0 < expiry_lead(ttl) < ttl
    assert expiry_lead(ttl) <= EXPIRY_LEAD_SECONDS


def test_a_usual_lifetime_leaves_a_minute_for_the_refund() -> None:
    assert expiry_lead(1200) == EXPIRY_LEAD_SECONDS


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
