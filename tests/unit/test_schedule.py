"""When a number is looked at again, state by state."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.activation import State
from bot.domain.arrivals import Grid, Seen
from bot.domain.plans import ANY, OWN_PLAN_CODES, Lessons, Plans
from bot.domain.polling import ENOUGH_CODES, UNKNOWN_CAP, Pace, Plan
from bot.domain.schedule import LAST_LOOK_PATIENCE_SECONDS, Look, Schedule

NOW = 1_800_000_000_000
INTERVAL, FLOOR = 10_000, 3_000
PACE = Pace(10.0, 3.0)
PATIENCE = round(LAST_LOOK_PATIENCE_SECONDS * 1000)
QUICK_THEN_SLOW = Plan((0.0, 60.0, 1200.0), (1 / 3, 1 / 60), 10.0)


def due(state: State = State.WAITING, **changes: int | None) -> Look:
    look = Look(
        id=1,
        number="+1999",
        poll_pid="1",
        rs_id="rs",
        service_id="1",
        country_code="us",
        state=state,
        bought_at=NOW - 30_000,
        due_at=NOW,
        watch_until=None,
    )
    return look._replace(**changes)  # type: ignore[arg-type]  # only numbers are changed


def schedule(plan: Plan | None = None, chance: float = 0.5) -> Schedule:
    plans = Plans()
    if plan:
        plans.replace({ANY: plan})
    return Schedule(PACE, plans, lambda: chance)


@given(st.floats(0, 1, exclude_max=True))
def test_the_first_look_falls_within_one_interval(phase: float) -> None:
    assert NOW <= schedule(chance=phase).first("1", "us", NOW) <= NOW + INTERVAL


def test_what_was_bought_together_is_looked_at_spread_out() -> None:
    looks = {schedule(chance=phase / 10).first("1", "us", NOW) for phase in range(10)}
    assert looks == set(range(NOW, NOW + INTERVAL, 1000))


def test_what_was_learned_tells_when_to_look_first() -> None:
    assert schedule(QUICK_THEN_SLOW).first("1", "us", NOW) == NOW + 1500


@given(st.integers(0, 10**7), st.sampled_from([State.WAITING, State.CANCELLING]))
def test_without_anything_learned_the_interval_is_kept_to_the_millisecond(
    age: int, state: State
) -> None:
    look = due(state, bought_at=NOW - age)
    assert schedule().following(look, NOW) == NOW + INTERVAL
    assert schedule().least_gap(look) == INTERVAL


def test_a_waiting_number_is_looked_at_as_was_learned() -> None:
    learned = schedule(QUICK_THEN_SLOW)
    assert learned.following(due(), NOW) == NOW + 3000
    assert learned.following(due(bought_at=NOW - 300_000), NOW) == NOW + 60_000
    assert learned.least_gap(due()) == FLOOR


@pytest.mark.parametrize("state", [State.CANCELLING, State.CANCELLED, State.EXPIRED])
def test_only_waiting_numbers_are_looked_at_as_was_learned(state: State) -> None:
    assert schedule(QUICK_THEN_SLOW).following(due(state), NOW) == NOW + INTERVAL


@pytest.mark.parametrize(
    ("state", "watch_until", "following"),
    [
        (State.RECEIVED, NOW + 20_000, NOW + 20_000),
        (State.RECEIVED, NOW + 90_000, NOW + 20_000),
        (State.RECEIVED, NOW + 1, NOW + 1),
        (State.RECEIVED, NOW, NOW + INTERVAL),
        (State.CANCELLED, NOW + 1, NOW + INTERVAL),
        (State.EXPIRED, NOW - PATIENCE + 1, NOW + INTERVAL),
        (State.EXPIRED, NOW - PATIENCE, None),
    ],
)
def test_after_the_first_code_looks_are_slower_and_end_with_their_time(
    state: State, watch_until: int, following: int | None
) -> None:
    assert schedule().following(due(state, watch_until=watch_until), NOW) == following


def test_what_was_due_together_long_ago_drifts_apart_and_is_hardly_later_for_it() -> None:
    """After an outage everything is due at once: it must not stay so."""
    overdue = due(due_at=NOW - INTERVAL - 1)
    following = [schedule(chance=phase / 10).following(overdue, NOW) for phase in range(10)]
    assert following == [NOW + INTERVAL + 100 * phase for phase in range(10)]
    a_little_late = due(due_at=NOW - INTERVAL)
    assert schedule(chance=0.9).following(a_little_late, NOW) == NOW + INTERVAL


@given(st.integers(0, 3_000_000), st.floats(0, 1), st.integers(0, 100_000))
def test_two_looks_are_never_closer_than_the_floor(age: int, chance: float, late: int) -> None:
    look = due(bought_at=NOW - age, due_at=NOW - late)
    following = schedule(QUICK_THEN_SLOW, chance).following(look, NOW)
    assert following is not None
    assert following - NOW >= FLOOR


def seen(service: str, country: str, codes: int, cell: int = 4) -> list[Seen]:
    return [
        Seen(service, country, cell - 2, cell, has_code=True, is_open=False, numbers=codes),
        Seen(service, country, 227, 228, has_code=False, is_open=False, numbers=codes // 2),
    ]


def learned(*numbers: list[Seen]) -> Plans:
    plans, lessons = Plans(), Lessons(Grid(1200.0, 10.0), PACE)
    for some in numbers:
        for one in some:
            lessons.add(one)
    plans.replace(dict(lessons.plans()))
    return plans


def test_nothing_is_learned_from_little() -> None:
    assert learned(seen("1", "us", ENOUGH_CODES - 1)).of("1", "us") is None
    assert learned(seen("1", "us", ENOUGH_CODES)).of("1", "us") is not None
    assert learned().of("1", "us") is None


def test_a_country_has_its_own_plan_and_else_its_service_s() -> None:
    plans = learned(
        seen("1", "us", 500), seen("1", "uk", OWN_PLAN_CODES, 60), seen("1", "fr", 1, 60)
    )
    of_the_service = plans.of("1", "nowhere")
    assert plans.of("1", "fr") is of_the_service
    early_in_the_us, late_in_the_uk = plans.of("1", "us"), plans.of("1", "uk")
    assert of_the_service is not early_in_the_us
    assert early_in_the_us
    assert late_in_the_uk
    assert late_in_the_uk.following(300.0) < early_in_the_us.following(300.0)


def test_an_unknown_service_is_never_left_alone_for_long() -> None:
    plan = learned(seen("1", "us", 1000)).of("unheard of", "us")
    assert plan
    ages = [0.0]
    while ages[-1] < 1300:
        ages.append(plan.following(ages[-1]))
    assert max(after - before for before, after in pairwise(ages)) <= 10 * UNKNOWN_CAP + 0.001
