"""Who may spend what."""

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.policy import (
    DAY_MS,
    Limits,
    Reason,
    Refusal,
    Usage,
    check_purchase,
    start_of_day,
)

NOON = 20_000 * DAY_MS + DAY_MS // 2
LIMITS = Limits(daily=1_000_000, open_per_user=2)
amounts = st.integers(0, 10**12)


def test_the_last_cent_may_be_spent_and_not_one_more() -> None:
    usage = Usage(spent_today=900_000, open_of_user=1)
    assert check_purchase(100_000, LIMITS, usage, NOON) is None
    refusal = check_purchase(100_001, LIMITS, usage, NOON)
    assert refusal == Refusal(Reason.DAILY_LIMIT, until=NOON + DAY_MS // 2)


def test_as_many_may_be_open_as_the_limit_says() -> None:
    assert check_purchase(1, LIMITS, Usage(0, 1), NOON) is None
    assert check_purchase(1, LIMITS, Usage(0, 2), NOON) == Refusal(Reason.TOO_MANY_OPEN)


def test_a_limit_of_nothing_allows_nothing_that_costs() -> None:
    nothing = Limits(daily=0, open_per_user=1)
    assert check_purchase(1, nothing, Usage(0, 0), NOON) is not None


@given(amounts, amounts, amounts, st.integers(0, 9), st.integers(1, 9), st.integers(0, 10**14))
def test_whatever_is_allowed_stays_within_the_limits(  # noqa: PLR0917 - drawn one by one
    price: int, daily: int, spent: int, is_open: int, may_be_open: int, now: int
) -> None:
    limits, usage = Limits(daily, may_be_open), Usage(spent, is_open)
    refusal = check_purchase(price, limits, usage, now)
    fits = spent + price <= daily and is_open < may_be_open
    assert (refusal is None) == fits
    if refusal and refusal.until is not None:
        assert now < refusal.until <= now + DAY_MS


@given(st.integers(0, 10**14))
def test_a_day_begins_at_midnight_utc(now: int) -> None:
    begin = start_of_day(now)
    assert begin <= now < begin + DAY_MS
    assert begin % DAY_MS == 0
    assert start_of_day(begin) == start_of_day(begin + DAY_MS - 1) == begin
