"""What the sandbox sells: services with their offers, countries, and stock.

Ids, names and countries never change; prices and stock follow from the seed. Some services are
fixed, for tests and demos to rely on:

======================  ====  =================================================================
Microsoft               0003  one offer at 0.0882, the documented example
WhatsApp                0948  one offer at 0.2500, the documented example
Telegram                0257  three offers: 0257 at 0.4500, 0258 at 0.5200, 0259 at 0.6100
Signal                  0411  0411 at 0.1500 is filled from 0412 at 0.1800: ``pidUsed`` differs
Viber                   0520  0520 at 0.1200 comes without an ``rsId``
Uber                    0630  no ``operators`` in the list; the price is the service's, 0.1000
======================  ====  =================================================================

All six have 150 numbers in ``us``, 240 in ``tr``, 3 in ``is`` and none in ``fr``.
"""

import random
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

import phonenumbers
from babel import Locale

from bot.sandbox.spotsms.names import AWKWARD, familiar_names

_FIXED_STOCK = {"us": 150, "tr": 240, "is": 3, "fr": 0}
_FIXED_NAMES = {"Microsoft", "WhatsApp", "Telegram", "Signal", "Viber", "Uber"}
_NOT_ISO = {"AC", "TA", "XK"}
_COMMON_NAMES = {"TR": "Turkey", "HK": "Hong Kong", "MO": "Macao", "MM": "Myanmar"}
_IDS = range(1000, 9000)


@dataclass(slots=True)
class Offer:
    """One ``{pid, price}`` of a service. Its fields may be changed while the sandbox runs.

    A purchase is charged at the price of ``used_pid``, which the answer names as ``pidUsed``.
    """

    pid: str
    price: Decimal
    used_pid: str
    gives_rs_id: bool = True


@dataclass(frozen=True, slots=True)
class Service:
    """A service of the list; ``operators`` says how its offers are listed."""

    id: str
    name: str
    offers: tuple[Offer, ...]
    operators: str = "listed"  # or "missing" or "empty"

    @property
    def price(self) -> Decimal:
        """The lowest price of its offers, in dollars."""
        return min(offer.price for offer in self.offers)


@dataclass(frozen=True, slots=True)
class Country:
    """A country: lower-case ISO 3166 alpha-2 code, English name, calling code such as 90."""

    code: str
    name: str
    calling_code: int


class Catalogue:
    """Services by id, countries by code, offers by pid, and the stock of each pid by country."""

    def __init__(self, seed: int = 1) -> None:
        self._seed = seed
        self._stock: dict[str, dict[str, int]] = {}
        self.countries = {country.code: country for country in _countries()}
        self.services = {service.id: service for service in _services(seed)}
        self._offers = {
            offer.pid: offer for service in self.services.values() for offer in service.offers
        }
        self._services_by_pid = {
            offer.pid: service for service in self.services.values() for offer in service.offers
        }

    def offer(self, pid: str) -> Offer:
        """Gives the offer of that pid; a service's id stands for the first of its offers.

        Raises:
            KeyError: neither an offer nor a service has it.
        """
        return self._offers.get(pid) or self.services[pid].offers[0]

    def service_of(self, pid: str) -> Service:
        """Gives the service that an offer belongs to; raises KeyError for an unknown pid."""
        return self._services_by_pid[pid]

    def stock(self, pid: str) -> dict[str, int]:
        """Gives the count by country code of one pid; changing the dictionary changes the stock."""
        pid = self.offer(pid).pid
        if pid not in self._stock:
            self._stock[pid] = self._made_up_stock(pid)
        return self._stock[pid]

    def _made_up_stock(self, pid: str) -> dict[str, int]:
        rng = random.Random(f"{self._seed}/{pid}")  # noqa: S311 - made-up stock, no secret
        offered = [code for code in self.countries if _happens(rng, 0.85)]
        made_up = {code: int(10 ** rng.uniform(0.3, 4)) * _happens(rng, 0.85) for code in offered}
        is_fixed = self.service_of(pid).name in _FIXED_NAMES
        return dict(sorted((made_up | _FIXED_STOCK).items())) if is_fixed else made_up


def _countries() -> list[Country]:
    names = Locale("en").territories
    return [
        Country(
            code=region.lower(),
            name=_COMMON_NAMES.get(region) or names[region],
            calling_code=phonenumbers.country_code_for_region(region),
        )
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        if region not in _NOT_ISO
    ]


def _fixed_services() -> list[Service]:
    return [
        Service("0003", "Microsoft", (_offer("0003", "0.0882"),)),
        Service("0948", "WhatsApp", (_offer("0948", "0.2500"),)),
        Service(
            "0257",
            "Telegram",
            (_offer("0257", "0.4500"), _offer("0258", "0.5200"), _offer("0259", "0.6100")),
        ),
        Service(
            "0411",
            "Signal",
            (_offer("0411", "0.1500", used_pid="0412"), _offer("0412", "0.1800")),
        ),
        Service("0520", "Viber", (_offer("0520", "0.1200", gives_rs_id=False),)),
        Service("0630", "Uber", (_offer("0630", "0.1000"),), operators="missing"),
    ]


def _offer(pid: str, price: str, *, used_pid: str | None = None, gives_rs_id: bool = True) -> Offer:
    return Offer(pid, Decimal(price), used_pid or pid, gives_rs_id)


def _services(seed: int) -> list[Service]:
    """Builds the services with offers of their own, which may be changed."""
    return [
        replace(service, offers=tuple(replace(offer) for offer in service.offers))
        for service in _pristine_services(seed)
    ]


@lru_cache(maxsize=8)
def _pristine_services(seed: int) -> list[Service]:
    names = [name for name in familiar_names() if name not in _FIXED_NAMES] + list(AWKWARD)
    stable = random.Random(0)  # noqa: S311 - made-up ids, no secret
    pids = stable.sample(_IDS, 8 * len(names))
    made_up = [
        _made_up_service(name, [f"{pid:04d}" for pid in pids[8 * i : 8 * i + 8]], seed)
        for i, name in enumerate(names)
    ]
    return sorted(_fixed_services() + made_up, key=lambda service: service.id)


def _made_up_service(name: str, pids: list[str], seed: int) -> Service:
    """Builds a service from its own random stream, so that one more name changes no other."""
    shape = random.Random(name)  # noqa: S311 - made-up shape, no secret
    money = random.Random(f"{seed}/{name}")  # noqa: S311 - made-up prices, no secret
    count = shape.choices([1, 2, 3, 4, 5], [62, 16, 12, 7, 3])[0]
    first_is_id = _happens(shape, 0.9)
    own_pids = pids[:count] if first_is_id else pids[1 : count + 1]
    base = 10 ** money.uniform(-1.6, 0.2)
    offers = [
        _offer(pid, f"{base * (1 + 0.17 * n):.4f}", gives_rs_id=_happens(shape, 0.95))
        for n, pid in enumerate(own_pids)
    ]
    if count > 1 and _happens(shape, 0.2):
        offers[0].used_pid = offers[1].pid
    listing = "listed"
    if count == 1 and first_is_id:
        listing = shape.choices(["listed", "missing", "empty"], [80, 12, 8])[0]
    return Service(pids[0], name, tuple(offers), listing)


def _happens(rng: random.Random, probability: float) -> bool:
    return rng.random() < probability
