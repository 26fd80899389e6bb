"""What the provider sells at present, remembered for a short while."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Generic, Protocol, TypeVar

from bot.domain.catalogue import Country, Service
from bot.provider import ProviderError
from bot.workflows.ports import Clock

SERVICES_SECONDS = 60.0
COUNTRIES_SECONDS = 15.0
STALE_SECONDS = 3600.0
MOST_REMEMBERED = 200
"""Of so many services the countries are remembered: those that were asked for last."""

Value = TypeVar("Value")


class CatalogueSource(Protocol):
    """The calls of SpotSMS that list what is sold (see `bot.provider.SpotSms`)."""

    async def services(self) -> list[Service]:
        """List the services."""
        ...

    async def countries(self, pid: str) -> list[Country]:
        """List the countries of a service."""
        ...


class Catalogue:
    """Services, countries and prices. Browsing may see a list of a minute ago, buying may not."""

    def __init__(self, source: CatalogueSource, clock: Clock) -> None:
        self._source = source
        self._clock = clock
        self._services = _Remembered(source.services, clock)
        self._countries: dict[str, _Remembered[list[Country]]] = {}
        self._names: dict[str, str] = {}

    async def services(self) -> list[Service]:
        """Give all services.

        Raises:
            ProviderError: the provider fails, and nothing is remembered.
        """
        return await self._services.get(SERVICES_SECONDS)

    async def service(self, service_id: str) -> Service | None:
        """Give a service by its id.

        Raises:
            ProviderError: as above.
        """
        return _find(await self.services(), service_id)

    async def countries(self, service_id: str) -> list[Country]:
        """Give the countries that have numbers of a service in stock, most numbers first.

        Raises:
            ProviderError: as above.
        """
        stocked = [country for country in await self.listed(service_id) if country.count > 0]
        return sorted(stocked, key=lambda country: (-country.count, country.name))

    async def listed(self, service_id: str) -> list[Country]:
        """Give the countries that the provider lists for a service, those without stock too.

        Raises:
            ProviderError: as above.
        """
        remembered = self._countries.pop(service_id, None) or _Remembered(
            partial(self._ask_for_countries, service_id), self._clock
        )
        self._countries[service_id] = remembered
        if len(self._countries) > MOST_REMEMBERED:
            del self._countries[next(iter(self._countries))]
        return await remembered.get(COUNTRIES_SECONDS)

    def country_names(self) -> Mapping[str, str]:
        """Give what the provider has called countries so far, by code, without asking it."""
        return self._names

    async def current_service(self, service_id: str) -> Service | None:
        """Give a service with the prices that the provider asks now.

        Raises:
            ProviderError: the provider does not tell.
        """
        return _find(await self._services.refresh(), service_id)

    async def _ask_for_countries(self, service_id: str) -> list[Country]:
        countries = await self._source.countries(service_id)
        self._names.update((country.code, country.name) for country in countries)
        return countries

    def known_price(self, service_id: str, pid: str) -> int | None:
        """Give the micro-dollars of a pid as last seen, without asking anybody."""
        services = self._services.last or []
        own = _find(services, service_id)
        candidates = ([own] if own else []) + services
        offers = (service.offer(pid) for service in candidates)
        return next((offer.price for offer in offers if offer), None)


class _Remembered(Generic[Value]):
    """One answer of the provider; those who ask at the same time share one request."""

    def __init__(self, fetch: Callable[[], Awaitable[Value]], clock: Clock) -> None:
        self._fetch = fetch
        self._clock = clock
        self._at = 0
        self._request: asyncio.Task[Value] | None = None
        self.last: Value | None = None

    async def get(self, seconds: float) -> Value:
        """Give what is not older than that; an older one where the provider fails."""
        if self.last is not None and self._age() <= seconds:
            return self.last
        try:
            return await self.refresh()
        except ProviderError:
            if self.last is None or self._age() > STALE_SECONDS:
                raise
            return self.last

    async def refresh(self) -> Value:
        """Ask the provider."""
        if self._request is None or self._request.done():
            self._request = asyncio.ensure_future(self._ask())
            self._request.add_done_callback(_let_go)
        return await asyncio.shield(self._request)

    async def _ask(self) -> Value:
        value = await self._fetch()
        self.last, self._at = value, self._clock.now()
        return value

    def _age(self) -> float:
        return (self._clock.now() - self._at) / 1000


def _let_go(request: asyncio.Task[Value]) -> None:
    """Take note of the error: whoever waited for it may be gone, and it is no news then."""
    if not request.cancelled():
        request.exception()


def _find(services: list[Service], service_id: str) -> Service | None:
    return next((service for service in services if service.id == service_id), None)
