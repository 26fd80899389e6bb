"""What `/allow` and `/deny` may mean: a service of the provider's, or a country of the world."""

from dataclasses import dataclass

from bot.chat.countries import world
from bot.chat.desk import Desk
from bot.domain.catalogue import Country, Service, told_apart
from bot.domain.chat import PermissionKind
from bot.domain.search import clear_choice, search_countries, search_services
from bot.provider import ProviderError


@dataclass(frozen=True, slots=True)
class Thing:
    """A service or country, as permissions name it."""

    kind: PermissionKind
    key: str
    name: str


async def things(desk: Desk, kind: PermissionKind) -> list[Thing]:
    """Give all services, or all countries; no services while the provider does not tell."""
    if kind is PermissionKind.COUNTRY:
        return [_of_country(one) for one in await world(desk.catalogue)]
    return [_of_service(one) for one in told_apart(await _services(desk))]


async def meant(desk: Desk, text: str) -> Thing | None:
    """Give the service or country that a text names beyond doubt.

    A number in it has to be in the name as well: it may be somebody's id.
    """
    services = await _services(desk)
    service = clear_choice(search_services(services, text), text)
    country = clear_choice(search_countries(await world(desk.catalogue), text), text)
    if country and (service is None or country.name.lower() == text.strip().lower()):
        thing = _of_country(country)
    elif service:
        thing = _of_service(service)
    else:
        return None
    numbers = filter(str.isdecimal, text.split())
    return thing if all(number in thing.name for number in numbers) else None


async def is_service(desk: Desk, name: str) -> bool:
    """Tell whether a service is called just that."""
    return any(service.name == name for service in await _services(desk))


async def _services(desk: Desk) -> list[Service]:
    try:
        return await desk.catalogue.services()
    except ProviderError:
        return []


def _of_service(service: Service) -> Thing:
    return Thing(PermissionKind.SERVICE, service.id, service.name)


def _of_country(country: Country) -> Thing:
    return Thing(PermissionKind.COUNTRY, country.code, f"{country.flag} {country.name}")
