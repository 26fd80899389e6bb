"""A shop: the workflows around one chat, with a clock that is set by hand."""

import contextlib
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy import select

from bot.domain.activation import Activation, CloseReason, Quote, State
from bot.domain.chat import Limits
from bot.ops import Metrics
from bot.provider import BoughtNumber, SpotSms
from bot.sandbox.serve import serve
from bot.sandbox.spotsms import Fault, FaultKind, SpotSmsSandbox
from bot.storage import activations, chats, ledger
from bot.storage.database import Database
from bot.storage.tables import outbox, readings
from bot.workflows.cancel import Cancellations
from bot.workflows.catalogue import Catalogue
from bot.workflows.confirmation import Confirmation, Started
from bot.workflows.health import ProviderHealth
from bot.workflows.kit import Kit
from bot.workflows.outcome import Outcomes
from bot.workflows.ports import Buyer
from bot.workflows.purchase import Place, Purchases
from bot.workflows.received import Received
from bot.workflows.reconcile import Reconciliation
from bot.workflows.rules import Rules
from bot.workflows.settle import Settlement
from bot.workflows.verify import verify
from bot.workflows.watch import Watch
from bot.workflows.worker import Calls, Signals

OWNER, OTHER_OWNER, CHAT = 501, 505, 502
KEY = "test-key-of-nobody"
PRICE = 250_000
DEADLINE = 2.0

RULES = Rules(
    owner_ids=(OWNER, OTHER_OWNER),
    open_to_all=True,
    limits=Limits(daily=100_000_000, open_at_once=100),
    patience=1.0,
    deadline=DEADLINE,
    poll_interval=10.0,
    max_rps=1000.0,
    activation_ttl=1200.0,
    cancel_min_age=0.0,
    low_balance=0,
    retention_days=30,
)


class HandClock:
    """A clock that stands still until it is set forward."""

    def __init__(self) -> None:
        self._now = 1_790_000_000_000

    def now(self) -> int:
        return self._now

    def forward(self, seconds: float) -> None:
        self._now += round(seconds * 1000)


class Shop:
    """One process's workflows; a second one on the same database is what a restart gives."""

    def __init__(
        self,
        database: Database,
        sandbox: SpotSmsSandbox,
        provider: SpotSms,
        clock: HandClock | None = None,
        rules: Rules = RULES,
    ) -> None:
        self.database = database
        self.sandbox = sandbox
        self.provider = provider
        self.clock = clock or HandClock()
        self.kit = Kit(
            database=database,
            provider=provider,
            clock=self.clock,
            signals=Signals(),
            calls=Calls(),
            meter=Metrics(),
            rules=rules,
            monotonic=lambda: self.clock.now() / 1000,
        )
        self.health = ProviderHealth(self.kit)
        self.catalogue = Catalogue(provider, self.clock)
        self.watch = Watch(self.kit, self.health, Received(self.kit))
        self.purchases = Purchases(self.kit, self.catalogue, self.health)
        self.cancellations = Cancellations(self.kit, self.health, self.watch)
        self.reconciliation = Reconciliation(self.kit, self.health)
        self.settlement = Settlement(self.kit, self.catalogue)

    def restarted(self) -> "Shop":
        """Give what the next process would be."""
        return Shop(self.database, self.sandbox, self.provider, self.clock)

    async def quote(self, pid: str = "0948") -> Quote:
        """Make a quote for the chat's own person."""
        service = next(one for one in await self.catalogue.services() if one.offer(pid) is not None)
        offer = service.offer(pid)
        assert offer
        country = (await self.catalogue.countries(pid))[0]
        return await self.purchases.quote(Place(CHAT, None), CHAT, service, offer, country)

    async def confirm(self, quote: Quote) -> Confirmation:
        """Press the quote's button."""
        return await self.purchases.confirm(quote.id, Buyer(CHAT, CHAT), 1)

    async def begin(self, pid: str = "0948") -> Activation:
        """Confirm a quote, and give the activation while its call is on its way."""
        outcome = await self.confirm(await self.quote(pid))
        assert isinstance(outcome, Started), outcome
        return outcome.activation

    async def buy(self, pid: str = "0948") -> Activation:
        """Buy, and give the activation as it stands when its call is settled."""
        begun = await self.begin(pid)
        await self.kit.calls.drain()
        return await self.now(begun)

    async def buy_unanswered(
        self, *, charged: bool, kind: FaultKind = "drop", pid: str = "0948"
    ) -> Activation:
        """Buy, and lose the answer, after or before the provider has charged."""
        fault = self.sandbox.inject(Fault(action="getNumber", kind=kind, after_effect=charged))
        activation = await self.buy(pid)
        assert (activation.state, fault.hits) == (State.UNKNOWN, 1)
        return activation

    async def cancel(self, activation: Activation) -> Activation:
        """Give a number back, and wait for the outcome of one attempt."""
        await self.cancellations.request(activation.id, CHAT, CHAT, CloseReason.BUYER)
        await self.cancellations.step()
        await self.kit.calls.drain()
        return await self.now(activation)

    async def cancel_when_due(self, activation: Activation) -> Activation:
        """Let what is due to be given back be given back; one that is refused has expired."""
        await self.cancellations.step()
        await self.kit.calls.drain()
        await self.cancellations.expire()
        return await self.now(activation)

    async def reconcile(self, rounds: int = 3) -> None:
        """Let as many readings be taken as it takes, each when it is due."""
        for _ in range(rounds):
            await self.reconciliation.step()
            self.clock.forward(301)

    async def after_deadline(self) -> None:
        """Let the calls' deadlines pass, then reconcile."""
        self.clock.forward(DEADLINE + 10)
        await self.reconcile()

    def last_number(self) -> BoughtNumber:
        """Give what the provider answered to the last purchase, or would have."""
        sold = self.sandbox.purchases[-1]
        return BoughtNumber(sold.number, sold.rs_id, sold.pid)

    async def now(self, activation: Activation) -> Activation:
        """Give an activation as it stands."""
        async with self.database.read() as connection:
            present = await activations.get(connection, activation.id)
        assert present
        return present

    async def balance(self, account: str) -> int:
        """Give an account's balance: what left it less what came in."""
        async with self.database.read() as connection:
            return await ledger.balance_of(connection, account)

    async def spent(self) -> int:
        """Give what counts against the chat's limit."""
        async with self.database.read() as connection:
            return await ledger.spent(connection, CHAT, 0)

    async def told(self, chat_id: int = OWNER) -> list[dict[str, Any]]:
        """Give what was to be told to a chat, oldest first: kind and facts."""
        statement = select(outbox).where(outbox.c.chat_id == chat_id).order_by(outbox.c.id)
        async with self.database.read() as connection:
            rows = await connection.execute(statement)
        return [{"kind": row.kind, **row.facts} for row in rows]

    async def alerts(self) -> list[dict[str, Any]]:
        """Give the alerts that an owner got."""
        return [told for told in await self.told() if told["kind"] == "alert"]

    async def give_up_refund(self, activation: Activation) -> bool:
        """Let the owner book a refund that never came as a loss; False: none is due."""
        outcomes = Outcomes(self.database, self.clock)
        return await outcomes.give_up_refund(activation.id) is not None

    async def conclusions(self) -> list[str]:
        """Give what was concluded from each reading."""
        async with self.database.read() as connection:
            rows = await connection.execute(select(readings).order_by(readings.c.id))
        return [row.conclusion for row in rows]

    async def differences(self) -> list[str]:
        """Give what verifying the ledger finds."""
        return await verify(self.database)


@contextlib.asynccontextmanager
async def open_shop(database: Database) -> AsyncIterator[Shop]:
    """Give a shop of one private chat; its ledger is open: the balance has been read once."""
    sandbox = SpotSmsSandbox(keys={KEY}, balance="50.00")
    sandbox.set_price("0948", "0.25")
    async with database.write() as connection:
        await chats.remember_chat(connection, CHAT, "private", "Anna", 1)
    async with (
        serve(sandbox.application()) as url,
        SpotSms(url + sandbox.url_path, KEY, timeout=5) as provider,
    ):
        shop = Shop(database, sandbox, provider)
        await shop.reconcile()
        yield shop
