"""A balance is believed only where exactly one explanation fits it."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evidence import Doubt, Explanation, Question, Reading, explain

CENT = 10_000
NONE: Explanation = {}


def charge(activation_id: int, micros: int, *others: int) -> Question:
    return Question(activation_id, -micros, frozenset(-other for other in others))


def yes(*questions: Question) -> Explanation:
    return {question: question.amount for question in questions}


def test_a_balance_that_did_not_move_says_that_nothing_was_charged() -> None:
    assert explain(5_000_000, Reading(5_000_000, CENT), [charge(1, 250_000)]) == NONE


def test_a_balance_that_fell_by_the_price_says_that_it_was_charged() -> None:
    question = charge(1, 250_000)
    assert explain(5_000_000, Reading(4_750_000, CENT), [question]) == yes(question)


@pytest.mark.parametrize("off", [-CENT, CENT])
def test_a_whole_step_of_the_last_shown_digit_is_a_difference(off: int) -> None:
    nearly = off - off // CENT
    assert explain(5_000_000, Reading(5_000_000 + nearly, CENT), []) == NONE
    assert explain(5_000_000, Reading(5_000_000 + off, CENT), []) is Doubt.NOTHING_FITS


def test_two_purchases_of_one_price_cannot_be_told_apart() -> None:
    questions = [charge(1, 250_000), charge(2, 250_000)]
    assert explain(5_000_000, Reading(4_750_000, CENT), questions) is Doubt.SEVERAL_FIT


def test_both_or_neither_of_one_price_can_be_told() -> None:
    questions = [charge(1, 250_000), charge(2, 250_000)]
    assert explain(5_000_000, Reading(4_500_000, CENT), questions) == yes(*questions)
    assert explain(5_000_000, Reading(5_000_000, CENT), questions) == NONE


def test_a_price_below_the_last_shown_digit_is_no_evidence() -> None:
    question = charge(1, 5_000)
    assert explain(5_000_000, Reading(5_000_000, CENT), [question]) is Doubt.SEVERAL_FIT


def test_other_use_of_the_key_is_not_blamed_on_a_purchase() -> None:
    question = charge(1, 250_000)
    assert explain(5_000_000, Reading(4_100_000, CENT), [question]) is Doubt.NOTHING_FITS


def test_a_charge_and_a_refund_of_one_amount_cannot_be_told_from_nothing() -> None:
    questions = [charge(1, 250_000), Question(2, 250_000)]
    assert explain(5_000_000, Reading(5_000_000, CENT), questions) is Doubt.SEVERAL_FIT


def test_another_offers_price_is_an_explanation_too() -> None:
    question = charge(1, 150_000, 180_000)
    assert explain(5_000_000, Reading(5_000_000, CENT), [question]) == NONE
    assert explain(5_000_000, Reading(4_850_000, CENT), [question]) == {question: -150_000}
    assert explain(5_000_000, Reading(4_820_000, CENT), [question]) == {question: -180_000}


def test_one_purchase_by_another_offer_and_another_by_its_own_cannot_be_told_apart() -> None:
    questions = [charge(1, 150_000, 180_000), charge(2, 180_000)]
    assert explain(5_000_000, Reading(4_820_000, CENT), questions) is Doubt.SEVERAL_FIT
    assert explain(5_000_000, Reading(4_670_000, CENT), questions) == yes(*questions)


def test_two_offers_of_one_price_are_one_explanation() -> None:
    question = charge(1, 150_000, 150_000)
    assert explain(5_000_000, Reading(4_850_000, CENT), [question]) == yes(question)


def test_all_refunds_of_a_busy_hour_are_recognised_where_all_have_come() -> None:
    refunds = [Question(number, 90_000 + number % 7 * CENT) for number in range(2_000)]
    whole = sum(refund.amount for refund in refunds)
    assert explain(0, Reading(whole, CENT), refunds) == yes(*refunds)
    assert explain(0, Reading(0, CENT), refunds) == NONE


def test_a_search_that_takes_too_long_concludes_nothing() -> None:
    questions = [charge(number, 2_000_001 + 2**number) for number in range(40)]
    half = sum(question.amount for question in questions[::2]) - CENT * 5
    assert explain(0, Reading(half, 1), questions) is Doubt.SEVERAL_FIT


QUESTIONS = st.lists(
    st.sets(st.integers(-300_000, 300_000).filter(bool), min_size=1, max_size=3), max_size=5
)


@given(QUESTIONS, st.integers(-1_000_000, 1_000_000))
def test_the_search_finds_what_trying_everything_finds(amounts: list[set[int]], gap: int) -> None:
    questions = [
        Question(number, min(some), frozenset(some)) for number, some in enumerate(amounts)
    ]
    fitting = [
        {question: amount for question, amount in zip(questions, way, strict=True) if amount}
        for way in product(*([0, *some] for some in amounts))
        if abs(gap - sum(way)) < CENT
    ]
    found = explain(0, Reading(gap, CENT), questions)
    if len(fitting) == 1:
        assert found == fitting[0]
    else:
        assert found is (Doubt.SEVERAL_FIT if fitting else Doubt.NOTHING_FITS)


@given(
    st.lists(st.integers(20_000, 5_000_000), max_size=6, unique=True),
    st.data(),
    st.integers(-CENT + 1, CENT - 1),
)
def test_what_is_concluded_is_what_happened(
    prices: list[int], data: st.DataObject, rounding: int
) -> None:
    """The truth always fits; so a single fitting explanation is the truth."""
    questions = [charge(number, price) for number, price in enumerate(prices)]
    happened = yes(*(question for question in questions if data.draw(st.booleans())))
    balance = 50_000_000 + sum(happened.values()) + rounding
    found = explain(50_000_000, Reading(balance, CENT), questions)
    assert found is Doubt.SEVERAL_FIT or found == happened
