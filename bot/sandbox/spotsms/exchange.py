"""The provider's books: numbers sold, money charged and refunded, SMS received. No HTTP."""

import heapq
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypedDict, Unpack

from bot.sandbox.spotsms.catalogue import Catalogue, Offer
from bot.sandbox.spotsms.changes import Changes
from bot.sandbox.spotsms.numbers import made_up_number, made_up_sms

Body = dict[str, Any]
"""An answer's JSON object."""


@dataclass(slots=True, eq=False)
class Purchase:
    """One sold number as the provider knows it. Times are Unix seconds, the price dollars."""

    number: str
    rs_id: str | None
    asked_pid: str
    pid: str
    country: str
    price: Decimal
    at: float
    state: Literal["open", "cancelled", "expired"] = "open"
    refunded: bool = False
    messages: list[tuple[float, str]] = field(default_factory=list)
    polls: int = 0
    last_poll_at: float | None = None


class Refusal(Exception):
    """What the provider does not do, as the body code and words of its answer."""

    def __init__(self, code: int, words: str) -> None:
        super().__init__(words)
        self.body: Body = {"code": code, "msg": words}


class Rules(TypedDict, total=False):
    """How the provider behaves. Durations are seconds, money is dollars.

    A number expires after ``number_ttl``, and is then refunded only if ``refund_on_expiry`` says
    so: spotsms-api.txt does not tell, and knows a refund for cancelling in time alone.
    """

    balance: str  # "50.00"
    seed: int  # 1; prices, stock, numbers
    cancel_min_age: float  # 0; younger numbers cannot be cancelled
    cancel_limit: float  # 1200; nor can older ones
    sms_after: tuple[float, float] | None  # None; when every sold number gets an SMS by itself
    min_poll_gap: float  # 0; looking at a number sooner again is "too frequent"
    number_ttl: float  # 1200
    refund_on_expiry: bool  # False
    balance_places: int  # 2; decimals of the balance as shown
    clock: Callable[[], float]  # time.time; gives Unix seconds


class Exchange:
    """Sells numbers from a catalogue for the money of one account, by the :class:`Rules` given."""

    def __init__(self, **rules: Unpack[Rules]) -> None:
        seed = rules.get("seed", 1)
        self.balance = Decimal(rules.get("balance", "50.00"))
        self.charged = Decimal(0)
        self.refunded = Decimal(0)
        self.purchases: list[Purchase] = []
        self.catalogue = Catalogue(seed)
        self.cancel_min_age = rules.get("cancel_min_age", 0.0)
        self.cancel_limit = rules.get("cancel_limit", 1200.0)
        self.sms_after = rules.get("sms_after")
        self.min_poll_gap = rules.get("min_poll_gap", 0.0)
        self.number_ttl = rules.get("number_ttl", 1200.0)
        self.refund_on_expiry = rules.get("refund_on_expiry", False)
        self.balance_places = rules.get("balance_places", 2)
        self.changes = Changes()
        self.now = rules.get("clock", time.time)
        self._random = random.Random(seed)  # noqa: S311 - made-up numbers, no secret
        self._by_number: dict[str, Purchase] = {}
        self._by_rs_id: dict[str, Purchase] = {}
        self._due: list[tuple[float, int, Callable[[float], None]]] = []
        self._scheduled = 0

    # What the API offers (spotsms-api.txt): bodies of code 200, or a Refusal.

    def list_services(self) -> Body:
        """Answers ``services`` (§1)."""
        listed = []
        for service in self.catalogue.services.values():
            row: Body = {"id": service.id, "name": service.name, "price": f"{service.price:.4f}"}
            if service.operators != "missing":
                row["operators"] = [
                    {"pid": offer.pid, "price": f"{offer.price:.4f}"}
                    for offer in service.offers
                    if service.operators == "listed"
                ]
            listed.append(row)
        return {"code": 200, "data": listed}

    def list_countries(self, pid: str) -> Body:
        """Answers ``countries`` (§2); an offer's countries without stock are in it, with 0."""
        stock = self.catalogue.stock(self._offer(pid).pid)
        countries = self.catalogue.countries
        return {
            "code": 200,
            "data": [
                {
                    "code": code,
                    "name": countries[code].name,
                    "count": count,
                    "flag": f"https://flagcdn.com/w80/{code}.png",
                }
                for code, count in stock.items()
            ],
        }

    def buy(self, pid: str, country: str) -> Purchase:
        """Sells one number (§3): takes it from the stock and charges its price."""
        offer = self._offer(pid)
        stock = self.catalogue.stock(offer.pid)
        if stock.get(country, 0) < 1:
            raise Refusal(404, "No numbers available")
        filled = self._offer(offer.used_pid)
        if filled.price > self.balance:
            raise Refusal(402, "Insufficient balance")
        stock[country] -= 1
        self.balance -= filled.price
        self.charged += filled.price
        return self._sell(offer, filled, country)

    def read_message(self, number: str, pid: str, rs_id: str | None) -> str:
        """Gives the newest SMS of a number (§4), also of one that is cancelled or expired."""
        purchase = self._by_number.get(number)
        if purchase is None or purchase.pid != pid or (purchase.rs_id or "") != (rs_id or ""):
            raise Refusal(404, "Resource not found")
        now = self.now()
        last = purchase.last_poll_at
        purchase.polls += 1
        purchase.last_poll_at = now
        if last is not None and now - last < self.min_poll_gap:
            raise Refusal(409, "Too frequent")
        if purchase.messages:
            return purchase.messages[-1][1]
        raise Refusal(404, "No SMS yet" if purchase.state == "open" else "Resource not found")

    def cancel(self, rs_id: str) -> None:
        """Takes a number back and refunds it (§5: "if within time limit")."""
        purchase = self._by_rs_id.get(rs_id)
        if purchase is None or purchase.refunded:
            raise Refusal(404, "Activation not found")
        if purchase.messages:
            raise Refusal(400, "Cannot cancel: SMS already received")
        age = self.now() - purchase.at
        if age < self.cancel_min_age:
            wait = int(self.cancel_min_age - age) + 1
            raise Refusal(400, f"Too early to cancel, try again in {wait} seconds")
        if age > self.cancel_limit:
            raise Refusal(400, "Cancellation time limit exceeded")
        purchase.state = "cancelled"
        self._refund(purchase)

    def shown_balance(self) -> str:
        """Gives the balance as the provider shows it (§6), rounded to ``balance_places``."""
        return f"{self.balance:.{self.balance_places}f}"

    # What the world does to the provider.

    def advance(self) -> bool:
        """Lets happen what is due by now: scheduled SMS and expiries. Says whether any was."""
        now = self.now()
        happened = False
        while self._due and self._due[0][0] <= now:
            at, _, act = heapq.heappop(self._due)
            act(at)
            happened = True
        return happened

    def purchase(self, number_or_rs_id: str) -> Purchase:
        """Finds a sold number; raises KeyError if there is none."""
        found = self._by_rs_id.get(number_or_rs_id) or self._by_number.get(number_or_rs_id)
        if found is None:
            raise KeyError(number_or_rs_id)
        return found

    def newest_with_rs_id(self) -> Purchase | None:
        """Gives the newest purchase that has an rsId."""
        return next((sold for sold in reversed(self.purchases) if sold.rs_id), None)

    def send_sms(self, number_or_rs_id: str, text: str | None = None) -> str:
        """Lets a number receive an SMS, whatever its state; gives the text, made up if None."""
        return self._receive(self.purchase(number_or_rs_id), text, self.now())

    def expire(self, number_or_rs_id: str) -> None:
        """Ends an open number's life before its time."""
        self._expire(self.purchase(number_or_rs_id))

    def refund(self, number_or_rs_id: str) -> None:
        """Gives the money back unasked; raises ValueError if it was given back before."""
        purchase = self.purchase(number_or_rs_id)
        if purchase.refunded:
            raise ValueError("refunded before")
        self._refund(purchase)

    def set_stock(self, pid: str, country: str, count: int) -> None:
        """Changes the count of numbers; raises KeyError for an unknown pid or country."""
        self.catalogue.stock(pid)[self.catalogue.countries[country].code] = count
        self.changes.mark()

    def set_price(self, pid: str, price: str) -> None:
        """Changes an offer's price; raises KeyError for an unknown pid."""
        self.catalogue.offer(pid).price = Decimal(price)
        self.changes.mark()

    def set_balance(self, balance: str) -> None:
        """Changes the balance, as a top-up or another user of the key would."""
        self.balance = Decimal(balance)
        self.changes.mark()

    def _offer(self, pid: str) -> Offer:
        try:
            return self.catalogue.offer(pid)
        except KeyError:
            raise Refusal(404, "Resource not found") from None

    def _sell(self, offer: Offer, filled: Offer, country: str) -> Purchase:
        now = self.now()
        number = made_up_number(self._random, country, self._by_number)
        purchase = Purchase(
            number=number,
            rs_id=self._new_rs_id() if offer.gives_rs_id else None,
            asked_pid=offer.pid,
            pid=filled.pid,
            country=country,
            price=filled.price,
            at=now,
        )
        self.purchases.append(purchase)
        self._by_number[number] = purchase
        if purchase.rs_id:
            self._by_rs_id[purchase.rs_id] = purchase
        self._schedule(now + self.number_ttl, lambda _: self._expire(purchase))
        if self.sms_after:
            self._schedule(
                now + self._random.uniform(*self.sms_after),
                lambda at: self._receive_if_open(purchase, at),
            )
        self.changes.mark()
        return purchase

    def _new_rs_id(self) -> str:
        return f"rs{len(self.purchases) + 1:06d}{self._random.randrange(16**6):06x}"

    def _schedule(self, at: float, act: Callable[[float], None]) -> None:
        self._scheduled += 1
        heapq.heappush(self._due, (at, self._scheduled, act))

    def _receive_if_open(self, purchase: Purchase, at: float) -> None:
        if purchase.state == "open":
            self._receive(purchase, None, at)

    def _receive(self, purchase: Purchase, text: str | None, at: float) -> str:
        if text is None:
            service = self.catalogue.service_of(purchase.pid)
            text = made_up_sms(self._random, service.name)
        purchase.messages.append((at, text))
        self.changes.mark()
        return text

    def _expire(self, purchase: Purchase) -> None:
        if purchase.state != "open":
            return
        purchase.state = "expired"
        self.changes.mark()
        if self.refund_on_expiry and not purchase.messages:
            self._refund(purchase)

    def _refund(self, purchase: Purchase) -> None:
        purchase.refunded = True
        self.balance += purchase.price
        self.refunded += purchase.price
        self.changes.mark()
