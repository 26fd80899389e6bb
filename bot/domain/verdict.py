"""What a quiet reading of the balance settles, given what the ledger knows and does not know."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.domain.evidence import Doubt, Question, Reading, explain


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
    """

    expected: int
    charges: Sequence[Question] = ()
    due: frozenset[int] = frozenset()
    cancels: Sequence[Question] = ()
    refunds: Sequence[Question] = ()
    fresh: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What follows from a reading, by activation.

    Attributes:
        seen: refunds that have come.
        unexplained: how many micro-dollars the balance moved without the bot.
        is_clear: False where the owner has to decide, or another reading.
    """

    charged: frozenset[int] = frozenset()
    not_charged: frozenset[int] = frozenset()
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
        charged = _ids(found.intersection(books.charges))
        return Verdict(
            charged=charged & books.due,
            not_charged=books.due - charged,
            seen=_ids(found.intersection(books.refunds)),
        )
    if found is Doubt.SEVERAL_FIT or books.charges or books.cancels:
        return Verdict(is_clear=False)
    return _unexplained(books, reading)


def _unexplained(books: Books, reading: Reading) -> Verdict:
    """Take new refunds as come, since the provider said so, and old ones as still due."""
    come = [refund for refund in books.refunds if refund.activation_id in books.fresh]
    gap = reading.micros - books.expected - sum(refund.amount for refund in come)
    return Verdict(seen=_ids(come), unexplained=gap)


def _ids(questions: Iterable[Question]) -> frozenset[int]:
    return frozenset(question.activation_id for question in questions)
