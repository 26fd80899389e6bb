"""What a balance says about purchases and refunds whose outcome nobody told us.

The provider lists no activations, so the prepaid balance is the only evidence. It is believed
only where exactly one explanation fits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

MOST_QUESTIONS = 12
"""With more open questions than these, some combination fits almost any balance."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that may have moved the balance by `amount` micro-dollars (negative: a charge)."""

    activation_id: int
    amount: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A balance as the provider showed it, in micro-dollars; `step` is its last shown digit's."""

    micros: int
    step: int


def explain(
    expected: int, reading: Reading, questions: Sequence[Question]
) -> frozenset[Question] | None:
    """Give the questions whose answer is yes, where exactly one set of them fits the reading.

    Args:
        expected: micro-dollars, if the answer to every question were no.
        reading: compared within its last shown digit.
        questions: purchases that may have been charged, refunds that may have come.

    Returns:
        None where no set fits, or more than one.
    """
    if len(questions) > MOST_QUESTIONS:
        return None
    gap = reading.micros - expected
    fitting = [
        frozenset(chosen)
        for size in range(len(questions) + 1)
        for chosen in combinations(questions, size)
        if abs(gap - sum(question.amount for question in chosen)) < reading.step
    ]
    return fitting[0] if len(fitting) == 1 else None
