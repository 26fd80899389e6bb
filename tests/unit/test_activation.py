"""The life of an activation, as a graph."""

from dataclasses import replace

import pytest

from bot.domain.activation import LISTED, OPEN, TRANSITIONS, Activation, State

ENDS = {State.FINISHED, State.CANCELLED, State.EXPIRED}
LATE_NUMBERS = {State.DECLINED, State.LOST}

ACTIVATION = Activation(
    id=1,
    quote_id="q",
    chat_id=1,
    thread_id=None,
    user_id=1,
    bought_by=None,
    card_message_id=None,
    service_id="1",
    service_name="Service",
    pid="asked",
    pid_used=None,
    country_code="us",
    country_name="United States",
    price=1,
    state=State.WAITING,
    number="+12025550123",
    rs_id="r",
    reason=None,
    requested_at=0,
    lease_until=0,
    slow_since=None,
    bought_at=None,
    first_code_at=None,
    missed_at=None,
    expires_at=None,
    closed_at=None,
    next_poll_at=None,
    watch_until=None,
    cancel_at=None,
    cancel_lease_until=None,
    cancel_lease_by=None,
    cancel_reason=None,
    cancel_attempts=0,
    cancel_unanswered=False,
)


def _reachable(start: State) -> set[State]:
    seen, ahead = {start}, [start]
    while ahead:
        following = TRANSITIONS[ahead.pop()] - seen
        seen |= following
        ahead += following
    return seen


def _sources_of(target: State) -> set[State]:
    return {source for source, targets in TRANSITIONS.items() if target in targets}


def test_every_state_is_reached_from_the_confirmation() -> None:
    assert _reachable(State.REQUESTED) == set(State) == set(TRANSITIONS)


@pytest.mark.parametrize("state", State)
def test_every_state_leads_to_an_end(state: State) -> None:
    assert _reachable(state) & (ENDS | LATE_NUMBERS)


def test_only_ends_lead_nowhere() -> None:
    assert {state for state in State if not TRANSITIONS[state]} == ENDS


def test_a_purchase_that_came_to_nothing_goes_on_only_with_a_late_number() -> None:
    for state in LATE_NUMBERS:
        assert TRANSITIONS[state] == {State.WAITING}


def test_nothing_returns_to_the_request() -> None:
    assert _sources_of(State.REQUESTED) == set()


def test_a_number_is_lost_or_declined_only_before_it_is_there() -> None:
    for target in LATE_NUMBERS:
        assert _sources_of(target) <= {State.REQUESTED, State.UNKNOWN}


def test_a_refund_is_only_reached_by_asking_for_it() -> None:
    assert _sources_of(State.CANCELLED) == {State.CANCELLING}


def test_what_is_open_can_still_change_and_is_listed() -> None:
    assert not OPEN & (ENDS | LATE_NUMBERS)
    assert OPEN < LISTED


@pytest.mark.parametrize("state", State)
def test_a_cancel_button_needs_a_waiting_number_and_its_id(state: State) -> None:
    activation = replace(ACTIVATION, state=state)
    assert activation.can_be_cancelled == (state is State.WAITING)
    assert not replace(activation, rs_id=None).can_be_cancelled


def test_codes_are_looked_for_with_the_pid_that_the_provider_used() -> None:
    assert ACTIVATION.poll_pid == "asked"
    assert replace(ACTIVATION, pid_used="used").poll_pid == "used"
