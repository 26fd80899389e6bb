"""What the words of a refused cancel mean, in every way that such interfaces put it."""

import json
from collections.abc import Callable
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.provider import (
    AlreadyCancelled,
    Declined,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    TooEarly,
    TooFrequent,
    Unauthorized,
)
from bot.provider.refusals import cancel_error_of, is_cancelled
from bot.provider.wire import read_answer

CODES = st.sampled_from([400, 402, 403, 404, 409, 410, 412, 422, 425, 429, 906])
WAYS = st.sampled_from([str, str.lower, str.upper, str.title, lambda text: text.replace(" ", "_")])

TOO_EARLY = [
    "Too early to cancel",
    "Cannot cancel yet",
    "can be cancelled only after 60s",
    "Minimum age not reached",
    "EARLY_CANCEL_DENIED",
    "not allowed within first 2 minutes",
    "Please wait 2 minutes",
    "You can cancel in 45 seconds",
    "Too soon: 90s left",
    "Cancellation is allowed after 1 minute",
    "too soon, 3 min left",
    "You can only cancel after 2 minutes",
    "Number can't be cancelled in the first 120 seconds",
    "You must wait at least 2 min",
    "The number is too young",
    "Cancel is possible 2 minutes after purchase",
    "BEFORE_TWO_MINUTES",
    "Minimum activation period has not passed",
    "It is not possible to cancel the number within the first 2 minutes",
    "activation time less than 2 minutes",
    "Cancellation not available until 2 minutes have passed",
    "Cancellation is allowed only once 60 seconds have elapsed",
    "not allowed before 2 minutes have passed",
    "Number is younger than 120s",
    "2 minutes have not passed",
    "Cancellation is forbidden during the first 2 minutes",
    "Not possible for the next 60 s",
    "cannot be cancelled within 2 minutes of purchase",
    "Cannot be cancelled within 60 seconds after purchase",
    "Not allowed, try after 60 s",
    "Number not old enough",
    "Cancel later",
    "Try again in 30 seconds",
    "TOO_EARLY",
    "Cancel request too early",
    "You bought it 10 seconds ago, minimum 2 minutes",
    "Cannot cancel before 2 minutes",
    "can't be canceled yet",
    "Cancellation will be available in 1 min",
    "120 seconds left before cancellation",
    "Time to cancel not reached",
    "Cancellation locked for 2 minutes",
    "You cannot cancel this activation until 02:00 after purchase",
    "Cancellation available in 00:05",
    "You can cancel this number in 1:30",
    "Wait for 0:45",
    "1:20 left",
    "Cancel is on cooldown",
    "Cancellation available from 16:45",
    "Cancellation is temporarily unavailable",
    "Cannot cancel right now",
]
FOR_GOOD = [
    "The limit of 20 minutes is over",
    "Refunds only within 10 minutes",
    "SMS already received",
    "cancellation window has closed 20 minutes ago",
    "Too late to cancel",
    "Activation expired 3 minutes ago",
    "Time to cancel has passed",
    "Cancellation period expired",
    "The activation is older than 20 minutes",
    "Cannot cancel after 20 minutes",
    "Cancellation is not allowed after 15 minutes",
    "not allowed after 20 minutes have passed",
    "20 minutes have passed",
    "Cancellation time limit exceeded",
    "Cannot cancel: time limit exceeded",
    "Cannot cancel",
    "Cannot cancel this number",
    "Too late. Wait for the SMS",
    "Cannot cancel: SMS already received",
    "Refund not possible, only within 10 minutes",
    "Cancellation is closed",
    "Code was received 20 seconds ago",
    "no longer cancellable",
    "Operation failed",
    "no",
    "Cannot be refunded",
    "Not refundable",
    "Refund denied",
    "Not cancelled",
]
ALREADY = [
    "Already cancelled",
    "Already refunded",
    "already closed",
    "This number was cancelled",
    "Activation cancelled",
    "Order is closed",
    "CANCELLED",
    "ALREADY_CANCELED",
    "Cannot cancel: activation already refunded",
    "Cannot cancel, number was cancelled",
    "Activation finished (cancel)",
    "Finished by cancel",
    "STATUS_CANCEL",
    "Number has already been canceled",
    "The activation has been cancelled earlier",
    "cancelled already",
    "Refund already processed",
    "Money already returned",
    "Activation 12345 was cancelled",
    "Already cancelled 20 seconds ago, too early",
    "already in cancel",
    "Activation is already closed",
    "Already cancelled, cannot be cancelled again",
]


def refused(words: str, **body: object) -> ProviderError:
    return cancel_error_of(read_answer(200, json.dumps({"msg": words} | body).encode()), "key")


@given(st.sampled_from(TOO_EARLY), CODES, WAYS)
def test_too_early_is_known_by_its_words_whatever_the_code(
    words: str, code: int, way: Callable[[str], str]
) -> None:
    assert type(refused(way(words), code=code)) is TooEarly


@given(st.sampled_from(FOR_GOOD), CODES, WAYS)
def test_what_time_will_not_mend_is_never_too_early(
    words: str, code: int, way: Callable[[str], str]
) -> None:
    assert type(refused(way(words), code=code)) not in {TooEarly, AlreadyCancelled}


@given(st.sampled_from(ALREADY), CODES, WAYS)
def test_already_cancelled_is_known_by_its_words_whatever_the_code(
    words: str, code: int, way: Callable[[str], str]
) -> None:
    assert type(refused(way(words), code=code)) is AlreadyCancelled


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Cancellation available in 00:05", 5),
        ("You can cancel this number in 1:30", 90),
        ("too early, 1:20 left", 80),
        ("Please wait another 02:00", 120),
        ("Too early, wait 2 minutes", 120),
        ("Cancellation available from 16:45", None),
        ("Too early", None),
    ],
)
def test_how_long_to_wait_is_read_from_the_words(words: str, seconds: float | None) -> None:
    error = refused(words, code=400)
    assert isinstance(error, TooEarly)
    assert error.retry_after == seconds


def test_words_that_are_written_as_one_are_read_apart() -> None:
    assert type(refused("cancelTooEarly", code=400)) is TooEarly
    assert type(refused("alreadyCancelled", code=400)) is AlreadyCancelled


@pytest.mark.parametrize("said", [{"success": False}, {"status": "error"}, {"error": "true"}])
def test_a_no_in_an_answer_without_a_code_is_read_by_its_words(said: dict[str, object]) -> None:
    assert type(refused("Already refunded", **said)) is AlreadyCancelled
    assert type(refused("Too early", **said, code=200)) is TooEarly


@pytest.mark.parametrize("words", ["Too early to cancel, wait 2 minutes", "TOO_SOON"])
def test_a_yes_that_says_too_early_is_none(words: str) -> None:
    answer = read_answer(200, json.dumps({"code": 200, "msg": words}).encode())
    assert not is_cancelled(answer)
    assert type(cancel_error_of(answer, "key")) is TooEarly


@pytest.mark.parametrize(
    "words", ["Success", "Cancelled", "Cancelled. Your balance is credited in 2 minutes", ""]
)
def test_a_yes_is_one_whatever_else_it_says(words: str) -> None:
    assert is_cancelled(read_answer(200, json.dumps({"code": 200, "msg": words}).encode()))


def test_an_answer_that_is_neither_yes_nor_no_is_no_refusal() -> None:
    assert type(refused("Activation cancelled")) is OutcomeUnknown


@pytest.mark.parametrize("words", [*TOO_EARLY, *FOR_GOOD, *ALREADY])
def test_a_refused_key_and_a_server_error_are_what_their_codes_say(words: str) -> None:
    assert type(refused(words, code=401)) is Unauthorized
    assert type(refused(words, code=500)) is OutcomeUnknown


@pytest.mark.parametrize("code", [409, 429])
@pytest.mark.parametrize("words", ["", "Too many requests, wait 5 seconds", "Too frequent", "No"])
def test_too_frequent_is_what_its_codes_say_unless_the_words_say_otherwise(
    code: int, words: str
) -> None:
    assert type(refused(words, code=code)) is TooFrequent


@pytest.mark.parametrize("words", ["SMS already received", "Activation finished", "Too late"])
def test_a_conflict_with_the_number_s_own_end_is_a_refusal(words: str) -> None:
    assert type(refused(words, code=409)) is Declined


@given(st.text(max_size=300), st.integers(-1, 999))
def test_no_words_make_reading_a_refusal_fail(words: str, code: int) -> None:
    assert isinstance(refused(words, code=code), ProviderError)


@pytest.mark.parametrize(
    "part", ["1234 ", "id 550e8400 e29b 41d4 a716 446655440000 ", "#12ab ", "1", "_1"]
)
def test_words_full_of_numbers_take_no_long_time(part: str) -> None:
    begin = process_time()
    assert type(refused(part * 200, code=404)) is NotFound
    assert process_time() - begin < 1
