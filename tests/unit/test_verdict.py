"""What a quiet reading settles: what is certain, and nothing else."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.evidence import Question, Reading
from bot.domain.verdict import Books, Verdict, judge

CENT = 10_000
BALANCE = 50_000_000


def reading(micros: int) -> Reading:
    return Reading(micros, CENT)


def books(**changes: object) -> Books:
    return replace(Books(expected=BALANCE), **changes)  # type: ignore[arg-type] # a test's shorthand


CHARGE, OTHER = Question(1, -250_000), Question(2, -400_000)
REFUND = Question(3, 300_000)


def test_a_charge_that_the_balance_shows_is_settled_as_charged() -> None:
    verdict = judge(books(charges=[CHARGE], due=frozenset({1})), reading(BALANCE - 250_000))
    assert verdict == Verdict(charged=frozenset({1}))


def test_a_charge_that_the_balance_does_not_show_is_settled_as_not_charged() -> None:
    verdict = judge(books(charges=[CHARGE], due=frozenset({1})), reading(BALANCE))
    assert verdict == Verdict(not_charged=frozenset({1}))


def test_a_call_that_may_still_be_answered_is_not_settled() -> None:
    open_books = books(charges=[CHARGE, OTHER], due=frozenset({2}))
    assert judge(open_books, reading(BALANCE)) == Verdict(not_charged=frozenset({2}))
    assert judge(open_books, reading(BALANCE - 250_000)) == Verdict(not_charged=frozenset({2}))


def test_a_refund_under_way_explains_a_gain_and_settles_nothing() -> None:
    assert judge(books(cancels=[REFUND]), reading(BALANCE + 300_000)) == Verdict()


def test_a_gain_of_a_refund_due_is_that_refund() -> None:
    verdict = judge(books(refunds=[REFUND]), reading(BALANCE + 300_000))
    assert verdict == Verdict(seen=frozenset({3}))
    assert not verdict.is_grave


def test_what_nothing_explains_is_unexplained_where_no_purchase_is_open() -> None:
    assert judge(books(), reading(BALANCE - 7_000_000)) == Verdict(unexplained=-7_000_000)
    doubtful = books(charges=[CHARGE], due=frozenset({1}))
    assert judge(doubtful, reading(BALANCE - 7_000_000)) == Verdict(is_clear=False)


def test_beside_something_unexplained_a_new_refund_has_come_and_an_old_one_has_not() -> None:
    new = books(refunds=[REFUND], fresh=frozenset({3}))
    old = books(refunds=[REFUND])
    top_up = reading(BALANCE + 10_000_000)
    assert judge(new, top_up) == Verdict(seen=frozenset({3}), unexplained=9_700_000)
    assert judge(old, top_up) == Verdict(unexplained=10_000_000)


def test_readings_agree_within_the_last_shown_digit() -> None:
    one = Verdict(unexplained=-7_000_000)
    assert one.agrees_with(Verdict(unexplained=-7_009_999), CENT)
    assert not one.agrees_with(Verdict(unexplained=-7_010_000), CENT)
    assert not one.agrees_with(Verdict(), CENT)
    assert not Verdict(charged=frozenset({1})).agrees_with(Verdict(charged=frozenset({2})), CENT)


@given(st.data())
def test_no_verdict_contradicts_what_happened(data: st.DataObject) -> None:
    """Whatever was charged and refunded without other use of the key: what is said is so."""
    prices = data.draw(st.lists(st.sampled_from([250_000, 400_000, 410_000]), max_size=5))
    refunds = data.draw(st.lists(st.sampled_from([250_000, 300_000]), max_size=3))
    charges = [Question(number, -price) for number, price in enumerate(prices)]
    dues = [Question(100 + number, amount) for number, amount in enumerate(refunds)]
    happened = {one.activation_id for one in [*charges, *dues] if data.draw(st.booleans())}
    moved = sum(one.amount for one in [*charges, *dues] if one.activation_id in happened)
    ids = frozenset(range(len(charges)))
    verdict = judge(books(charges=charges, due=ids, refunds=dues), reading(BALANCE + moved))
    assert verdict.charged <= happened
    assert not verdict.not_charged & happened
    assert verdict.seen <= happened
    assert not verdict.unexplained
