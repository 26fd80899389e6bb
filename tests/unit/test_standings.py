"""How an activation stands is told the same everywhere, and never by the name of an error."""

import pytest

from bot.chat.standings import ended_as, may_be_cancelled, reason_in_words, standing
from bot.domain.activation import CloseReason, State
from tests.samples import view


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (None, "cancelled"),
        (CloseReason.BUYER, "cancelled"),
        (CloseReason.ADMIN, "cancelled by an admin"),
        (CloseReason.DEPARTURE, "cancelled, since its buyer is gone"),
        (CloseReason.EXPIRY, "expired"),
    ],
)
def test_a_cancelled_number_tells_who_ended_it(reason: CloseReason | None, words: str) -> None:
    ended = view(state=State.CANCELLED, cancel_reason=reason).activation
    assert standing(ended) == words
    assert ended_as(ended) is (State.EXPIRED if words == "expired" else State.CANCELLED)


@pytest.mark.parametrize("state", list(State))
def test_every_other_state_stays_what_it_is(state: State) -> None:
    activation = view(state=state).activation
    assert ended_as(activation) is state
    assert standing(activation)


def test_what_is_to_be_cancelled_is_not_offered_again() -> None:
    planned = view(cancel_reason=CloseReason.BUYER).activation
    assert "to be cancelled" in standing(planned)
    assert not may_be_cancelled(planned)
    for other in (view(), view(cancel_reason=CloseReason.EXPIRY)):
        assert may_be_cancelled(other.activation)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("ReadTimeout", "SpotSMS did not answer in time"),
        ("RemoteProtocolError", "the connection to SpotSMS broke"),
        ("Unauthorized", "SpotSMS refuses the key"),
        ("HTTP 502, not JSON", "HTTP 502, not JSON"),
        ("limit <over>", "limit <over>"),
        ("", ""),
    ],
)
def test_a_reason_is_told_in_words(reason: str, words: str) -> None:
    assert reason_in_words(reason) == words
