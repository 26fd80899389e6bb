"""Understand what was typed: a service, a country, or both in either order; typos are forgiven."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from rapidfuzz import fuzz, utils

from bot.domain.catalogue import Country, Service

SURE = 88.0
"""From this likeness (0 to 100) on, a name is taken for what was meant."""
LIKELY = 70.0
MOST_GUESSES = 3

Named = TypeVar("Named", Service, Country)


@dataclass(frozen=True, slots=True)
class Guess:
    """A typed text may mean this service, and these words a country."""

    service: Service
    country_words: str


def guesses(services: Sequence[Service], text: str) -> list[Guess]:
    """Give how a text can be split into a service and a country, likeliest first.

    A text that is a service's name as it stands is not split.
    """
    if not services:
        return []
    least = max(LIKELY, _likest(services, text)[1])
    found: list[tuple[float, int, Guess]] = []
    for name, rest in _splits(text.split()):
        service, likeness = _likest(services, name)
        if likeness > least:
            found.append((likeness, len(name), Guess(service, rest)))
    found.sort(key=lambda one: one[:2], reverse=True)
    return [guess for _, _, guess in found[:MOST_GUESSES]]


def clear_choice(found: Sequence[Named], text: str) -> Named | None:
    """Give what of all that was found is meant beyond doubt, if there is such a thing."""
    code = text.strip().lower()
    by_code = [one for one in found if isinstance(one, Country) and one.code == code]
    if by_code or not found:
        return by_code[0] if by_code else None
    best, likeness = _likest(found, text)
    return best if likeness >= (SURE if len(found) > 1 else LIKELY) else None


def _splits(words: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Give (service words, country words), the country written last or first."""
    for cut in range(1, len(words)):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        yield head, tail
        yield tail, head


def _likest(candidates: Sequence[Named], text: str) -> tuple[Named, float]:
    wanted = utils.default_process(text)
    likenesses = [fuzz.ratio(wanted, utils.default_process(one.name)) for one in candidates]
    best = max(range(len(likenesses)), key=likenesses.__getitem__)
    return candidates[best], likenesses[best]
