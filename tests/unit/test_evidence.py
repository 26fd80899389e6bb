from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evidence import MOST_QUESTIONS, Question, Reading, explain

CENT = 10_000


def charge(activation_id: int, micros: int) -> Question:
    return Question(activation_id, -micros)


def test_a_balance_that_did_not_move_says_that_nothing_was_charged() -> None:
    assert explain(5_000_000, Reading(5_000_000, CENT), [charge(1, 250_000)]) == frozenset()


def test_a_balance_that_fell_by_the_price_says_that_it_was_charged() -> None:
    question = charge(1, 250_000)
    assert explain(5_000_000, Reading(4_750_000, CENT), [question]) == {question}


def test_two_purchases_of_one_price_cannot_be_told_apart() -> None:
    questions = [charge(1, 250_000), charge(2, 250_000)]
    assert explain(5_000_000, Reading(4_750_000, CENT), questions) is None


def test_both_or_neither_of_one_price_can_be_told() -> None:
    questions = [charge(1, 250_000), charge(2, 250_000)]
    assert explain(5_000_000, Reading(4_500_000, CENT), questions) == set(questions)
    assert explain(5_000_000, Reading(5_000_000, CENT), questions) == frozenset()


def test_a_price_below_the_last_shown_digit_is_no_evidence() -> None:
    assert explain(5_000_000, Reading(5_000_000, CENT), [charge(1, 5_000)]) is None


def test_other_use_of_the_key_is_not_blamed_on_a_purchase() -> None:
    assert explain(5_000_000, Reading(4_100_000, CENT), [charge(1, 250_000)]) is None


def test_a_charge_and_a_refund_of_one_amount_cannot_be_told_from_nothing() -> None:
    questions = [charge(1, 250_000), Question(2, 250_000)]
    assert explain(5_000_000, Reading(5_000_000, CENT), questions) is None


def test_too_many_questions_have_no_answer() -> None:
    questions = [charge(number, 2**number * CENT) for number in range(MOST_QUESTIONS + 1)]
    assert explain(0, Reading(0, CENT), questions) is None


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
    assert explain(50_000_000, Reading(balance, CENT), questions) in {happened, None}
