"""Which plan a number is looked at by: its service's in its country, its service's, or any's."""

from collections.abc import Iterator, Mapping

from bot.domain.arrivals import Arrivals, Curve, Grid, Seen
from bot.domain.polling import ENOUGH_CODES, Pace, Plan, plan_looks

OWN_PLAN_CODES = 20
"""A country with fewer codes of a service is looked at as the service is."""

Key = tuple[str | None, str | None]
"""Service and country; None: any."""
ANY: Key = (None, None)


class Plans:
    """What is learned at present; no plan at all as long as too few codes were seen."""

    def __init__(self) -> None:
        self._plans: Mapping[Key, Plan] = {}

    def of(self, service_id: str, country_code: str) -> Plan | None:
        """Give the plan for a number, None: the fixed interval."""
        plans = self._plans
        if not plans:
            return None
        own = plans.get((service_id, country_code)) or plans.get((service_id, None))
        return own or plans[ANY]

    def replace(self, plans: Mapping[Key, Plan]) -> None:
        """Go by these from now on: none at all, or with one for what nobody knows."""
        self._plans = plans


class Lessons:
    """What was seen, counted, and the plans that follow. Either takes its while: do it in parts."""

    def __init__(self, grid: Grid, pace: Pace) -> None:
        self._grid = grid
        self._pace = pace
        self._all = Arrivals(grid)
        self._services: dict[str, _Service] = {}

    def add(self, seen: Seen) -> None:
        """Count numbers."""
        self._all.add(seen)
        if seen.service_id not in self._services:
            self._services[seen.service_id] = _Service(self._grid)
        self._services[seen.service_id].add(seen)

    def plans(self) -> Iterator[tuple[Key, Plan]]:
        """Give the plans one by one, the one for what nobody knows first; none from few codes."""
        if self._all.codes < ENOUGH_CODES:
            return
        curve = self._all.curve()
        yield ANY, plan_looks(Arrivals(self._grid).curve(curve), self._pace, 0)
        for service_id, service in self._services.items():
            for country_code, plan in service.plans(curve, self._pace):
                yield (service_id, country_code), plan


class _Service:
    """What was seen of a service, in all and by country."""

    def __init__(self, grid: Grid) -> None:
        self._all = Arrivals(grid)
        self._countries: dict[str, Arrivals] = {}

    def add(self, seen: Seen) -> None:
        self._all.add(seen)
        if seen.country_code not in self._countries:
            self._countries[seen.country_code] = Arrivals(self._all.grid)
        self._countries[seen.country_code].add(seen)

    def plans(self, whole: Curve, pace: Pace) -> Iterator[tuple[str | None, Plan]]:
        curve = self._all.curve(whole)
        yield None, plan_looks(curve, pace, curve.codes)
        for country_code, country in self._countries.items():
            if country.codes >= OWN_PLAN_CODES:
                yield country_code, plan_looks(country.curve(curve), pace, curve.codes)
