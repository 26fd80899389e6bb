"""A team: a group in which people buy, and the governance over it."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from bot.domain.chat import ChatAccess, LimitsOf, Scope
from bot.domain.policy import Refusal
from bot.provider import SpotSms
from bot.sandbox.spotsms import SpotSmsSandbox
from bot.storage import chats
from bot.storage.database import Database
from bot.workflows.confirmation import Confirmation, NotAllowed, Started
from bot.workflows.governance import Governance
from bot.workflows.overview import Overview
from bot.workflows.ports import Buyer
from bot.workflows.purchase import Place
from tests.integration.reconcile.shop import OWNER, RULES, Shop

GROUP = -1_000_000_000_777
ADMIN, ANN, BOB = 601, 602, 603
PRICE = 250_000
PATIENT = replace(RULES, deadline=30.0)
"""Many buy at once, on a machine that may be busy."""


class Team:
    """A group, what its people do, and what they are told."""

    def __init__(self, database: Database, sandbox: SpotSmsSandbox, provider: SpotSms) -> None:
        self.shop = Shop(database, sandbox, provider, rules=PATIENT)
        self.database = database
        self.sandbox = sandbox
        self.governance = Governance(self.shop.kit)
        self.overview = Overview(self.shop.kit)

    async def found(self) -> None:
        """Let the owner approve the group."""
        async with self.database.write() as connection:
            await chats.remember_chat(connection, GROUP, "supergroup", "Team", 1)
            await chats.set_access(connection, GROUP, ChatAccess.APPROVED, OWNER, 1)

    async def set_limit(self, scope: Scope, name: str, value: int | None, user_id: int = 0) -> None:
        """Let the owner set a limit."""
        rules = await self.governance.set_limit(
            GROUP, OWNER, scope, user_id, name=name, value=value
        )
        assert rules is not None

    async def limits(self) -> tuple[LimitsOf, ...]:
        """Give the limits that are set."""
        rules = await self.governance.rules_of(GROUP)
        assert rules is not None
        return rules.limits

    async def quotes(self, user_ids: Iterable[int]) -> list[tuple[str, int]]:
        """Show each of these people a quote."""
        catalogue = self.shop.catalogue
        service = next(one for one in await catalogue.services() if one.offer("0948"))
        offer = service.offer("0948")
        assert offer is not None
        country = (await catalogue.countries("0948"))[0]
        place = Place(GROUP, None)
        purchases = self.shop.purchases
        return [
            ((await purchases.quote(place, user_id, service, offer, country)).id, user_id)
            for user_id in user_ids
        ]

    async def confirm_all(self, quotes: list[tuple[str, int]]) -> list[Confirmation]:
        """Let everybody confirm at once, and wait for what was begun."""
        outcomes = await asyncio.gather(
            *(
                self.shop.purchases.confirm(quote_id, Buyer(user_id, GROUP), None)
                for quote_id, user_id in quotes
            )
        )
        await self.shop.kit.calls.drain()
        return outcomes

    async def buy(self, user_id: int, *, is_admin: bool = False) -> Refusal | None:
        """Let somebody buy; give why not, None where it went well."""
        ((quote_id, _),) = await self.quotes([user_id])
        buyer = Buyer(user_id, GROUP, is_admin)
        outcome = await self.shop.purchases.confirm(quote_id, buyer, None)
        await self.shop.kit.calls.drain()
        if isinstance(outcome, NotAllowed):
            return outcome.refusal
        assert isinstance(outcome, Started), outcome
        return None
