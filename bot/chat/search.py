"""Understand what was typed: a service, a country, or both in either order; typos are forgiven."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from rapidfuzz import fuzz, utils

from bot.domain.catalogue import Country, Service, country_code, without_flags
from bot.domain.money import format_dollars

SURE = 88.0
"""From this likeness (0 to 100) on, a name is taken for what was meant."""
LIKELY = 70.0
MOST_GUESSES = 3

Named = TypeVar("Named", Service, Country)


@dataclass(frozen=True, slots=True)
class Guess:
    """A typed text may mean this service, and these words a country.

    Attributes:
        rivals: other services that its words are as like to; who typed them has to choose.
        is_sure: the service is meant beyond doubt, whatever the other words may be.
    """

    service: Service
    country_words: str
    rivals: tuple[Service, ...] = ()
    is_sure: bool = False


def guesses(services: Sequence[Service], text: str) -> list[Guess]:
    """Give how a text can be split into a service and a country, likeliest first.

    A text that is a service's name as it stands is not split.
    """
    if not services:
        return []
    text = without_flags(text)
    least = max(LIKELY, _likest(services, text)[1])
    found: list[tuple[float, int, Guess]] = []
    for name, rest in _splits(text.split()):
        (service, *rivals), likeness = _likest(services, name)
        if likeness > least:
            guess = Guess(service, rest, tuple(rivals), is_sure=likeness >= SURE)
            found.append((likeness, len(name), guess))
    found.sort(key=lambda one: one[:2], reverse=True)
    return [guess for _, _, guess in found[:MOST_GUESSES]]


def clear_choice(found: Sequence[Named], text: str) -> Named | None:
    """Give what of all that was found is meant beyond doubt, if there is such a thing."""
    return sure_choice(found, text, least=SURE if len(found) > 1 else LIKELY)


def sure_choice(found: Sequence[Named], text: str, *, least: float = SURE) -> Named | None:
    """Give what is so like a text, or is the country of its code; None where two are equally so."""
    code = country_code(text)
    by_code = [one for one in found if isinstance(one, Country) and one.code == code]
    if by_code or not found:
        return by_code[0] if by_code else None
    best, likeness = _likest(found, text)
    return best[0] if likeness >= least and len(best) == 1 else None


def told_apart(services: Iterable[Service]) -> list[Service]:
    """Give services of the same name the price as a part of it."""
    services = list(services)
    bearers = Counter(service.name.casefold() for service in services)
    return [
        replace(service, name=f"{service.name} · {format_dollars(service.cheapest.price)}")
        if bearers[service.name.casefold()] > 1
        else service
        for service in services
    ]


def _splits(words: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Give (service words, country words), the country written last or first."""
    for cut in range(1, len(words)):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        yield head, tail
        yield tail, head


def _likest(candidates: Sequence[Named], text: str) -> tuple[list[Named], float]:
    """Give all that are as like a text as none of the others is."""
    wanted = utils.default_process(text)
    likenesses = [fuzz.ratio(wanted, utils.default_process(one.name)) for one in candidates]
    most = max(likenesses)
    pairs = zip(candidates, likenesses, strict=True)
    return [one for one, likeness in pairs if likeness == most], most
