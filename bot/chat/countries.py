"""The countries of the world, for names that the provider does not list, or lists otherwise."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Final

from babel import Locale

from bot.domain.catalogue import Country, Service
from bot.provider import ProviderError
from bot.workflows.catalogue import Catalogue

_NO_COUNTRIES: Final = {"eu", "ez", "qo", "un", "xa", "xb", "zz"}


def _world() -> tuple[Country, ...]:
    names = Locale("en").territories.items()
    codes = [(code.lower(), name) for code, name in names if len(code) == 2]  # noqa: PLR2004 - ISO 3166 alpha-2
    return tuple(Country(code, name, 0) for code, name in codes if code not in _NO_COUNTRIES)


_WORLD: Final = _world()


async def world(catalogue: Catalogue) -> list[Country]:
    """Give all countries by name, without stock, called as the provider calls them if it tells."""
    with suppress(ProviderError):
        for service in (await catalogue.services())[:1]:
            await catalogue.listed(service.id)
    return _named(catalogue.country_names())


async def everywhere(catalogue: Catalogue, service: Service) -> list[Country]:
    """Give the countries that a service lists, and behind them the rest of the world.

    Raises:
        ProviderError: the provider does not tell what it lists.
    """
    listed = await catalogue.listed(service.id)
    codes = {one.code for one in listed}
    called = {one.name.casefold() for one in listed}
    others = (one for one in _named(catalogue.country_names()) if one.code not in codes)
    return [*listed, *(one for one in others if one.name.casefold() not in called)]


def _named(names: Mapping[str, str]) -> list[Country]:
    known = (replace(one, name=names.get(one.code, one.name)) for one in _WORLD)
    return sorted(known, key=lambda one: one.name)
