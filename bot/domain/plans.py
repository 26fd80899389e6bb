"""Which plan a number is looked at by: its service's in its country, its service's, or any's."""

from collections.abc import Iterable, Iterator, Mapping

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


def learn(numbers: Iterable[Seen], grid: Grid, pace: Pace) -> Iterator[tuple[Key, Plan]]:
    """Give the plans that follow from what was seen, one by one, since each takes its while."""
    whole = Arrivals(grid)
    services: dict[str, _Service] = {}
    for seen in numbers:
        whole.add(seen)
        services.setdefault(seen.service_id, _Service(grid)).add(seen)
    if whole.codes < ENOUGH_CODES:
        return
    curve = whole.curve()
    yield ANY, plan_looks(Arrivals(grid).curve(curve), pace, 0)
    for service_id, service in services.items():
        for country_code, plan in service.plans(curve, pace):
            yield (service_id, country_code), plan


class _Service:
    """What was seen of a service, in all and by country."""

    def __init__(self, grid: Grid) -> None:
        self._all = Arrivals(grid)
        self._countries: dict[str, Arrivals] = {}

    def add(self, seen: Seen) -> None:
        self._all.add(seen)
        self._countries.setdefault(seen.country_code, Arrivals(self._all.grid)).add(seen)

    def plans(self, whole: Curve, pace: Pace) -> Iterator[tuple[str | None, Plan]]:
        curve = self._all.curve(whole)
        yield None, plan_looks(curve, pace, curve.codes)
        for country_code, country in self._countries.items():
            if country.codes >= OWN_PLAN_CODES:
                yield country_code, plan_looks(country.curve(curve), pace, curve.codes)
