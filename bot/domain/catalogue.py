"""What can be bought: services, their offers, the countries that have numbers, and the search."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from rapidfuzz import fuzz, utils

SEARCH_CUTOFF = 70
SEARCH_LIMIT = 30
EXACT, BEGINNING, BEGINNING_OF_WORD = 400, 300, 200
LEAST_FOR_TYPOS = 3
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

FIRST_SYMBOL = ord("\N{REGIONAL INDICATOR SYMBOL LETTER A}")
"""Two such symbols are a flag."""
_FLAG = re.compile(
    "[\N{REGIONAL INDICATOR SYMBOL LETTER A}-\N{REGIONAL INDICATOR SYMBOL LETTER Z}]{2}"
)

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Offer:
    """One operator of a service (spotsms-api.txt §1): the price hangs on the pid alone.

    Attributes:
        pid: what `getNumber` and `getMsg` are asked with.
        price: micro-dollars.
    """

    pid: str
    price: int


@dataclass(frozen=True, slots=True)
class Service:
    """A service that numbers can be bought for, with at least one offer, cheapest first."""

    id: str
    name: str
    offers: tuple[Offer, ...]

    @property
    def cheapest(self) -> Offer:
        """Give the offer with the lowest price."""
        return self.offers[0]

    def offer(self, pid: str) -> Offer | None:
        """Give the offer with this pid, if the service has it."""
        return next((offer for offer in self.offers if offer.pid == pid), None)


@dataclass(frozen=True, slots=True)
class Country:
    """A country that a service can be bought in (spotsms-api.txt §2).

    Attributes:
        code: lower-case ISO 3166 alpha-2, as the provider writes it.
        count: numbers in stock.
    """

    code: str
    name: str
    count: int

    @property
    def flag(self) -> str:
        """Give the flag as an emoji, or nothing where the code is not of two letters."""
        if not re.fullmatch("[a-z]{2}", self.code):
            return ""
        return "".join(chr(FIRST_SYMBOL + ord(letter) - ord("a")) for letter in self.code)


def search_services(services: Sequence[Service], query: str) -> list[Service]:
    """Give the services that a typed text may mean, best first; typos are forgiven."""
    return _search(services, [service.name for service in services], query)


def search_countries(countries: Sequence[Country], query: str) -> list[Country]:
    """Give the countries that a typed name, two-letter code or flag may mean, best first."""
    code = country_code(query)
    meant = [country for country in countries if country.code == code]
    by_name = _search(countries, [country.name for country in countries], query)
    return meant + [country for country in by_name if country not in meant]


def country_code(query: str) -> str:
    """Give the code of the country that a text is a code, a flag or a common name of, else it."""
    typed = without_flags(query).strip().lower()
    return COMMON_NAMES.get(typed, typed)


def without_flags(text: str) -> str:
    """Write a country's code, as a word of its own, where a text has its flag."""
    return _FLAG.sub(lambda flag: f" {''.join(map(_letter, flag[0]))} ", text)


def _letter(symbol: str) -> str:
    return chr(ord(symbol) - FIRST_SYMBOL + ord("a"))


def _search(items: Sequence[Item], names: Sequence[str], query: str) -> list[Item]:
    """Rank by likeness; an exact name stands alone."""
    wanted = _plain(query)
    if not wanted:
        return []
    ranked = [
        (_likeness(wanted, _plain(name)), item) for item, name in zip(items, names, strict=True)
    ]
    exact = [item for likeness, item in ranked if likeness == EXACT]
    found = sorted(
        (one for one in ranked if one[0] >= SEARCH_CUTOFF), key=lambda one: one[0], reverse=True
    )
    return exact or [item for _, item in found[:SEARCH_LIMIT]]


def _likeness(wanted: str, name: str) -> float:
    """Give how like a name is: the same, begun with, a word of it begun with, or like by typos."""
    if name == wanted:
        return EXACT
    if name.startswith(wanted):
        return BEGINNING
    if f" {wanted}" in name:
        return BEGINNING_OF_WORD
    if len(wanted) < LEAST_FOR_TYPOS:
        return 0
    return fuzz.WRatio(wanted, name) if len(name) > LEAST_FOR_TYPOS else fuzz.ratio(wanted, name)


def _plain(text: str) -> str:
    """Leave letters and digits: without case, accents and signs."""
    letters = unicodedata.normalize("NFKD", text)
    return utils.default_process("".join(one for one in letters if not unicodedata.combining(one)))
