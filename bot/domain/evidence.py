"""What a balance says about purchases and refunds whose outcome nobody told us.

The provider lists no activations, so the prepaid balance is the only evidence. It is believed
only where exactly one explanation fits.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import accumulate, chain, islice

MOST_STEPS = 20_000
"""What the search may cost; where it is not over by then, nothing is concluded."""


@dataclass(frozen=True, slots=True)
class Question:
    """Something that may have moved the balance once; micro-dollars (negative: a charge).

    Attributes:
        amount: by how much, most likely.
        others: or else by one of these.
    """

    activation_id: int
    amount: int
    others: frozenset[int] = frozenset()

    @property
    def amounts(self) -> tuple[int, ...]:
        """Give by how much it may have moved the balance, each once."""
        return (self.amount, *sorted(self.others - {self.amount}))


@dataclass(frozen=True, slots=True)
class Reading:
    """A balance as the provider showed it, in micro-dollars; `step` is its last shown digit's."""

    micros: int
    step: int


Explanation = Mapping[Question, int]
"""The questions whose answer is yes, each with the micro-dollars that it moved the balance by."""


class Doubt(StrEnum):
    """Why a balance answers nothing."""

    NOTHING_FITS = "nothing_fits"
    SEVERAL_FIT = "several_fit"


def explain(expected: int, reading: Reading, questions: Sequence[Question]) -> Explanation | Doubt:
    """Give the questions whose answer is yes, where exactly one explanation fits the reading.

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


def any_explanation(
    expected: int, reading: Reading, refunds: Sequence[Question]
) -> frozenset[Question] | Doubt:
    """Give refunds that together fit the reading, for where it does not matter which of them.

    Of one amount those that stand first are taken.
    """
    alike: dict[int, list[Question]] = {}
    for refund in refunds:
        alike.setdefault(refund.amount, []).append(refund)
    groups = sorted(alike.items(), reverse=True)
    numbers = _how_many_of_each(
        reading.micros - expected, reading.step, [(amount, len(all_)) for amount, all_ in groups]
    )
    if isinstance(numbers, Doubt):
        return numbers
    chosen = (all_[:number] for (_, all_), number in zip(groups, numbers, strict=True))
    return frozenset(chain.from_iterable(chosen))


def _how_many_of_each(
    gap: int, step: int, groups: Sequence[tuple[int, int]]
) -> tuple[int, ...] | Doubt:
    """Search how many of each group (amount, size) make up the gap.

    Hundreds of refunds have few amounts: one by one they would be far too many to be searched.
    """
    highest = _sums_of_rest([amount * size for amount, size in groups])
    branches: list[tuple[int, tuple[int, ...]]] = [(gap, ())]
    for _ in range(MOST_STEPS):
        if not branches:
            return Doubt.NOTHING_FITS
        rest, numbers = branches.pop()
        if not -step < rest < highest[len(numbers)] + step:
            continue
        if len(numbers) == len(groups):
            return numbers
        amount, size = groups[len(numbers)]
        branches += [(rest - amount * number, (*numbers, number)) for number in range(size + 1)]
    return Doubt.SEVERAL_FIT


def _fitting(gap: int, step: int, questions: Sequence[Question]) -> Iterator[Explanation | None]:
    """Search the explanations that fit, and give None where that takes too long.

    Depth first, the largest amounts first, and what cannot come back to the gap is left out: all
    refunds of a busy hour are found at once where all have come, or none.
    """
    ordered = sorted(questions, key=lambda question: -max(map(abs, question.amounts)))
    lowest = _sums_of_rest([min(0, *question.amounts) for question in ordered])
    highest = _sums_of_rest([max(0, *question.amounts) for question in ordered])
    branches: list[tuple[int, int, _Chosen]] = [(0, gap, None)]
    for _ in range(MOST_STEPS):
        if not branches:
            return
        index, rest, chosen = branches.pop()
        if not lowest[index] - step < rest < highest[index] + step:
            continue
        if index == len(ordered):
            yield dict(_listed(chosen))
            continue
        question = ordered[index]
        branches += [
            (index + 1, rest - amount, ((question, amount), chosen)) for amount in question.amounts
        ]
        branches.append((index + 1, rest, chosen))
    yield None


_Chosen = tuple[tuple[Question, int], "_Chosen"] | None


def _listed(chosen: _Chosen) -> Iterator[tuple[Question, int]]:
    while chosen is not None:
        answer, chosen = chosen
        yield answer


def _sums_of_rest(amounts: Sequence[int]) -> list[int]:
    """Give for each place what it and all that follow add up to, and 0 for the end."""
    return [*accumulate(reversed(amounts), initial=0)][::-1]
