"""What can be bought: services, their offers, the countries that have numbers, and the search."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from rapidfuzz import fuzz, process, utils

SEARCH_CUTOFF = 70
SEARCH_LIMIT = 30

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
    """Give the countries that a typed name or two-letter code may mean, best first."""
    by_code = [country for country in countries if country.code == query.strip().lower()]
    by_name = _search(countries, [country.name for country in countries], query)
    return by_code + [country for country in by_name if country not in by_code]


def _search(items: Sequence[Item], names: Sequence[str], query: str) -> list[Item]:
    """Rank by likeness of whole names, then of parts; an exact name stands alone."""
    wanted = utils.default_process(query)
    if not wanted:
        return []
    exact = [
        item for item, name in zip(items, names, strict=True) if name.casefold() == query.casefold()
    ]
    found = process.extract(
        wanted,
        names,
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        limit=SEARCH_LIMIT,
        score_cutoff=SEARCH_CUTOFF,
    )
    return exact or [items[index] for _, _, index in found]
