"""Understand what was typed: a service, a country, or both in either order; typos are forgiven."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from rapidfuzz import fuzz, process, utils

from bot.domain.catalogue import FIRST_SYMBOL, Country, Service

SEARCH_CUTOFF = 70
SEARCH_LIMIT = 30
EXACT, BEGINNING, BEGINNING_OF_WORD = 400, 300, 200
LEAST_FOR_TYPOS = 3
MOST_TYPED = 120
"""Characters that are read: each way to split them is compared with every service."""
NAMES_KEPT = 8192
"""So many names are the same at the next search."""
COMMON_NAMES = {
    "america": "us",
    "britain": "gb",
    "emirates": "ae",
    "england": "gb",
    "holland": "nl",
    "korea": "kr",
    "turkey": "tr",
    "türkiye": "tr",
    "uae": "ae",
    "uk": "gb",
    "usa": "us",
}
"""What people call countries that the provider may list under another name."""

SURE = 88.0
"""From this likeness (0 to 100) on, a name is taken for what was meant."""
LIKELY = 70.0
ROUNDING = 0.01
"""A bound that is exactly a likeness may leave it out."""
MOST_GUESSES = 3

_FLAG = re.compile(
    "[\N{REGIONAL INDICATOR SYMBOL LETTER A}-\N{REGIONAL INDICATOR SYMBOL LETTER Z}]{2}"
)

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


def search_services(services: Sequence[Service], query: str) -> list[Service]:
    """Give the services that a typed text may mean, best first; typos are forgiven."""
    return _search(services, query)


def search_countries(countries: Sequence[Country], query: str) -> list[Country]:
    """Give the countries that a typed name, two-letter code or flag may mean, best first."""
    code = _country_code(query)
    meant = [country for country in countries if country.code == code]
    by_name = _search(countries, query)
    return meant + [country for country in by_name if country not in meant]


def guesses(services: Sequence[Service], text: str) -> list[Guess]:
    """Give how a text can be split into a service and a country, likeliest first.

    A text that is a service's name as it stands is not split.
    """
    if not services:
        return []
    text = _without_flags(text[:MOST_TYPED])
    names = _compared(services)
    least = max(LIKELY, _likest(names, text)[1])
    found: list[tuple[float, int, Guess]] = []
    for name, rest in _splits(text.split()):
        places, likeness = _likest(names, name, least)
        if likeness > least:
            service, *rivals = (services[place] for place in places)
            guess = Guess(service, rest, tuple(rivals), is_sure=likeness >= SURE)
            found.append((likeness, len(name), guess))
    found.sort(key=lambda one: one[:2], reverse=True)
    return [guess for _, _, guess in found[:MOST_GUESSES]]


def clear_choice(found: Sequence[Named], text: str) -> Named | None:
    """Give what of all that was found is meant beyond doubt, if there is such a thing."""
    return sure_choice(found, text, least=SURE if len(found) > 1 else LIKELY)


def sure_choice(found: Sequence[Named], text: str, *, least: float = SURE) -> Named | None:
    """Give what is so like a text, or is the country of its code; None where two are equally so."""
    code = _country_code(text)
    by_code = [one for one in found if isinstance(one, Country) and one.code == code]
    if by_code or not found:
        return by_code[0] if by_code else None
    places, likeness = _likest(_compared(found), text)
    return found[places[0]] if likeness >= least and len(places) == 1 else None


def _search(named: Sequence[Named], query: str) -> list[Named]:
    """Rank by likeness; an exact name stands alone."""
    wanted = _plain(query[:MOST_TYPED])
    if not wanted:
        return []
    names = [_plain(one.name) for one in named]
    ranked = list(zip(_likenesses(wanted, names), named, strict=True))
    exact = [one for likeness, one in ranked if likeness == EXACT]
    alike = [pair for pair in ranked if pair[0] >= SEARCH_CUTOFF]
    alike.sort(key=lambda pair: pair[0], reverse=True)
    return exact or [one for _, one in alike[:SEARCH_LIMIT]]


def _likenesses(wanted: str, names: Sequence[str]) -> list[float]:
    """Give how like each name is; those that are less so than is wanted may be given as 0."""
    if len(wanted) < LEAST_FOR_TYPOS:
        return [_likeness(wanted, name, 0) for name in names]
    alike = process.extract(
        wanted, names, scorer=fuzz.WRatio, score_cutoff=SEARCH_CUTOFF, limit=None
    )
    by_typos = {place: likeness for _, likeness, place in alike}
    return [
        _likeness(wanted, name, by_typos.get(place, 0))
        if len(name) > LEAST_FOR_TYPOS
        else _likeness(wanted, name, fuzz.ratio(wanted, name))
        for place, name in enumerate(names)
    ]


def _likeness(wanted: str, name: str, by_typos: float) -> float:
    """Give how like a name is: the same, begun with, a word of it begun with, or like by typos."""
    if name == wanted:
        return EXACT
    if name.startswith(wanted):
        return BEGINNING
    return BEGINNING_OF_WORD if f" {wanted}" in name else by_typos


@lru_cache(maxsize=NAMES_KEPT)
def _plain(text: str) -> str:
    """Leave letters and digits: without case, accents and signs."""
    letters = unicodedata.normalize("NFKD", text)
    return utils.default_process("".join(one for one in letters if not unicodedata.combining(one)))


def _splits(words: Sequence[str]) -> Iterable[tuple[str, str]]:
    """Give (service words, country words), the country written last or first."""
    for cut in range(1, len(words)):
        head, tail = " ".join(words[:cut]), " ".join(words[cut:])
        yield head, tail
        yield tail, head


def _likest(names: Sequence[str], text: str, least: float = 0.0) -> tuple[list[int], float]:
    """Give where all names stand that are as like a text as none of the others is.

    None are given where even those are less like it than `least`.
    """
    wanted = utils.default_process(text[:MOST_TYPED])
    most = process.extractOne(wanted, names, scorer=fuzz.ratio, score_cutoff=least)
    if most is None:
        return [], 0.0
    near = max(0.0, most[1] - ROUNDING)
    alike = process.extract(wanted, names, scorer=fuzz.ratio, score_cutoff=near, limit=None)
    return sorted(place for _, likeness, place in alike if likeness == most[1]), most[1]


def _compared(candidates: Iterable[Named]) -> list[str]:
    return [utils.default_process(one.name) for one in candidates]


def _country_code(query: str) -> str:
    """Give the code of the country that a text is a code, a flag or a common name of, else it."""
    typed = _without_flags(query).strip().lower()
    return COMMON_NAMES.get(typed, typed)


def _without_flags(text: str) -> str:
    """Write a country's code, as a word of its own, where a text has its flag."""
    return _FLAG.sub(lambda flag: f" {''.join(map(_letter, flag[0]))} ", text)


def _letter(symbol: str) -> str:
    return chr(ord(symbol) - FIRST_SYMBOL + ord("a"))
