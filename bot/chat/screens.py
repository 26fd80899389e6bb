"""What the dialogue shows: from the list of services to the quote, made anew for every press."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

from telegram import InlineKeyboardMarkup

from bot.chat import keyboards, keys, search_texts, texts
from bot.chat.buttons import (
    PickCountry,
    PickOffer,
    SearchCountries,
    SearchServices,
    ShowCountries,
    ShowServices,
)
from bot.chat.codec import Button, matches
from bot.chat.countries import everywhere, world
from bot.chat.desk import Desk
from bot.chat.message import Message
from bot.chat.policy_texts import decided
from bot.chat.scene import ANONYMOUS
from bot.domain.activation import Quote
from bot.domain.catalogue import Country, Offer, Service, told_apart
from bot.domain.chat import ChatRules, PermissionKind
from bot.domain.policy import Reason
from bot.domain.search import (
    LEAST_FOR_TYPOS,
    Guess,
    clear_choice,
    guesses,
    search_countries,
    search_services,
    sure_choice,
)
from bot.domain.statistics import Evidence, best_first
from bot.provider import ProviderError
from bot.workflows.purchase import Place

SERVICE_EXAMPLE = "WhatsApp"
COUNTRY_EXAMPLE = "Turkey"


class Stage(IntEnum):
    """How far a dialogue has come: it tells what a typed text is searched in."""

    SERVICE = 0
    COUNTRY = 1
    QUOTE = 2


@dataclass(frozen=True, slots=True)
class Screen:
    """One look of the dialogue's message.

    Attributes:
        stage: None where there is no dialogue to go on with.
        service: what was picked already.
        toast: told to the one who pressed.
        question: the screen asks for a typed answer, with this example.
    """

    message: Message
    stage: Stage | None
    service: Service | None = None
    toast: str | None = None
    question: str | None = None


class Screens:
    """Makes the screens of one person's dialogue.

    Args:
        desk: the workflows.
        place: where it is held.
        owner: who may press its buttons.
        rules: the chat's; what they forbid is not offered.
    """

    def __init__(self, desk: Desk, place: Place, owner: int, rules: ChatRules) -> None:
        self._desk = desk
        self._place = place
        self._owner = owner
        self._rules = rules

    async def of(self, button: Button) -> Screen:
        """Give the screen that a button leads to; without the provider, one that says so."""
        try:
            return await self._of(button)
        except ProviderError:
            return self._provider_down(button)

    async def found(self, text: str) -> Screen:
        """Give what a typed text leads to: services, or straight to a service's country."""
        try:
            return await self._found(text)
        except ProviderError:
            return self._provider_down(ShowServices(self._owner))

    async def found_countries(self, given: str, text: str) -> Screen:
        """Give what a typed text leads to while a country of a service is to be picked."""
        try:
            service = await self._resolve(given)
            if service is None:
                return await self._services(0, texts.service_gone())
            return await self._search_countries(service, text) or await self._elsewhere(
                service, text
            )
        except ProviderError:
            return self._provider_down(ShowCountries(self._owner, given))

    async def _of(self, button: Button) -> Screen:
        match button:
            case ShowServices(page=page):
                return await self._services(page)
            case SearchServices():
                return self._prompt_for_service()
            case _:
                return await self._of_service(button)

    async def _of_service(self, button: Button) -> Screen:
        service = await self._resolve(getattr(button, "service", ""))
        if service is None:
            return await self._services(0, texts.service_gone())
        if not self._allows(service):
            return self._forbidden(service)
        match button:
            case SearchCountries():
                return self._prompt_for_country(service)
            case PickCountry(country=country):
                return await self._picked(service, country)
            case PickOffer(country=country, pid=pid):
                return await self._picked(service, country, pid)
            case ShowCountries(page=page):
                return await self._countries(service, page)
        raise ValueError(f"{type(button).__name__} does not belong to the dialogue")

    async def _resolve(self, given: str) -> Service | None:
        services = await self._desk.catalogue.services()
        return next((one for one in services if matches(given, one.id)), None)

    async def _services(self, page: int, toast: str | None = None) -> Screen:
        services = await self._desk.catalogue.services()
        allowed = [service for service in services if self._allows(service)]
        if services and not allowed:
            return self._forbidden(services[0])
        if not services:
            keyboard = keyboards.retry(self._start, self._owner)
            return Screen(Message(texts.no_services(), keyboard), Stage.SERVICE, toast=toast)
        favourites = await self._desk.overview.most_bought(self._place.chat_id)
        ordered = told_apart(_favourites_first(allowed, favourites))
        _, page, pages = keys.page_of(ordered, page, keyboards.PAGE_SIZE)
        keyboard = keyboards.services_page(ordered, page, self._owner)
        return Screen(Message(texts.services(page, pages), keyboard), Stage.SERVICE, toast=toast)

    async def _countries(self, service: Service, page: int, toast: str | None = None) -> Screen:
        if not self._allows(service):
            return self._forbidden(service)
        countries = await self._desk.catalogue.countries(service.id)
        if not countries:
            again = keyboards.retry(
                ShowCountries(self._owner, service.id), self._owner, self._start
            )
            return Screen(Message(texts.no_numbers(service), again), Stage.SERVICE, toast=toast)
        allowed = [country for country in countries if self._allows(country)]
        if not allowed:
            return self._forbidden(countries[0])
        works = await self._desk.statistics.what_works(service.id)
        ordered = best_first(allowed, lambda country: works.get(country.code, Evidence()))
        shown, page, pages = keys.page_of(ordered, page, keyboards.PAGE_SIZE)
        has_history = any(works[one.code].cases for one in shown if one.code in works)
        html = texts.countries(service, page, pages, has_history=has_history)
        keyboard = keyboards.countries_page(service, ordered, works, page, self._owner)
        return Screen(Message(html, keyboard), Stage.COUNTRY, service, toast)

    async def _picked(self, service: Service, given: str, given_pid: str | None = None) -> Screen:
        countries = await self._desk.catalogue.countries(service.id)
        country = next((one for one in countries if matches(given, one.code)), None)
        if country is None:
            return await self._not_in_stock(service, given)
        if not self._allows(country):
            return self._forbidden(country)
        if given_pid is None:
            return await self._offers_or_quote(service, country)
        offer = next((one for one in service.offers if matches(given_pid, one.pid)), None)
        if offer is None:
            return await self._offers_or_quote(service, country)
        return await self._quote(service, country, offer)

    async def _not_in_stock(self, service: Service, given: str) -> Screen:
        listed = await self._desk.catalogue.listed(service.id)
        country = next((one for one in listed if matches(given, one.code)), None)
        if country is not None:
            return self._sold_out(service, country)
        return await self._countries(service, 0, texts.service_gone())

    async def _offers_or_quote(self, service: Service, country: Country) -> Screen:
        if len(service.offers) == 1:
            return await self._quote(service, country, service.cheapest)
        html = texts.offers(service, country)
        keyboard = keyboards.offers(service, country, self._owner)
        return Screen(Message(html, keyboard), Stage.COUNTRY, service)

    async def _quote(self, service: Service, country: Country, offer: Offer) -> Screen:
        user_id = None if self._owner == ANONYMOUS else self._owner
        quote = await self._desk.purchases.quote(self._place, user_id, service, offer, country)
        return quoted(quote, several_offers=len(service.offers) > 1, service=service)

    async def _found(self, text: str) -> Screen:
        services = await self._desk.catalogue.services()
        split = guesses(services, text)
        for guess in split:
            screen = await self._guessed(guess, text)
            if screen is not None:
                return screen
        found = search_services(services, text)
        service = sure_choice(found, text)
        if service is not None:
            return await self._countries(service, 0)
        unknown = next((one for one in split if one.is_sure and not one.rivals), None)
        if unknown is not None:
            html = search_texts.no_such_country(unknown.country_words)
            return _headed(html, await self._countries(unknown.service, 0))
        return await self._country_alone(text, found) or await self._services_found(text, found)

    async def _guessed(self, guess: Guess, text: str) -> Screen | None:
        """Search a guess's country; where its service has a double, that is asked for first."""
        if not guess.rivals:
            return await self._search_countries(guess.service, guess.country_words)
        countries = await everywhere(self._desk.catalogue, guess.service)
        if not search_countries(countries, guess.country_words):
            return None
        return await self._services_found(text, [guess.service, *guess.rivals])

    async def _country_alone(self, text: str, found: Sequence[Service]) -> Screen | None:
        """Ask for the service where a text is a country's name; two letters may begin a service."""
        countries = await world(self._desk.catalogue)
        country = sure_choice(search_countries(countries, text), text)
        if country is None or (found and len(text.strip()) < LEAST_FOR_TYPOS):
            return None
        html = search_texts.name_the_service(country, text)
        return _headed(html, await self._services(0))

    async def _services_found(self, text: str, found: Sequence[Service]) -> Screen:
        if not found:
            return self._nothing_found(text)
        allowed = [service for service in found if self._allows(service)]
        if not allowed:
            return self._forbidden(found[0])
        service = clear_choice(found, text)
        if service is not None:
            return await self._countries(service, 0)
        keyboard = keyboards.services_found(told_apart(allowed), self._owner)
        return Screen(Message(texts.found(text), keyboard), Stage.SERVICE)

    async def _search_countries(self, service: Service, text: str) -> Screen | None:
        """Give the country that is meant, sold out or not, or those that may be; None: none."""
        known = await everywhere(self._desk.catalogue, service)
        meant = sure_choice(search_countries(known, text), text)
        if meant and not meant.count:
            return self._sold_out(service, meant)
        countries = await self._desk.catalogue.countries(service.id)
        found = search_countries(countries, text)
        if not found:
            return None
        if not self._allows(service):
            return self._forbidden(service)
        allowed = [country for country in found if self._allows(country)]
        country = meant or clear_choice(found, text)
        if not allowed or (country and not self._allows(country)):
            return self._forbidden(country or found[0])
        if country is not None:
            return await self._offers_or_quote(service, country)
        works = await self._desk.statistics.what_works(service.id)
        keyboard = keyboards.countries_found(service, allowed, works, self._owner)
        return Screen(Message(texts.found(text, service), keyboard), Stage.COUNTRY, service)

    def _sold_out(self, service: Service, country: Country) -> Screen:
        for choice in (service, country):
            if not self._allows(choice):
                return self._forbidden(choice)
        other = keys.button("🌍 Another country", ShowCountries(self._owner, service.id))
        rows = [[other], keys.last_row(self._start, self._owner)]
        message = Message(texts.no_numbers(service, country.name), InlineKeyboardMarkup(rows))
        return Screen(message, Stage.COUNTRY, service)

    async def _elsewhere(self, service: Service, text: str) -> Screen:
        """No country is called like that: it may be another service."""
        services = await self._desk.catalogue.services()
        if search_services(services, text):
            return await self._found(text)
        keyboard = keyboards.countries_found(service, [], {}, self._owner)
        return Screen(Message(texts.nothing_found(text), keyboard), Stage.COUNTRY, service)

    def _prompt_for_service(self) -> Screen:
        keyboard = keyboards.back(self._start, self._owner)
        message = Message(texts.search_services(), keyboard)
        return Screen(message, Stage.SERVICE, question=SERVICE_EXAMPLE)

    def _prompt_for_country(self, service: Service) -> Screen:
        keyboard = keyboards.back(ShowCountries(self._owner, service.id), self._owner)
        message = Message(texts.search_countries(service), keyboard)
        return Screen(message, Stage.COUNTRY, service, question=COUNTRY_EXAMPLE)

    def _nothing_found(self, text: str) -> Screen:
        keyboard = keyboards.services_found([], self._owner)
        return Screen(Message(texts.nothing_found(text), keyboard), None)

    def _allows(self, choice: Service | Country) -> bool:
        if isinstance(choice, Service):
            return self._rules.allows(PermissionKind.SERVICE, choice.id)
        return self._rules.allows(PermissionKind.COUNTRY, choice.code)

    def _forbidden(self, choice: Service | Country) -> Screen:
        is_service = isinstance(choice, Service)
        reason = Reason.SERVICE_FORBIDDEN if is_service else Reason.COUNTRY_FORBIDDEN
        keyboard = keyboards.back(self._start, self._owner)
        return Screen(Message(decided(reason), keyboard), Stage.SERVICE)

    def _provider_down(self, again: Button) -> Screen:
        keyboard = keyboards.retry(again, self._owner)
        return Screen(Message(texts.provider_down(), keyboard), Stage.SERVICE)

    @property
    def _start(self) -> ShowServices:
        return ShowServices(self._owner)


def quoted(quote: Quote, *, several_offers: bool, service: Service | None = None) -> Screen:
    """Give the screen that asks for confirmation."""
    keyboard = keyboards.quote(quote, several_offers=several_offers)
    return Screen(Message(texts.quote(quote), keyboard), Stage.QUOTE, service)


def _headed(html: str, screen: Screen) -> Screen:
    """Say something above a screen."""
    message = Message(f"{html}\n\n{screen.message.html}", screen.message.keyboard)
    return replace(screen, message=message)


def _favourites_first(services: Sequence[Service], favourites: Sequence[str]) -> list[Service]:
    """Set what is bought most in front, and keep the provider's order behind it."""
    rank = {service_id: place for place, service_id in enumerate(favourites)}
    return sorted(services, key=lambda service: rank.get(service.id, len(rank)))
