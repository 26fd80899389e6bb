"""A balance is believed only where exactly one explanation fits it."""

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evidence import Doubt, Question, Reading, explain

CENT = 10_000
NONE: frozenset[Question] = frozenset()


def charge(activation_id: int, micros: int) -> Question:
    return Question(activation_id, -micros)


def test_a_balance_that_did_not_move_says_that_nothing_was_charged() -> None:
    assert explain(5_000_000, Reading(5_000_000, CENT), [charge(1, 250_000)]) == NONE


def test_a_balance_that_fell_by_the_price_says_that_it_was_charged() -> None:
    question = charge(1, 250_000)
    assert explain(5_000_000, Reading(4_750_000, CENT), [question]) == frozenset({question})


def test_two_purchases_of_one_price_cannot_be_told_apart() -> None:
    questions = [charge(1, 250_000), charge(2, 250_000)]
    assert explain(5_000_000, Reading(4_750_000, CENT), questions) is Doubt.SEVERAL_FIT


def test_both_or_neither_of_one_price_can_be_told() -> None:
    questions = [charge(1, 250_000), charge(2, 250_000)]
    assert explain(5_000_000, Reading(4_500_000, CENT), questions) == frozenset(questions)
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


def test_all_refunds_of_a_busy_hour_are_recognised_where_all_have_come() -> None:
    refunds = [Question(number, 90_000 + number % 7 * CENT) for number in range(2_000)]
    whole = sum(refund.amount for refund in refunds)
    assert explain(0, Reading(whole, CENT), refunds) == frozenset(refunds)
    assert explain(0, Reading(0, CENT), refunds) == NONE


def test_a_search_that_takes_too_long_concludes_nothing() -> None:
    questions = [charge(number, 2_000_001 + 2**number) for number in range(40)]
    half = sum(question.amount for question in questions[::2]) - CENT * 5
    assert explain(0, Reading(half, 1), questions) is Doubt.SEVERAL_FIT


@given(
    st.lists(st.integers(-300_000, 300_000).filter(bool), max_size=8),
    st.integers(-1_000_000, 1_000_000),
)
def test_the_search_finds_what_trying_all_sets_finds(amounts: list[int], gap: int) -> None:
    questions = [Question(number, amount) for number, amount in enumerate(amounts)]
    fitting = [
        frozenset(chosen)
        for size in range(len(questions) + 1)
        for chosen in combinations(questions, size)
        if abs(gap - sum(question.amount for question in chosen)) < CENT
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
    happened = frozenset(question for question in questions if data.draw(st.booleans()))
    balance = 50_000_000 + sum(question.amount for question in happened) + rounding
    found = explain(50_000_000, Reading(balance, CENT), questions)
    assert found is Doubt.SEVERAL_FIT or found == happened
