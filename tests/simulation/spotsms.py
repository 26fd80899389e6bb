"""SpotSMS without HTTP: the sandbox's books behind the calls and the errors of `bot.provider`."""

import asyncio
import random
from collections.abc import Callable
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from decimal import Decimal

from bot.domain.catalogue import Country, Offer, Service
from bot.domain.money import parse_dollars
from bot.provider import (
    Balance,
    BoughtNumber,
    Declined,
    InsufficientBalance,
    NoNumbers,
    NotFound,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    TooEarly,
    TooFrequent,
    Unauthorized,
)
from bot.sandbox.spotsms import Exchange, Purchase, Refusal
from tests.simulation.clockwork import VirtualLoop
from tests.simulation.storage import Gate
from tests.simulation.weather import (
    CANCEL_FAULTS,
    LOOK_FAULTS,
    PURCHASE_FAULTS,
    READ_FAULTS,
    Weather,
)

SOLD = ("0003", "0948", "0257", "0411", "0520", "0630")
COUNTRIES = ("us", "tr", "is")
TIMEOUT = 6.0

BUYING: ContextVar[int] = ContextVar("buying")
"""The activation for which a purchase is on its way: how the truth tells charges apart."""

Act = Callable[[], object]


@dataclass(eq=False)
class Sale:
    """One charge, as the provider and the harness know it. Times are virtual seconds."""

    activation_id: int
    purchase: Purchase
    micros: int
    at: float
    shown: list[tuple[float, str, Gate]] = field(default_factory=list)
    refunded_by_itself: bool = False
    answered: bool = False


class SpotSmsWorld:
    """The provider's side: it goes on whatever becomes of the bot."""

    def __init__(self, loop: VirtualLoop, rng: random.Random, weather: Weather, ttl: float) -> None:
        self.loop = loop
        self.context = copy_context()
        self.random = rng
        self.weather = weather
        self.exchange = Exchange(
            balance="1000.00",
            seed=rng.randrange(8),
            cancel_min_age=rng.choice([0.0, 0.0, 8.0]),
            cancel_limit=ttl,
            number_ttl=ttl,
            clock=loop.unix,
        )
        self.sales: list[Sale] = []
        self._sale_of: dict[str, Sale] = {}
        self.calls: list[int] = []
        self.prices_changed_at: dict[str, list[float]] = {}
        self.on_sale: Callable[[Sale], None] = lambda _: None
        for service_id in SOLD:
            for offer in self.exchange.catalogue.services[service_id].offers:
                for country in COUNTRIES:
                    self.exchange.set_stock(offer.pid, country, 10_000)

    def buy(self, activation_id: int, pid: str, country: str) -> Sale:
        """Sell a number; the charge is noted before anything can go wrong with the answer."""
        self.exchange.advance()
        purchase = self.exchange.buy(pid, country)
        sale = Sale(
            activation_id=activation_id,
            purchase=purchase,
            micros=parse_dollars(purchase.price),
            at=self.loop.time(),
        )
        self.sales.append(sale)
        self._sale_of[purchase.number] = sale
        self.on_sale(sale)
        return sale

    def sale_of(self, number: str) -> Sale | None:
        """Find the sale of a number."""
        return self._sale_of.get(number)

    def another_than(self, sale: Sale) -> Sale:
        """Give a sale whose number the bot knows: an unknown one it could only believe."""
        known = [one for one in self.sales if one.purchase.rs_id and one.purchase.polls]
        return self.random.choice(known or [sale])

    def price_was_steady(self, sale: Sale) -> bool:
        """Tell whether the bot could know what a sale cost: the answer does not name it.

        Not where the price changed between the bot's last look at it and the sale.
        """
        changes = self.prices_changed_at.get(sale.purchase.pid, [])
        return not any(0 <= sale.at - at < 5 * TIMEOUT for at in changes)

    def change_price(self, pid: str, price: str) -> None:
        """Ask another price from now on."""
        self.exchange.set_price(pid, price)
        self.prices_changed_at.setdefault(pid, []).append(self.loop.time())
        self.weather.note("provider", "changed a price")

    def refund_by_itself(self) -> None:
        """Give the money of some dead number back, unasked."""
        dead = [
            one
            for one in self.sales
            if one.purchase.state == "expired"
            and not one.purchase.refunded
            and not one.purchase.messages
        ]
        if dead:
            sale = self.random.choice(dead)
            self.exchange.refund(sale.purchase.number)
            sale.refunded_by_itself = True
            self.weather.note("provider", "refunded by itself")

    def run_out_of_money(self) -> Callable[[], None]:
        """Leave next to nothing; give what tops it up again."""
        taken = self.exchange.balance - Decimal("0.05")
        self.exchange.balance = Decimal("0.05")
        self.weather.note("provider", "ran out of money")

        def top_up() -> None:
            self.exchange.balance += taken

        return top_up


class SpotSmsClient:
    """What a process holds instead of `bot.provider.SpotSms`. It dies with the process."""

    def __init__(self, world: SpotSmsWorld, gate: Gate) -> None:
        self._world = world
        self._weather = world.weather
        self._gate = gate

    async def services(self) -> list[Service]:
        """List what is sold."""
        await self._read("services")
        catalogue = self._world.exchange.catalogue
        return [
            Service(
                service.id,
                service.name,
                tuple(Offer(offer.pid, parse_dollars(offer.price)) for offer in service.offers),
            )
            for service in (catalogue.services[service_id] for service_id in SOLD)
        ]

    async def countries(self, pid: str) -> list[Country]:
        """List where an offer's numbers come from."""
        await self._read("countries")
        stock = self._world.exchange.catalogue.stock(pid)
        return [Country(code, code.upper(), stock[code]) for code in COUNTRIES]

    async def balance(self) -> Balance:
        """Read the prepaid balance."""
        await self._read("balance")
        return Balance(parse_dollars(self._world.exchange.shown_balance()), 10_000)

    async def get_number(self, pid: str, country: str, *, deadline: float) -> BoughtNumber:
        """Buy; the server's part happens even if the client is gone by then."""
        self._gate.pass_through("before getNumber")
        fault = self._weather.draw("getNumber", PURCHASE_FAULTS)
        activation_id = BUYING.get()
        if fault == "not sent":
            await asyncio.sleep(self._weather.seconds(0.01, 1.0))
            raise NotSent("ConnectError")

        def act() -> object:
            self._world.calls.append(activation_id)
            self._refuse_strangers()
            if fault in {"dropped before charging", "silent, not charged", "500, not charged"}:
                return None
            if fault == "too frequent":
                raise Refusal(409, "Too frequent")
            return self._world.buy(activation_id, pid, country)

        sale = await self._ask("getNumber", act, fault, deadline)
        if not isinstance(sale, Sale):
            raise OutcomeUnknown("no answer")
        if fault == "another's number, charged":
            sale = self._world.another_than(sale)
            return BoughtNumber(sale.purchase.number, sale.purchase.rs_id, sale.purchase.pid)
        sale.answered = True
        return BoughtNumber(sale.purchase.number, sale.purchase.rs_id, sale.purchase.pid)

    async def get_message(self, number: str, pid: str, rs_id: str | None) -> str | None:
        """Look for an SMS; what is given here counts as shown."""
        self._gate.pass_through("before getMsg")
        fault = self._weather.draw("getMsg", LOOK_FAULTS)

        def act() -> object:
            self._refuse_strangers()
            if fault == "too frequent":
                raise Refusal(409, "Too frequent")
            return self._world.exchange.read_message(number, pid, rs_id)

        try:
            text = await self._ask("getMsg", act, fault, TIMEOUT)
        except NotFound:
            return None
        sale = self._world.sale_of(number)
        if sale and isinstance(text, str):
            sale.shown.append((self._world.loop.time(), text, self._gate))
        return str(text)

    async def cancel(self, rs_id: str) -> None:
        """Give a number back."""
        self._gate.pass_through("before cancelRsActivation")
        fault = self._weather.draw("cancel", CANCEL_FAULTS)
        if fault == "not sent":
            await asyncio.sleep(self._weather.seconds(0.01, 1.0))
            raise NotSent("ConnectError")

        def act() -> object:
            self._refuse_strangers()
            if fault in {"dropped before", "500, not done"}:
                return None
            if fault == "too frequent":
                raise Refusal(409, "Too frequent")
            if fault == "refused for good":
                raise Refusal(400, "Cannot cancel this number")
            self._world.exchange.cancel(rs_id)
            self._weather.note("cancel", "refunded")
            return None

        await self._ask("cancel", act, fault, TIMEOUT)

    async def _read(self, what: str) -> None:
        self._gate.pass_through(f"before {what}")
        fault = self._weather.draw(what, READ_FAULTS)
        await self._ask(what, self._refuse_strangers, fault, TIMEOUT)

    def _refuse_strangers(self) -> None:
        if self._weather.key_is_refused:
            self._weather.note("provider", "refused the key")
            raise Refusal(401, "Unauthorized")

    async def _ask(self, what: str, act: Act, fault: str | None, deadline: float) -> object:
        """Send, let the server act in its own time, and wait for what comes back."""
        loop = self._world.loop
        answer: asyncio.Future[object] = loop.create_future()
        there, back = self._legs(fault, deadline)

        def serve() -> None:
            self._world.exchange.advance()
            try:
                result, refusal = act(), None
            except Refusal as error:
                result, refusal = None, error
            if not _is_lost(fault):
                loop.call_later(back, _answer, answer, result, refusal)

        if self._weather.provider_is_down:
            self._weather.note("provider", "was down")
            await asyncio.sleep(self._weather.seconds(0.1, 2.0))
            raise OutcomeUnknown("ReadTimeout")
        loop.call_later(there, serve, context=self._world.context)
        if fault and fault.startswith("dropped"):
            loop.call_later(there + back, _answer, answer, None, OutcomeUnknown("ReadError"))
        try:
            async with asyncio.timeout(deadline):
                result = await answer
        except TimeoutError:
            raise OutcomeUnknown("ReadTimeout") from None
        except Refusal as refusal:
            raise _error_of(what, refusal) from None
        self._gate.pass_through(f"after {what}")
        if fault and fault.startswith(("500", "garbage", "200")):
            raise OutcomeUnknown(fault)
        return result

    def _legs(self, fault: str | None, deadline: float) -> tuple[float, float]:
        seconds = self._weather.seconds
        if fault == "slow":
            return seconds(0.1, 1.0), seconds(1.0, deadline)
        if fault == "very slow":
            return seconds(0.5 * deadline, 0.9 * deadline), seconds(0.0, 0.2 * deadline)
        return seconds(0.02, 0.3), seconds(0.02, 0.3)


def _is_lost(fault: str | None) -> bool:
    return fault is not None and fault.startswith(("dropped", "silent"))


def _answer(future: asyncio.Future[object], result: object, error: Exception | None) -> None:
    if future.done():
        return
    if error:
        future.set_exception(error)
    else:
        future.set_result(result)


def _error_of(what: str, refusal: Refusal) -> ProviderError:
    """Give what `bot.provider` makes of such an answer."""
    code, words = int(refusal.body["code"]), str(refusal)
    if code == 401:
        return Unauthorized(code, words)
    if code == 409:
        return TooFrequent(code, words)
    if code == 402:
        return InsufficientBalance(code, words)
    if code == 404:
        return NoNumbers(code, words) if what == "getNumber" else NotFound(code, words)
    if "Too early" in words:
        return TooEarly(code, words, retry_after=float(words.split()[-2]))
    return Declined(code, words)
