"""What `/allow` and `/deny` may mean: a service of the provider's, or a country of the world."""

from dataclasses import dataclass
from typing import Final

from babel import Locale

from bot.chat.desk import Desk
from bot.chat.search import clear_choice
from bot.domain.catalogue import Country, Service, search_countries, search_services
from bot.domain.chat import PermissionKind
from bot.provider import ProviderError

_NO_COUNTRIES: Final = {"eu", "ez", "qo", "un", "xa", "xb", "zz"}


def _countries() -> tuple[Country, ...]:
    names = Locale("en").territories.items()
    codes = [(code.lower(), name) for code, name in names if len(code) == 2]  # noqa: PLR2004 - ISO 3166 alpha-2
    found = [Country(code, name, 1) for code, name in codes if code not in _NO_COUNTRIES]
    return tuple(sorted(found, key=lambda one: one.name))


COUNTRIES: Final = _countries()


@dataclass(frozen=True, slots=True)
class Thing:
    """A service or country, as permissions name it."""

    kind: PermissionKind
    key: str
    name: str


async def things(desk: Desk, kind: PermissionKind) -> list[Thing]:
    """Give all services, or all countries; no services while the provider does not tell."""
    if kind is PermissionKind.COUNTRY:
        return [_of_country(one) for one in COUNTRIES]
    return [_of_service(one) for one in await _services(desk)]


async def meant(desk: Desk, text: str) -> Thing | None:
    """Give the service or country that a text names beyond doubt."""
    services = await _services(desk)
    service = clear_choice(search_services(services, text), text)
    country = clear_choice(search_countries(COUNTRIES, text), text)
    if country and (service is None or country.name.lower() == text.strip().lower()):
        return _of_country(country)
    return _of_service(service) if service else None


async def _services(desk: Desk) -> list[Service]:
    try:
        return await desk.catalogue.services()
    except ProviderError:
        return []


def _of_service(service: Service) -> Thing:
    return Thing(PermissionKind.SERVICE, service.id, service.name)


def _of_country(country: Country) -> Thing:
    return Thing(PermissionKind.COUNTRY, country.code, f"{country.flag} {country.name}")
