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
    assert verdict == Verdict(charged={1: 250_000})


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


def test_which_of_several_like_refunds_has_come_does_not_matter() -> None:
    twins = [REFUND, Question(4, 300_000), Question(5, 300_000)]
    verdict = judge(books(refunds=twins), reading(BALANCE + 600_000))
    assert verdict.is_clear
    assert len(verdict.seen) == 2
    assert not verdict.unexplained
    beside = judge(books(refunds=twins, charges=[CHARGE]), reading(BALANCE + 600_000))
    assert not beside.is_clear


PRICES = (88_200, 100_000, 180_000, 250_000, 450_000, 520_000, 610_000)
HUNDREDS = [Question(number, PRICES[number % 7]) for number in range(300)]


def test_hundreds_of_refunds_due_are_settled_by_what_has_come() -> None:
    verdict = judge(books(refunds=HUNDREDS), reading(BALANCE + 3_080_000))
    come = sum(refund.amount for refund in HUNDREDS if refund.activation_id in verdict.seen)
    assert verdict.is_clear
    assert abs(come - 3_080_000) < CENT


def test_what_hundreds_of_refunds_due_cannot_explain_is_unexplained() -> None:
    verdict = judge(books(refunds=HUNDREDS), reading(BALANCE + 40_000))
    assert verdict == Verdict(unexplained=40_000)


def test_readings_agree_within_the_last_shown_digit() -> None:
    one = Verdict(unexplained=-7_000_000)
    assert one.agrees_with(Verdict(unexplained=-7_009_999), CENT)
    assert not one.agrees_with(Verdict(unexplained=-7_010_000), CENT)
    assert not one.agrees_with(Verdict(), CENT)
    assert not Verdict(charged={1: 250_000}).agrees_with(Verdict(charged={2: 250_000}), CENT)
    assert not Verdict(charged={1: 250_000}).agrees_with(Verdict(charged={1: 400_000}), CENT)


def test_a_charge_by_another_offer_is_settled_at_what_it_took() -> None:
    charge = replace(CHARGE, others=frozenset({-400_000}))
    doubtful = books(charges=[charge], due=frozenset({1}))
    assert judge(doubtful, reading(BALANCE - 400_000)) == Verdict(charged={1: 400_000})
    assert judge(doubtful, reading(BALANCE)) == Verdict(not_charged=frozenset({1}))


def test_what_a_refund_that_nobody_asked_for_could_hide_is_not_settled() -> None:
    doubtful = books(charges=[CHARGE], due=frozenset({1}), unasked=frozenset({250_000}))
    assert judge(doubtful, reading(BALANCE)) == Verdict(doubtful=frozenset({1}))
    assert judge(doubtful, reading(BALANCE - 250_000)) == Verdict(charged={1: 250_000})


def test_any_refund_that_nobody_asked_for_could_hide_a_charge() -> None:
    doubtful = books(charges=[OTHER], due=frozenset({2}), unasked=frozenset({250_000, 400_000}))
    assert judge(doubtful, reading(BALANCE)) == Verdict(doubtful=frozenset({2}))


def test_what_it_could_not_hide_is_settled_all_the_same() -> None:
    doubtful = books(
        charges=[CHARGE, OTHER], due=frozenset({1, 2}), unasked=frozenset({250_000, 700_000})
    )
    assert judge(doubtful, reading(BALANCE - 400_000)) == Verdict(
        charged={2: 400_000}, doubtful=frozenset({1})
    )
    assert judge(doubtful, reading(BALANCE)) == Verdict(
        not_charged=frozenset({2}), doubtful=frozenset({1})
    )


def test_a_refund_of_another_amount_hides_nothing() -> None:
    doubtful = books(charges=[CHARGE], due=frozenset({1}), unasked=frozenset({300_000, 700_000}))
    assert judge(doubtful, reading(BALANCE)) == Verdict(not_charged=frozenset({1}))


def test_a_promised_refund_is_no_less_plausible_for_one_that_nobody_asked_for() -> None:
    """The other charge could be hidden; the refund is of the same amount, and has come."""
    promised = books(refunds=[REFUND], unasked=frozenset({300_000}))
    assert judge(promised, reading(BALANCE + 300_000)) == Verdict(seen=frozenset({3}))
    beside = replace(promised, charges=[CHARGE], due=frozenset({1}))
    assert judge(beside, reading(BALANCE + 300_000)) == Verdict(
        not_charged=frozenset({1}), seen=frozenset({3})
    )


def test_a_charge_is_not_settled_where_two_refunds_could_hide_it_together() -> None:
    """One was promised, and one nobody asked for."""
    hidden = books(
        charges=[Question(1, -900_000)],
        due=frozenset({1}),
        refunds=[REFUND],
        unasked=frozenset({600_000}),
    )
    assert judge(hidden, reading(BALANCE)) == Verdict(doubtful=frozenset({1}))


def lost_answers(number: int) -> Books:
    """Give so many purchases of different prices, beside a number that is open."""
    charges = [Question(each, -2_000_000 - 2**each * CENT) for each in range(number)]
    due = frozenset(range(number))
    return books(charges=charges, due=due, unasked=frozenset({510_000}))


def test_of_many_lost_answers_each_is_settled_that_no_unasked_refund_could_hide() -> None:
    verdict = judge(lost_answers(12), reading(BALANCE - 4_000_000 - 2 * CENT - 64 * CENT))
    assert verdict == Verdict(
        charged={1: 2_020_000, 6: 2_640_000}, not_charged=frozenset({0, 2, 3, 4, 5, *range(7, 12)})
    )


def test_one_of_many_lost_answers_that_an_unasked_refund_could_hide_is_left() -> None:
    hidden = replace(lost_answers(12), unasked=frozenset({2_040_000}))
    verdict = judge(hidden, reading(BALANCE))
    assert verdict == Verdict(doubtful=frozenset({2}), not_charged=frozenset({0, 1, *range(3, 12)}))


def test_more_purchases_than_can_be_looked_into_are_left_where_money_may_have_come_back() -> None:
    many = lost_answers(33)
    assert judge(replace(many, unasked=frozenset()), reading(BALANCE)).not_charged == many.due
    assert judge(many, reading(BALANCE)) == Verdict(doubtful=many.due)


def test_what_nothing_explains_is_unexplained_once_the_owner_had_the_time_to_decide() -> None:
    undecided = books(charges=[CHARGE], due=frozenset({1}), is_overdue=True)
    assert judge(undecided, reading(BALANCE + 9_000_000)) == Verdict(unexplained=9_000_000)
    cancelling = replace(undecided, cancels=[REFUND])
    assert judge(cancelling, reading(BALANCE + 9_000_000)) == Verdict(is_clear=False)


OTHERS = {1: frozenset({-400_000}), 3: frozenset({-250_000, -90_000})}


@given(st.data())
def test_no_verdict_contradicts_what_happened(data: st.DataObject) -> None:
    """Whatever was charged, and by which offer, and refunded, also once without being asked."""
    prices = data.draw(st.lists(st.sampled_from([250_000, 400_000, 410_000]), max_size=5))
    refunds = data.draw(st.lists(st.sampled_from([250_000, 300_000]), max_size=3))
    could_come = data.draw(st.frozensets(st.sampled_from([250_000, 290_000, 800_000])))
    charges = [
        Question(one, -price, OTHERS.get(one, frozenset())) for one, price in enumerate(prices)
    ]
    dues = [Question(100 + number, amount) for number, amount in enumerate(refunds)]
    happened = {
        one.activation_id: data.draw(st.sampled_from(one.amounts))
        for one in [*charges, *dues]
        if data.draw(st.booleans())
    }
    came = data.draw(st.sampled_from([0, *could_come])) if charges else 0
    moved = sum(happened.values()) + came
    ids = frozenset(range(len(charges)))
    verdict = judge(
        books(charges=charges, due=ids, refunds=dues, unasked=could_come), reading(BALANCE + moved)
    )
    assert {one: -amount for one, amount in verdict.charged.items()}.items() <= happened.items()
    assert not verdict.not_charged & happened.keys()
    assert not verdict.unexplained
    if charges:
        assert came or verdict.seen <= happened.keys()
    else:
        assert sum(due.amount for due in dues if due.activation_id in verdict.seen) == moved
