"""People who buy, tap twice, cancel and wait, whatever happens to the bot meanwhile."""

import random
from dataclasses import dataclass, field
from typing import Any

from bot.sandbox.spotsms import Purchase, Service, SpotSmsSandbox
from bot.sandbox.telegram import TelegramSandbox

FAMILIAR = ("0948", "0003", "0257", "0520", "0630", "0411")
PEOPLE = 16
FIRST_USER = 9_001
BUY_CHANCE, ROUNDS_BETWEEN, TREAT_CHANCE = 0.05, 30, 0.1
SMS_CHANCE, CANCEL_CHANCE = 0.45, 0.45
TAPS = (1, 1, 1, 1, 2, 5)
RECENT = 10

Message = dict[str, Any]


@dataclass
class Person:
    """One buyer, who wants one service only: so each purchase can be told whose it is."""

    user_id: int
    pid: str
    words: str
    asked_at: int = 0
    pressed: set[tuple[int, str]] = field(default_factory=set)
    treated: set[int] = field(default_factory=set)


class Crowd:
    """Acts through Telegram and the provider's console alone."""

    def __init__(self, telegram: TelegramSandbox, spotsms: SpotSmsSandbox, seed: int) -> None:
        self._telegram = telegram
        self._spotsms = spotsms
        self._chance = random.Random(seed)  # noqa: S311 - a walk to be replayed, no secret
        self._sent = 0
        self.taps = 0
        self.codes: dict[str, tuple[Purchase, int]] = {}
        self.people = [
            self._person(number, service) for number, service in enumerate(_services(spotsms))
        ]

    def act(self, now: int) -> None:
        """Let everybody do the next thing. `now` counts the rounds."""
        for person in self.people:
            self._buy(person, now)
            for message in self._telegram.messages_to(person.user_id)[-RECENT:]:
                self._press(person, message)

    def treat(self) -> None:
        """Let SMS come, and people give up, for numbers that nothing has happened to yet."""
        for index, purchase in enumerate(self._spotsms.purchases):
            self._treat(index, purchase)

    def owner_of(self, purchase: Purchase) -> Person:
        """Tell who asked for a number."""
        return next(person for person in self.people if person.pid == purchase.asked_pid)

    def _person(self, number: int, service: Service) -> Person:
        user_id = FIRST_USER + number
        self._telegram.add_user(user_id, f"Person {number}")
        offer = service.offers[0]
        self._spotsms.set_stock(offer.pid, "tr", 1_000_000)
        return Person(user_id, offer.pid, f"{service.name} turkey")

    def _buy(self, person: Person, now: int) -> None:
        if now >= person.asked_at and self._chance.random() < BUY_CHANCE:
            person.asked_at = now + ROUNDS_BETWEEN
            self._telegram.say(person.user_id, person.user_id, f"/buy {person.words}")

    def _press(self, person: Person, message: Message) -> None:
        """Go on with a dialogue: the first offer, then Confirm, up to five times."""
        for words in ("offer 1", "confirm"):
            data = _data_of(message, words)
            if data and (message["message_id"], words) not in person.pressed:
                person.pressed.add((message["message_id"], words))
                self._tap(person, message, data, self._chance.choice(TAPS))

    def _treat(self, index: int, purchase: Purchase) -> None:
        """Once per number: an SMS, a tap on Cancel where the card is there, or nothing."""
        person = self.owner_of(purchase)
        if index in person.treated or self._chance.random() > TREAT_CHANCE:
            return
        luck = self._chance.random()
        if luck < SMS_CHANCE:
            self._sent += 1
            code = f"{7_000_000 + self._sent}"
            self._spotsms.send_sms(purchase.number, f"Your code is {code}")
            self.codes[code] = (purchase, person.user_id)
        elif luck < SMS_CHANCE + CANCEL_CHANCE and not self._cancel(person, purchase.number):
            return
        person.treated.add(index)

    def _cancel(self, person: Person, number: str) -> bool:
        for message in self._telegram.messages_to(person.user_id):
            data = _data_of(message, "cancel")
            if data and number in message["text"]:
                self._tap(person, message, data, 1)
                return True
        return False

    def _tap(self, person: Person, message: Message, data: str, times: int) -> None:
        self.taps += times
        for _ in range(times):
            self._telegram.press(person.user_id, person.user_id, message["message_id"], data)


def _services(spotsms: SpotSmsSandbox) -> list[Service]:
    """Choose services that a typed name finds beyond doubt, one for each person."""
    services = spotsms.catalogue.services
    plain = [
        service
        for service in services.values()
        if service.name.isascii() and service.name.isalpha() and len(service.offers) == 1
    ]
    chosen = [services[number] for number in FAMILIAR]
    return chosen + [service for service in plain if service not in chosen][: PEOPLE - len(chosen)]


def _data_of(message: Message, words: str) -> str | None:
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    buttons = [button for row in rows for button in row if words in button["text"].lower()]
    return buttons[0].get("callback_data") if buttons else None
