"""What can be bought: services, their offers, and the countries that have numbers."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.domain.money import format_dollars

FIRST_SYMBOL = ord("\N{REGIONAL INDICATOR SYMBOL LETTER A}")
"""Two such symbols are a flag."""


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
