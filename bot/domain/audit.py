"""What the ledger must hold for an activation in its present state, recomputed from nothing.

The state and the price say which entries there must be, between which accounts and over how much.
Only two things the ledger alone knows: what another pid cost, and which refunds have been seen or
given up.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from bot.domain import ledger as books
from bot.domain.activation import Activation, State
from bot.domain.ledger import Entry, Kind
from bot.domain.money import format_dollars

_BOUGHT = frozenset({Kind.HOLD, Kind.POST})
_REQUIRED: dict[State, frozenset[Kind]] = {
    State.REQUESTED: frozenset({Kind.HOLD}),
    State.UNKNOWN: frozenset({Kind.HOLD}),
    State.WAITING: _BOUGHT,
    State.CANCELLING: _BOUGHT,
    State.RECEIVED: _BOUGHT,
    State.FINISHED: _BOUGHT,
    State.EXPIRED: _BOUGHT,
    State.CANCELLED: _BOUGHT | {Kind.REFUND},
    State.DECLINED: frozenset({Kind.HOLD, Kind.VOID}),
    State.LOST: frozenset({Kind.HOLD, Kind.VOID, Kind.LOSS}),
}
_ALONE = frozenset({Kind.OPENING, Kind.UNEXPLAINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """An entry as it stands in the ledger; `id` names it in what is found."""

    id: int
    entry: Entry
    user_id: int | None
    purchased_at: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found for one activation, or for the entries without one.

    Attributes:
        due: the entries that there must be.
        faults: one line for each difference.
    """

    due: tuple[Entry, ...]
    faults: tuple[str, ...]


def audit(activation: Activation, booked: Sequence[Booked], last_step: str | None) -> Audit:
    """Compare what is booked for an activation with what must be.

    Args:
        activation: as it stands.
        booked: its entries; a former group's account is named as the supergroup's.
        last_step: the state that its history ends with.
    """
    due = _due(activation, [one.entry for one in booked])
    faults = [*_faults(activation, booked, due)]
    if last_step != activation.state:
        faults.append(f"it is {activation.state}, its history ends with {last_step}")
    return Audit(due, tuple(f"activation {activation.id}: {fault}" for fault in faults))


def audit_alone(booked: Sequence[Booked]) -> Audit:
    """Check the entries that belong to no activation: an opening, and what is unexplained."""
    due, faults = [], []
    for one in booked:
        accounts = {one.entry.source, one.entry.target}
        if one.entry.kind in _ALONE and accounts == {books.PROVIDER, str(one.entry.kind)}:
            due.append(one.entry)
        else:
            faults.append(f"entry {one.id}, {_words(one.entry)}, belongs to no activation")
    openings = sum(entry.kind == Kind.OPENING for entry in due)
    if openings > 1:
        faults.append(f"the ledger was opened {openings} times")
    return Audit(tuple(due), tuple(faults))


def _faults(
    activation: Activation, booked: Sequence[Booked], due: Sequence[Entry]
) -> Iterator[str]:
    counts = Counter(one.entry.kind for one in booked)
    expected = {entry.kind: entry for entry in due}
    for kind in expected.keys() - counts.keys():
        yield f"it is {activation.state}, and no {kind} is booked"
    for kind, count in counts.items():
        if count > 1:
            yield f"{count} entries of the kind {kind}"
        if kind not in expected:
            yield f"it is {activation.state}, and a {kind} is booked"
    for one in booked:
        if one.entry.kind in expected and one.entry != expected[one.entry.kind]:
            yield (f"entry {one.id} is {_words(one.entry)}, not {_words(expected[one.entry.kind])}")
        if one.user_id not in {activation.user_id, activation.bought_by} - {None}:
            yield f"entry {one.id} names somebody who never had the number"
        if one.purchased_at != activation.requested_at:
            yield f"entry {one.id} names another time of purchase"


def _due(activation: Activation, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Give the entries that there must be, in a fixed order."""
    booked = {entry.kind: entry for entry in entries}
    kinds = set(_REQUIRED[activation.state])
    if kinds & {Kind.POST, Kind.LOSS}:
        kinds |= {Kind.PRICE_DIFFERENCE} & booked.keys()
    if Kind.POST in kinds:
        kinds |= _taken_back(booked.keys())
    if Kind.REFUND in kinds:
        kinds |= {
            Kind.REFUND_SEEN if Kind.REFUND_SEEN in booked else Kind.REFUND_LOST
        } & booked.keys()
        kinds |= {Kind.REFUND_DIFFERENCE} if Kind.PRICE_DIFFERENCE in kinds else set()
    used = _used_price(activation.price, booked.get(Kind.PRICE_DIFFERENCE))
    made = _entries(activation.chat_id, activation.price, used)
    return tuple(entry for kind, entry in made.items() if kind in kinds)


def _taken_back(booked: Collection[Kind]) -> set[Kind]:
    """Give what must be booked where a number came after its purchase was given up."""
    if Kind.VOID_REVERSED not in booked:
        return set()
    void = {Kind.VOID, Kind.VOID_REVERSED}
    return void | {Kind.LOSS, Kind.LOSS_REVERSED} if Kind.LOSS_REVERSED in booked else void


def _used_price(price: int, difference: Entry | None) -> int:
    if difference is None:
        return price
    sign = 1 if difference.target == books.PROVIDER else -1
    return price + sign * difference.amount


def _entries(chat_id: int, price: int, used: int) -> dict[Kind, Entry]:
    """Give every entry that an activation of this price can have."""
    made = [
        books.hold(chat_id, price),
        books.post(price),
        books.price_difference(price, used),
        books.void(chat_id, price),
        books.loss(price),
        books.unvoid(chat_id, price),
        books.unlose(price),
        books.refund(chat_id, price),
        books.refund_difference(price, used),
        books.refund_seen(used),
        books.refund_lost(used),
    ]
    return {entry.kind: entry for entry in made}


def _words(entry: Entry) -> str:
    return f"{format_dollars(entry.amount)} from {entry.source} to {entry.target}"
