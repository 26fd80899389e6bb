"""What people look at: their numbers, their history, their account."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Final

from bot.domain.activation import LISTED, Activation
from bot.domain.chat import LIMIT_NAMES, CodePlace, Limits, Scope
from bot.domain.policy import WINDOWS, Usages
from bot.domain.times import start_of_day
from bot.storage import activations, chats, ledger, usage
from bot.workflows.kit import Kit
from bot.workflows.memory import Memory
from bot.workflows.standing import standing_of

MOST_LISTED: Final = 200
FAVOURITES_SECONDS: Final = 120.0
"""What all chats buy most changes slowly: this old it may be."""


@dataclass(frozen=True, slots=True)
class Code:
    """What an SMS brought; `seen_at` is epoch ms."""

    id: int
    text: str
    seen_at: int


@dataclass(frozen=True, slots=True)
class View:
    """An activation with all that a card shows; `refunded` is micro-dollars.

    `code_place` is where a group's codes go at present.
    """

    activation: Activation
    codes: tuple[Code, ...]
    refunded: int
    buyer_name: str | None
    code_place: CodePlace = CodePlace.PRIVATE


@dataclass(frozen=True, slots=True)
class Allowance:
    """A limit in force: whose, which (of `LIMIT_NAMES`), how much, and how much is used up."""

    scope: Scope
    name: str
    limit: int
    used: int

    @property
    def left(self) -> int:
        """Give what is left of it."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class Account:
    """A chat's money today (UTC), in micro-dollars.

    Attributes:
        allowances: all limits that somebody's purchase must keep, the owner's first.
        spent: for today's purchases, without what is held for them.
        held: for all purchases whose outcome is open, older ones too.
    """

    allowances: tuple[Allowance, ...]
    spent: int
    held: int

    @property
    def limit(self) -> int:
        """Give the chat's limit for today, the lower of the owner's and the admins'."""
        daily = (one.limit for one in self.allowances if _is_chats_day(one))
        return min(daily, default=0)

    @property
    def left_today(self) -> int:
        """Give what is left of the chat's day, whatever other limits say."""
        return min((one.left for one in self.allowances if _is_chats_day(one)), default=0)

    @property
    def left(self) -> int:
        """Give what may still be spent at once, whichever limit comes first."""
        return min((one.left for one in self.allowances if one.name in WINDOWS), default=0)


class Overview:
    """Reads, and changes nothing."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._rules = kit.rules
        self._most_bought = Memory(self._most_bought_everywhere, FAVOURITES_SECONDS, kit.monotonic)

    async def view(self, activation_id: int) -> View | None:
        """Give one activation."""
        async with self._database.read() as connection:
            activation = await activations.get(connection, activation_id)
        return (await self.views([activation]))[0] if activation else None

    async def is_card(self, chat_id: int, message_id: int) -> bool:
        """Tell whether a message shows a number that is open, or got a code lately."""
        async with self._database.read() as connection:
            return await activations.is_card(connection, chat_id, message_id)

    async def numbers(self, user_id: int, chat_id: int | None = None) -> list[View]:
        """Give what a user has open, or got a code for lately; everywhere or in one chat.

        What ends first comes first, and what has no end yet comes last.
        """
        async with self._database.read() as connection:
            found = await activations.of_user(
                connection, user_id, chat_id=chat_id, states=LISTED, limit=MOST_LISTED
            )
        return await self.views(sorted(found, key=lambda one: one.expires_at or inf))

    async def account(self, chat_id: int, user_id: int) -> Account:
        """Give a chat's money, and what of it a member may spend."""
        now = self._clock.now()
        async with self._database.read() as connection:
            chat = await chats.get(connection, chat_id)
            if chat is None:
                return Account((), 0, 0)
            rules = await standing_of(connection, chat, self._rules)
            used = await usage.of_member(connection, rules, user_id, now)
            today = start_of_day(now)
            spent = await ledger.spent(connection, chat_id, today)
            return Account(
                allowances=tuple(_allowances(rules.limits_for(user_id), used)),
                spent=spent - await ledger.held(connection, chat_id, today),
                held=await ledger.held(connection, chat_id),
            )

    async def most_bought(self, chat_id: int, limit: int = 20) -> list[str]:
        """Give the ids of the services that a chat uses most, then those that all do."""
        async with self._database.read() as connection:
            here = await activations.most_bought(connection, limit, chat_id=chat_id)
        everywhere = await self._most_bought.get(limit)
        return list(dict.fromkeys([*here, *everywhere]))[:limit]

    async def _most_bought_everywhere(self, limit: int) -> list[str]:
        async with self._database.read() as connection:
            return await activations.most_bought(connection, limit)

    async def views(self, found: Sequence[Activation]) -> list[View]:
        """Give activations with all that cards show."""
        ids = [activation.id for activation in found]
        groups = {activation.chat_id for activation in found if activation.chat_id < 0}
        async with self._database.read() as connection:
            rows = await activations.codes_of(connection, ids)
            refunds = await ledger.refunds_of(connection, ids)
            names = await chats.names_of(connection, {item.user_id for item in found})
            places = await chats.code_places_of(connection, groups) if groups else {}
        codes: dict[int, list[Code]] = {}
        for row in rows:
            codes.setdefault(row.activation_id, []).append(Code(row.id, row.text, row.seen_at))
        return [
            View(
                activation,
                tuple(codes.get(activation.id, ())),
                refunds.get(activation.id, 0),
                names.get(activation.user_id),
                places.get(activation.chat_id, CodePlace.PRIVATE),
            )
            for activation in found
        ]


def _allowances(limits: Mapping[Scope, Limits], used: Usages) -> Iterator[Allowance]:
    for scope, one in limits.items():
        counted = used.member if scope is Scope.MEMBER else used.chat
        for name in LIMIT_NAMES:
            limit = one.of(name)
            if limit is not None:
                yield Allowance(scope, name, limit, counted.of(name))


def _is_chats_day(one: Allowance) -> bool:
    return one.name == "daily" and one.scope is not Scope.MEMBER
