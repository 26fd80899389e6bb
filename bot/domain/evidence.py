"""What a balance says about purchases and refunds whose outcome nobody told us.

The provider lists no activations, so the prepaid balance is the only evidence. It is believed
only where exactly one explanation fits.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, islice

MOST_STEPS = 20_000
"""What the search may cost; where it is not over by then, nothing is concluded."""


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


class Doubt(StrEnum):
    """Why a balance answers nothing."""

    NOTHING_FITS = "nothing_fits"
    SEVERAL_FIT = "several_fit"


def explain(
    expected: int, reading: Reading, questions: Sequence[Question]
) -> frozenset[Question] | Doubt:
    """Give the questions whose answer is yes, where exactly one set of them fits the reading.

    Args:
        expected: micro-dollars, if the answer to every question were no.
        reading: compared within its last shown digit.
        questions: purchases that may have been charged, refunds that may have come.
    """
    gap = reading.micros - expected
    fitting = list(islice(_fitting(gap, reading.step, questions), 2))
    if not fitting:
        return Doubt.NOTHING_FITS
    only, *others = fitting
    return only if only is not None and not others else Doubt.SEVERAL_FIT


def _fitting(
    gap: int, step: int, questions: Sequence[Question]
) -> Iterator[frozenset[Question] | None]:
    """Search the sets that fit, and give None where that takes too long.

    Depth first, the largest amounts first, and what cannot come back to the gap is left out: all
    refunds of a busy hour are found at once where all have come, or none.
    """
    ordered = sorted(questions, key=lambda question: -abs(question.amount))
    lowest = _sums_of_rest([min(0, question.amount) for question in ordered])
    highest = _sums_of_rest([max(0, question.amount) for question in ordered])
    branches: list[tuple[int, int, _Chosen]] = [(0, gap, None)]
    for _ in range(MOST_STEPS):
        if not branches:
            return
        index, rest, chosen = branches.pop()
        if not lowest[index] - step < rest < highest[index] + step:
            continue
        if index == len(ordered):
            yield frozenset(_listed(chosen))
            continue
        question = ordered[index]
        branches.append((index + 1, rest - question.amount, (question, chosen)))
        branches.append((index + 1, rest, chosen))
    yield None


_Chosen = tuple[Question, "_Chosen"] | None


def _listed(chosen: _Chosen) -> Iterator[Question]:
    while chosen is not None:
        question, chosen = chosen
        yield question


def _sums_of_rest(amounts: Sequence[int]) -> list[int]:
    """Give for each place what it and all that follow add up to, and 0 for the end."""
    return [*accumulate(reversed(amounts), initial=0)][::-1]
