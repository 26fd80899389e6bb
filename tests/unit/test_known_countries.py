"""What is remembered of countries, however many services people look at."""

import gc
from time import process_time

from bot.domain.catalogue import Country, Service
from bot.provider import OutcomeUnknown
from bot.workflows.catalogue import MOST_REMEMBERED, Catalogue

COUNTRIES = 300
SERVICES = 1000


class Source:
    """Lists as many countries as there are for every service, until it is away."""

    is_away = False

    async def services(self) -> list[Service]:
        return []

    async def countries(self, pid: str) -> list[Country]:
        if self.is_away:
            raise OutcomeUnknown("away")
        return [Country(f"c{one}", f"Country {one} of {pid}", one) for one in range(COUNTRIES)]


class StillClock:
    def now(self) -> int:
        return 0


class LaterClock(StillClock):
    """A minute passes with every look at it."""

    at = 0

    def now(self) -> int:
        self.at += 60_000
        return self.at


async def test_only_the_countries_of_services_that_were_asked_for_last_are_remembered() -> None:
    gc.collect()
    before = _countries_there_are()
    catalogue = Catalogue(Source(), StillClock())
    for service in range(SERVICES):
        await catalogue.listed(str(service))
    assert _countries_there_are() - before <= MOST_REMEMBERED * COUNTRIES


async def test_what_countries_are_called_is_known_at_once_however_much_was_looked_at() -> None:
    catalogue = Catalogue(Source(), StillClock())
    for service in range(SERVICES):
        await catalogue.listed(str(service))
    begin = process_time()
    for _ in range(100):
        names = catalogue.country_names()
    assert process_time() - begin < 1
    assert names["c7"] == f"Country 7 of {SERVICES - 1}"


async def test_a_service_that_is_asked_for_often_is_not_forgotten_for_others() -> None:
    source = Source()
    catalogue = Catalogue(source, LaterClock())
    for service in range(3 * MOST_REMEMBERED):
        await catalogue.listed("often")
        await catalogue.listed(str(service))
    source.is_away = True
    assert len(await catalogue.listed("often")) == COUNTRIES


def _countries_there_are() -> int:
    return sum(isinstance(one, Country) for one in gc.get_objects())
