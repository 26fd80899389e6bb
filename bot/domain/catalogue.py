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
        return "".join(
            chr(ord("\N{REGIONAL INDICATOR SYMBOL LETTER A}") + ord(letter) - ord("a"))
            for letter in self.code
        )


def search_services(services: Sequence[Service], query: str) -> list[Service]:
    """Give the services that a typed text may mean, best first; typos are forgiven."""
    return _search(services, [service.name for service in services], query)


def search_countries(countries: Sequence[Country], query: str) -> list[Country]:
    """Give the countries that a typed name, two-letter code or flag may mean, best first."""
    typed = query.strip().lower()
    code = COMMON_NAMES.get(typed, typed)
    meant = [country for country in countries if code in {country.code, country.flag}]
    by_name = _search(countries, [country.name for country in countries], query)
    return meant + [country for country in by_name if country not in meant]


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
