"""What a quiet reading of the balance settles, given what the ledger knows and does not know."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.domain.evidence import (
    Doubt,
    Explanation,
    Question,
    Reading,
    any_explanation,
    explain,
)

MOST_DUE = 32
"""How many purchases are looked into one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """What the ledger says at the time of a reading; amounts in micro-dollars.

    Attributes:
        expected: what the balance must be if the answer to every question is no.
        charges: purchases whose outcome is open (negative amounts).
        due: those of them whose calls are over for certain.
        cancels: cancellations under way that may have been refunded already.
        refunds: refunds that the provider promised and the balance has not shown.
        fresh: those of them that no reading could have shown yet.
        unasked: what the provider took for numbers that it might refund by itself.
        is_overdue: every charge is due, and the owner has had the time to decide on one.
    """

    expected: int
    charges: Sequence[Question] = ()
    due: frozenset[int] = frozenset()
    cancels: Sequence[Question] = ()
    refunds: Sequence[Question] = ()
    fresh: frozenset[int] = frozenset()
    unasked: frozenset[int] = frozenset()
    is_overdue: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows from a reading, by activation.

    Attributes:
        charged: what was taken for each, in micro-dollars.
        doubtful: purchases that look settled, where a refund that nobody asked for may hide a
            charge: the owner has to decide.
        seen: refunds that have come.
        unexplained: how many micro-dollars the balance moved without the bot.
        is_clear: False where the owner has to decide, or another reading.
    """

    charged: Mapping[int, int] = field(default_factory=dict)
    not_charged: frozenset[int] = frozenset()
    doubtful: frozenset[int] = frozenset()
    seen: frozenset[int] = frozenset()
    unexplained: int = 0
    is_clear: bool = True

    @property
    def is_grave(self) -> bool:
        """Tell whether it settles a purchase or blames nobody: then a second reading must agree."""
        return bool(self.charged or self.not_charged or self.unexplained)

    def agrees_with(self, other: "Verdict", step: int) -> bool:
        """Tell whether two readings say the same, within the last shown digit (micro-dollars)."""
        return (
            (self.charged, self.not_charged) == (other.charged, other.not_charged)
            and bool(self.unexplained) == bool(other.unexplained)
            and abs(self.unexplained - other.unexplained) < step
        )


def judge(books: Books, reading: Reading) -> Verdict:
    """Conclude what can be concluded; nothing is ever laid on a user by guess."""
    found = explain(books.expected, reading, [*books.charges, *books.cancels, *books.refunds])
    if not isinstance(found, Doubt):
        return _explained(books, reading, found)
    if found is Doubt.SEVERAL_FIT and not (books.charges or books.cancels):
        return _some_refunds(books, reading)
    if found is Doubt.SEVERAL_FIT or books.cancels:
        return Verdict(is_clear=False)
    if books.charges and not books.is_overdue:
        return Verdict(is_clear=False)
    return _unexplained(books, reading)


def _explained(books: Books, reading: Reading, found: Explanation) -> Verdict:
    due = [charge for charge in books.charges if charge.activation_id in books.due]
    doubtful = _doubtful(books, reading, due, found) if books.unasked else frozenset()
    charged = {charge.activation_id: -found[charge] for charge in due if charge in found}
    return Verdict(
        charged={one: taken for one, taken in charged.items() if one not in doubtful},
        not_charged=books.due - charged.keys() - doubtful,
        doubtful=doubtful,
        seen=_ids(found.keys() & set(books.refunds)),
    )


def _some_refunds(books: Books, reading: Reading) -> Verdict:
    """Take as many promised refunds as come as the balance shows: all chats have theirs already."""
    found = any_explanation(books.expected, reading, books.refunds)
    if found is Doubt.NOTHING_FITS:
        return _unexplained(books, reading)
    return Verdict(is_clear=False) if isinstance(found, Doubt) else Verdict(seen=_ids(found))


def _doubtful(
    books: Books, reading: Reading, due: Sequence[Question], found: Explanation
) -> frozenset[int]:
    """Give the purchases that one refund which nobody asked for could make look as they do."""
    if len(due) > MOST_DUE:
        return _ids(due)
    unasked = Question(0, min(books.unasked), books.unasked)
    questions = [*books.charges, *books.cancels, *books.refunds, unasked]

    def fits(charge: Question, answer: int) -> bool:
        rest = [question for question in questions if question is not charge]
        return explain(books.expected + answer, reading, rest) is not Doubt.NOTHING_FITS

    return _ids(
        charge
        for charge in due
        if any(fits(charge, other) for other in {0, *charge.amounts} - {found.get(charge, 0)})
    )


def _unexplained(books: Books, reading: Reading) -> Verdict:
    """Take new refunds as come, since the provider said so, and old ones as still due."""
    come = [refund for refund in books.refunds if refund.activation_id in books.fresh]
    gap = reading.micros - books.expected - sum(refund.amount for refund in come)
    return Verdict(seen=_ids(come), unexplained=gap)


def _ids(questions: Iterable[Question]) -> frozenset[int]:
    return frozenset(question.activation_id for question in questions)
