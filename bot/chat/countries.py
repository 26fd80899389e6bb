"""The countries of the world, for names that the provider does not list, or lists otherwise."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from babel import Locale

from bot.domain.catalogue import Country

_NO_COUNTRIES: Final = {"eu", "ez", "qo", "un", "xa", "xb", "zz"}


def _world() -> tuple[Country, ...]:
    names = Locale("en").territories.items()
    codes = [(code.lower(), name) for code, name in names if len(code) == 2]  # noqa: PLR2004 - ISO 3166 alpha-2
    return tuple(Country(code, name, 0) for code, name in codes if code not in _NO_COUNTRIES)


_WORLD: Final = _world()


def world(names: Mapping[str, str]) -> list[Country]:
    """Give all countries by name, without stock; `names` by code are preferred to ours."""
    known = (replace(one, name=names.get(one.code, one.name)) for one in _WORLD)
    return sorted(known, key=lambda one: one.name)


def everywhere(listed: Sequence[Country], names: Mapping[str, str]) -> list[Country]:
    """Give the countries that a service lists, and behind them the rest of the world."""
    codes = {one.code for one in listed}
    called = {one.name.casefold() for one in listed}
    others = (one for one in world(names) if one.name.casefold() not in called)
    return [*listed, *(one for one in others if one.code not in codes)]
