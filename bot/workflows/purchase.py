"""Purchase: quote, reserve, call, settle. One confirmation buys at most one number."""

import asyncio
import logging
from dataclasses import dataclass, replace
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation, Quote
from bot.domain.catalogue import Country, Offer, Service
from bot.domain.ledger import hold
from bot.domain.notice import card
from bot.domain.policy import Reason, Refusal, Request, check_purchase
from bot.provider import (
    BoughtNumber,
    InsufficientBalance,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    Unauthorized,
)
from bot.storage import activations, chats, evidence, ledger, outbox, usage
from bot.workflows.catalogue import Catalogue
from bot.workflows.confirmation import (
    Confirmation,
    NotAllowed,
    NotYours,
    OfferGone,
    PriceRose,
    PriceUnknown,
    QuoteGone,
    Replayed,
    Started,
)
from bot.workflows.health import ProviderHealth
from bot.workflows.kit import Kit
from bot.workflows.ports import Buyer
from bot.workflows.rules import LEASE_MARGIN_SECONDS, QUOTE_SECONDS
from bot.workflows.settle import Settlement
from bot.workflows.standing import standing_of
from bot.workflows.worker import surely

log = logging.getLogger(__name__)

SETTLING = "settling a purchase"
BEGUN_SHOWN_SECONDS = 0.4
"""A card shows that a purchase has begun where it takes longer: Telegram allows a chat few edits,
and the next one may be its number, or its code."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a quote is shown."""

    chat_id: int
    thread_id: int | None


class Purchases:
    """Turns quotes into numbers."""

    def __init__(self, kit: Kit, catalogue: Catalogue, health: ProviderHealth) -> None:
        self._database = kit.database
        self._provider = kit.provider
        self._clock = kit.clock
        self._signals = kit.signals
        self._calls = kit.calls
        self._gate = kit.gate
        self._rules = kit.rules
        self._new_id = kit.new_id
        self._catalogue = catalogue
        self._health = health
        self._settlement = Settlement(kit, catalogue)
        self._stopping = False

    async def quote(
        self, place: Place, user_id: int | None, service: Service, offer: Offer, country: Country
    ) -> Quote:
        """Make the quote that is about to be shown; its price is the offer's."""
        now = self._clock.now()
        quote = Quote(
            id=self._new_id(),
            chat_id=place.chat_id,
            thread_id=place.thread_id,
            user_id=user_id,
            service_id=service.id,
            service_name=service.name,
            pid=offer.pid,
            country_code=country.code,
            country_name=country.name,
            price=offer.price,
            created_at=now,
            expires_at=now + round(QUOTE_SECONDS * 1000),
        )
        async with self._database.write() as connection:
            await activations.add_quote(connection, quote)
        return quote

    async def quoted(self, quote_id: str) -> Quote | None:
        """Give a quote as it was shown, however old."""
        async with self._database.read() as connection:
            return await activations.get_quote(connection, quote_id)

    async def confirm(
        self, quote_id: str, buyer: Buyer, card_message_id: int | None
    ) -> Confirmation:
        """Buy what a quote offers, once: a second confirmation only shows how the first went.

        Args:
            quote_id: what the button carries.
            buyer: who pressed it, and where.
            card_message_id: the message that becomes the card; None: a new one does.
        """
        async with self._database.read() as connection:
            quote = await activations.get_quote(connection, quote_id)
            replayed = await activations.by_quote(connection, quote_id)
        if quote is None or quote.chat_id != buyer.chat_id:
            return QuoteGone()
        if (replayed.user_id if replayed else quote.user_id) not in {None, buyer.user_id}:
            return NotYours()
        if replayed:
            return Replayed(replayed)
        if self._clock.now() > quote.expires_at:
            return QuoteGone()
        if reason := self._stopped():
            return NotAllowed(Refusal(reason))
        return await self._confirm_at_present_price(quote, buyer, card_message_id)

    async def recover(self, *, all_are_dead: bool) -> None:
        """Purchases whose process is gone may have been charged: their outcome is unknown.

        Args:
            all_are_dead: no other process can be at work (SQLite, at the start).
        """
        now = self._clock.now()
        async with self._database.read() as connection:
            orphans = await activations.orphans(connection, None if all_are_dead else now)
        for activation in orphans:
            await self._settlement.unknown(activation, "interrupted")

    def stop(self) -> None:
        """Begin no more purchases."""
        self._stopping = True

    def _stopped(self) -> Reason | None:
        if self._stopping:
            return Reason.RESTARTING
        return Reason.PURCHASES_STOPPED if self._health.key_refused else None

    async def _confirm_at_present_price(
        self, quote: Quote, buyer: Buyer, card_message_id: int | None
    ) -> Confirmation:
        try:
            service = await self._catalogue.current_service(quote.service_id)
        except ProviderError as error:
            await self._health.failed(error)
            return PriceUnknown()
        offer = service.offer(quote.pid) if service else None
        if service is None or offer is None:
            return OfferGone()
        if offer.price > quote.price:
            return PriceRose(await self._requote(quote, offer.price))
        return await self._calls.finish(
            self._reserve(replace(quote, price=offer.price), service, buyer, card_message_id)
        )

    async def _requote(self, quote: Quote, price: int) -> Quote:
        now = self._clock.now()
        fresh = replace(
            quote,
            id=self._new_id(),
            price=price,
            created_at=now,
            expires_at=now + round(QUOTE_SECONDS * 1000),
        )
        async with self._database.write() as connection:
            await activations.add_quote(connection, fresh)
        return fresh

    async def _reserve(
        self, quote: Quote, service: Service, buyer: Buyer, card_message_id: int | None
    ) -> Confirmation:
        """Consume the quote, check the policy, set the money aside; then, and only then, call."""
        async with self._database.write() as connection:
            now = self._clock.now()  # the lease must not run while others write
            chat_id = await chats.present_id(connection, quote.chat_id, lock=True)
            quote = replace(quote, chat_id=chat_id)  # the group may have moved since it was read
            refusal = await self._check(connection, quote, buyer, now)
            replayed = await activations.by_quote(connection, quote.id)
            if replayed:
                return Replayed(replayed)
            if self._stopping:  # while this waited for the database
                refusal = Refusal(Reason.RESTARTING)
            if refusal:
                return NotAllowed(refusal)
            activation = await self._request(connection, quote, buyer.user_id, card_message_id, now)
            if activation is None:
                return QuoteGone()
            others = [offer for offer in service.offers if offer.pid != quote.pid]
            await evidence.add_alternatives(connection, activation.id, others)
        self._calls.start(self._call(activation))
        asyncio.get_running_loop().call_later(BEGUN_SHOWN_SECONDS, self._signals.outbox.set)
        return Started(activation)

    async def _request(
        self,
        connection: AsyncConnection,
        quote: Quote,
        user_id: int,
        card_message_id: int | None,
        now: int,
    ) -> Activation | None:
        """Write the request, its lease, and the hold; None where the quote is used up."""
        activation = await activations.add_activation(
            connection,
            quote_id=quote.id,
            chat_id=quote.chat_id,
            thread_id=quote.thread_id,
            user_id=user_id,
            card_message_id=card_message_id,
            service_id=quote.service_id,
            service_name=quote.service_name,
            pid=quote.pid,
            country_code=quote.country_code,
            country_name=quote.country_name,
            price=quote.price,
            requested_at=now,
            lease_until=now + round((self._rules.deadline + LEASE_MARGIN_SECONDS) * 1000),
        )
        if activation is not None:
            entry = hold(activation.chat_id, activation.price)
            await ledger.record(connection, activation, entry, at=now)
            shown_at = now + round(BEGUN_SHOWN_SECONDS * 1000)
            await outbox.renew(connection, card(activation), shown_at)
        return activation

    async def _check(
        self, connection: AsyncConnection, quote: Quote, buyer: Buyer, now: int
    ) -> Refusal | None:
        """Lock the account, so that two buyers cannot both spend the last cent, and ask.

        What a member has used up is counted by chat, so the chat's lock covers it as well.
        """
        chat = await chats.get(connection, quote.chat_id, lock=True)
        if chat is None:
            return Refusal(Reason.NOT_APPROVED)
        rules = await standing_of(connection, chat, self._rules)
        usages = await usage.of_member(connection, rules, buyer.user_id, now)
        request = Request(
            user_id=buyer.user_id,
            is_admin=buyer.is_admin or chat.kind == "private",
            service_id=quote.service_id,
            country_code=quote.country_code,
            price=quote.price,
        )
        return check_purchase(request, rules, usages, now)

    async def _call(self, activation: Activation) -> None:
        async with self._gate.call(activation.id):
            await self._buy(activation)

    async def _buy(self, activation: Activation) -> None:
        """Ask for the number once, tell the buyer when it takes long, and settle.

        Others take this purchase over by its own lease alone, which outlasts a lost lease of the
        replica: so that one is asked here, and not the replica's.
        """
        remaining = (activation.lease_until - self._clock.now()) / 1000
        if remaining < self._rules.deadline:
            error = NotSent("too late to ask")
            await surely(SETTLING, partial(self._settlement.failed, activation, error))
            return
        self._health.budget.take()
        call = asyncio.ensure_future(
            self._provider.get_number(
                activation.pid, activation.country_code, deadline=self._rules.deadline
            )
        )
        done, _ = await asyncio.wait({call}, timeout=self._rules.patience)
        if not done:
            await self._tell_that_it_takes_long(activation)
        await self._settle(activation, call)

    async def _settle(self, activation: Activation, call: asyncio.Future[BoughtNumber]) -> None:
        """Write down what the call brought; the gate counts it as open until that is done."""
        try:
            bought = await call
        except ProviderError as error:
            await surely(SETTLING, partial(self._settlement.failed, activation, error))
            await self._note(error)
        except Exception:
            log.exception("a purchase ended in an error of our own")
            reason = "an error of our own"
            await surely(SETTLING, partial(self._settlement.unknown, activation, reason))
        else:
            await surely(SETTLING, partial(self._settlement.bought, activation, bought))
            await self._health.succeeded()

    async def _tell_that_it_takes_long(self, activation: Activation) -> None:
        try:
            await self._settlement.takes_long(activation)
        except Exception:  # the number that is on its way must not be lost for it
            log.exception("a buyer cannot be told that a purchase takes long")

    async def _note(self, error: ProviderError) -> None:
        if isinstance(error, InsufficientBalance):
            self._health.check_soon()
        if isinstance(error, OutcomeUnknown | Unauthorized):
            await self._health.failed(error)
