"""The audit is silent about what the workflows book, and finds every change of it."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain import ledger as books
from bot.domain.activation import Activation, State
from bot.domain.audit import Audit, Booked, audit, audit_alone
from bot.domain.ledger import Entry
from tests.samples import ANNA, NOW, WAITING

Ending = Callable[[int], Entry] | None
"""How a refund that was promised ends: it is seen, or given up; None: it is due."""

PRICE = WAITING.price
USED = st.none() | st.integers(0, 5_000_000)
KNOWN_ELSEWHERE = {
    "price_difference",
    "refund_seen",
    "refund_lost",
    "void_reversed",
    "loss_reversed",
}
BOUGHT = [State.WAITING, State.CANCELLING, State.RECEIVED, State.FINISHED, State.EXPIRED]


def booked(*entries: Entry) -> list[Booked]:
    return [
        Booked(id=number, entry=entry, user_id=ANNA, purchased_at=NOW)
        for number, entry in enumerate(entries, start=1)
    ]


def given_up(*, lost: bool) -> list[Entry]:
    entries = [books.hold(ANNA, PRICE), books.void(ANNA, PRICE)]
    return [*entries, books.loss(PRICE)] if lost else entries


def bought(used: int | None, late: State | None) -> list[Entry]:
    """Give the entries of a number: bought at once, or after it was given up."""
    entries = [books.hold(ANNA, PRICE)]
    if late:
        entries = [*given_up(lost=late is State.LOST), books.unvoid(ANNA, PRICE)]
        entries += [books.unlose(PRICE)] if late is State.LOST else []
    entries.append(books.post(PRICE))
    return entries if used is None else [*entries, books.price_difference(PRICE, used)]


def lost(used: int | None) -> list[Entry]:
    """Give the entries of a charge without a number, perhaps by another pid."""
    entries = given_up(lost=True)
    return entries if used is None else [*entries, books.price_difference(PRICE, used)]


def refunded(used: int | None, ending: Ending) -> list[Entry]:
    entries = [books.refund(ANNA, PRICE)]
    if used is not None:
        entries.append(books.refund_difference(PRICE, used))
    return [*entries, ending(PRICE if used is None else used)] if ending else entries


LATE = st.none() | st.sampled_from([State.DECLINED, State.LOST])
LIVES: st.SearchStrategy[tuple[State, list[Entry]]] = st.one_of(
    st.tuples(
        st.sampled_from([State.REQUESTED, State.UNKNOWN]), st.just([books.hold(ANNA, PRICE)])
    ),
    st.just((State.DECLINED, given_up(lost=False))),
    st.tuples(st.just(State.LOST), st.builds(lost, USED)),
    st.tuples(st.sampled_from(BOUGHT), st.builds(bought, USED, LATE)),
    st.builds(
        lambda used, late, ending: (
            State.CANCELLED,
            [*bought(used, late), *refunded(used, ending)],
        ),
        USED,
        LATE,
        st.sampled_from([None, books.refund_seen, books.refund_lost]),
    ),
)


def faults(state: State, entries: Sequence[Booked]) -> tuple[str, ...]:
    activation: Activation = replace(WAITING, state=state)
    return audit(activation, entries, state).faults


@given(LIVES)
def test_what_the_workflows_book_is_as_it_must_be(life: tuple[State, list[Entry]]) -> None:
    state, entries = life
    found = audit(replace(WAITING, state=state), booked(*entries), state)
    assert found.faults == ()
    assert Counter(found.due) == Counter(entries)


@given(LIVES, st.data())
def test_a_missing_entry_is_found(life: tuple[State, list[Entry]], data: st.DataObject) -> None:
    """All but those that only the ledger knows of: what a pid cost, which refund was seen."""
    state, entries = life
    needed = [entry for entry in entries if entry.kind not in KNOWN_ELSEWHERE]
    gone = data.draw(st.sampled_from(needed))
    assert faults(state, booked(*[entry for entry in entries if entry is not gone]))


@given(LIVES, st.data())
def test_a_doubled_entry_is_found(life: tuple[State, list[Entry]], data: st.DataObject) -> None:
    state, entries = life
    assert faults(state, booked(*entries, data.draw(st.sampled_from(entries))))


@given(LIVES, st.data(), st.sampled_from([-1, 1, 1_000_000]))
def test_a_changed_amount_is_found(
    life: tuple[State, list[Entry]], data: st.DataObject, change: int
) -> None:
    """All but the price of another pid, which only its entry tells."""
    state, entries = life
    place = data.draw(st.sampled_from(range(len(entries))))
    if entries[place].kind != "price_difference" or state is State.CANCELLED:
        entries = [*entries]
        entries[place] = replace(entries[place], amount=entries[place].amount + change)
        assert faults(state, booked(*entries))


@given(LIVES, st.data())
def test_money_that_went_the_other_way_is_found(
    life: tuple[State, list[Entry]], data: st.DataObject
) -> None:
    state, entries = life
    place = data.draw(st.sampled_from(range(len(entries))))
    one = entries[place]
    if one.kind != "price_difference":
        entries = [*entries]
        entries[place] = replace(one, source=one.target, target=one.source)
        assert faults(state, booked(*entries))


@given(LIVES)
def test_another_buyer_time_or_end_of_history_is_found(life: tuple[State, list[Entry]]) -> None:
    state, entries = life
    right = booked(*entries)
    assert faults(state, [replace(right[0], user_id=7), *right[1:]])
    assert faults(state, [replace(right[0], purchased_at=7), *right[1:]])
    activation = replace(WAITING, state=state)
    assert audit(activation, right, "somewhere else").faults
    assert audit(activation, right, None).faults


@pytest.mark.parametrize("gain", [-3, 0, 3])
def test_an_opening_and_unexplained_money_belong_to_no_activation(gain: int) -> None:
    entries = [books.opening(gain), books.unexplained(gain), books.unexplained(-gain)]
    assert audit_alone(booked(*entries)) == Audit(tuple(entries), ())


def test_all_else_belongs_to_one_and_a_ledger_is_opened_once() -> None:
    assert audit_alone(booked(books.post(1))).faults
    assert audit_alone(booked(books.opening(1), books.opening(1))).faults
    assert audit_alone(booked(replace(books.opening(1), target=books.LOSSES))).faults


def test_each_fault_says_in_one_line_what_is_wrong_and_where() -> None:
    held, other = books.hold(ANNA, PRICE), books.hold(ANNA, PRICE + 1)
    assert faults(State.DECLINED, booked(held)) == (
        "activation 7: it is declined, and no void is booked",
    )
    assert faults(State.REQUESTED, booked(held, books.post(PRICE))) == (
        "activation 7: it is requested, and a post is booked",
    )
    assert faults(State.REQUESTED, booked(held, held)) == (
        "activation 7: 2 entries of the kind hold",
    )
    changed = f"$0.088201 from {other.source} to holds, not $0.0882 from {held.source} to holds"
    assert faults(State.REQUESTED, booked(other)) == (f"activation 7: entry 1 is {changed}",)
    activation = replace(WAITING, state=State.REQUESTED)
    assert audit(activation, booked(held), "waiting").faults == (
        "activation 7: it is requested, its history ends with waiting",
    )
    assert audit_alone(booked(books.post(1))).faults == (
        "entry 1, $0.000001 from holds to provider, belongs to no activation",
    )
    assert audit_alone(booked(books.opening(1), books.opening(1))).faults == (
        "the ledger was opened 2 times",
    )


@pytest.mark.parametrize("state", [State.REQUESTED, State.UNKNOWN])
def test_nothing_can_have_cost_more_before_it_was_charged(state: State) -> None:
    held, difference = books.hold(ANNA, PRICE), books.price_difference(PRICE, 2 * PRICE)
    assert faults(state, booked(held, difference)) == (
        f"activation 7: it is {state}, and a price_difference is booked",
    )


def test_a_refund_is_seen_or_given_up_and_never_both() -> None:
    entries = [*bought(None, None), *refunded(None, books.refund_seen), books.refund_lost(PRICE)]
    assert faults(State.CANCELLED, booked(*entries)) == (
        "activation 7: it is cancelled, and a refund_lost is booked",
    )
