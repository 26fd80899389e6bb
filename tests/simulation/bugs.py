"""Bugs that others have made, planted by the harness alone: proof that it would notice."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import ledger as books
from bot.domain.activation import Activation, Quote, State
from bot.domain.catalogue import Service
from bot.domain.notice import Notice
from bot.provider import BoughtNumber, Declined, OutcomeUnknown
from bot.storage import activations, chats, ledger, outbox, tables
from bot.workflows.cancel import Cancellations
from bot.workflows.clock import SteadyClock
from bot.workflows.close import Closing
from bot.workflows.confirmation import Confirmation
from bot.workflows.deliver import Delivery
from bot.workflows.ports import Buyer, TryLater
from bot.workflows.purchase import Purchases
from bot.workflows.received import Received
from bot.workflows.settle import Settlement
from tests.simulation.spotsms import SpotSmsClient

Planted = AbstractContextManager[object]
WALKED = {
    "lease_is_never_freed": "buy and cancel",
    "looking_ends_with_the_cancellation": "buy and cancel",
    "orphans_are_left": "buy and receive",
    "orphan_is_settled_as_declined": "buy and receive",
}
"""Bugs that only a crash at a certain moment shows are looked for on a walk, at each in turn."""

BUGS: dict[str, Callable[[], Planted]] = {}


def bug(plant: Callable[[], Planted]) -> Callable[[], Planted]:
    """Note a bug under its function's name."""
    BUGS[plant.__name__] = plant
    return plant


def planted(name: str) -> Planted:
    """Give a context in which a bug is planted; its name is the function's in this module."""
    return BUGS[name]()


@bug
def purchase_is_retried() -> Planted:
    """A generic retry around every call, the purchase too (seen in two of seven bots)."""
    once = SpotSmsClient.get_number

    async def twice(
        self: SpotSmsClient, pid: str, country: str, *, deadline: float
    ) -> BoughtNumber:
        try:
            return await once(self, pid, country, deadline=deadline)
        except OutcomeUnknown:
            return await once(self, pid, country, deadline=deadline)

    return patch.object(SpotSmsClient, "get_number", twice)


@bug
def transport_sends_again() -> Planted:
    """What aiohttp does by itself: a GET whose connection dies is sent once more."""
    ask = SpotSmsClient._ask

    async def again(
        self: SpotSmsClient,
        what: str,
        act: Callable[[], object],
        fault: str | None,
        deadline: float,
    ) -> object:
        if what == "getNumber" and fault and fault.startswith("dropped"):
            self._world.loop.call_later(0.01, act)
        return await ask(self, what, act, fault, deadline)

    return patch.object(SpotSmsClient, "_ask", again)


@bug
def refund_on_refusal() -> Planted:
    """The answer to a cancellation is not looked at."""

    async def refused(self: Closing, activation: Activation, _: Declined) -> None:
        await self.cancelled(activation)

    return patch.object(Closing, "refused", refused)


@bug
def silence_is_a_refusal() -> Planted:
    """A purchase that nobody answered for is taken as not charged."""

    async def unknown(self: Settlement, activation: Activation, reason: str) -> None:
        await asyncio.shield(self._declined(activation, Declined(0, reason)))

    return patch.object(Settlement, "unknown", unknown)


@bug
def code_is_sent_before_it_is_saved() -> Planted:
    """First the message, which takes its time, then the row."""
    keep = Received._keep

    async def late(self: Received, activation_id: int, text: str, missed_at: int | None) -> bool:
        await asyncio.sleep(20.0)
        return await keep(self, activation_id, text, missed_at)

    return patch.object(Received, "_keep", late)


@bug
def code_is_dropped_when_the_state_has_moved() -> Planted:
    """Only a waiting number may have a code: whoever lost the race loses the code."""
    keep = Received._keep

    async def only_waiting(
        self: Received, activation_id: int, text: str, missed_at: int | None
    ) -> bool:
        async with self._database.read() as connection:
            present = await activations.get(connection, activation_id)
        if present is None or present.state is not State.WAITING:
            return False
        return await keep(self, activation_id, text, missed_at)

    return patch.object(Received, "_keep", only_waiting)


@bug
def second_code_is_dropped() -> Planted:
    """One code per number."""
    add = activations.add_code

    async def first_only(
        connection: AsyncConnection, activation_id: int, text: str, at: int
    ) -> int | None:
        if await activations.codes_of(connection, [activation_id]):
            return None
        return await add(connection, activation_id, text, at)

    return patch.object(activations, "add_code", first_only)


@bug
def rows_are_lost_when_a_group_migrates() -> Planted:
    """What waits for the old group is thrown away."""

    async def forget(connection: AsyncConnection, old_id: int, new_id: int) -> None:
        del new_id
        table = tables.outbox
        await connection.execute(
            table.update()
            .where(table.c.chat_id == old_id, table.c.status == outbox.PENDING)
            .values(status=outbox.FAILED)
        )

    return patch.object(outbox, "move_chat", forget)


@bug
def wrong_chat_after_migration() -> Planted:
    """After a migration the group gets what was meant for its members in private."""
    migrate = chats.migrate

    async def into_the_group(
        connection: AsyncConnection, old: chats.Chat, new_id: int, at: int
    ) -> None:
        await migrate(connection, old, new_id, at)
        rows = await activations.in_states(connection, *State)
        users = {row.user_id for row in rows if row.chat_id == new_id}
        table = tables.outbox
        await connection.execute(
            table.update().where(table.c.chat_id.in_(users)).values(chat_id=new_id)
        )

    return patch.object(chats, "migrate", into_the_group)


@bug
def lease_is_never_freed() -> Planted:
    """A cancellation that was under way when the process died stays under way for ever."""
    claim = activations.claim_cancels

    async def for_ever(
        connection: AsyncConnection, now: int, lease: int, limit: int, *, by: str
    ) -> list[Activation]:
        return await claim(connection, now, lease * 10_000, limit, by=by)

    async def not_freed(self: Cancellations, *, all_are_dead: bool) -> None:
        del self, all_are_dead

    return both(
        patch.object(activations, "claim_cancels", for_ever),
        patch.object(Cancellations, "recover", not_freed),
    )


@bug
def orphans_are_left() -> Planted:
    """A purchase whose process died stays `requested`."""

    async def recover(self: Purchases, *, all_are_dead: bool) -> None:
        del self, all_are_dead

    return patch.object(Purchases, "recover", recover)


@bug
def hold_is_never_voided() -> Planted:
    """A refused purchase keeps its money."""
    return _without_entry(books.Kind.VOID)


@bug
def purchase_is_never_posted() -> Planted:
    """A bought number leaves its money held."""
    return _without_entry(books.Kind.POST)


@bug
def price_difference_is_forgotten() -> Planted:
    """What another offer costs more is not booked."""
    return _without_entry(books.Kind.PRICE_DIFFERENCE)


@bug
def orphan_is_settled_as_declined() -> Planted:
    """At the start everything unfinished is voided: nobody asks whether it was charged."""

    async def recover(self: Purchases, *, all_are_dead: bool) -> None:
        async with self._database.read() as connection:
            now = None if all_are_dead else self._clock.now()
            orphans = await activations.orphans(connection, now)
        for activation in orphans:
            await self._settlement.failed(activation, Declined(0, "interrupted"))

    return patch.object(Purchases, "recover", recover)


@bug
def unknown_is_told_to_nobody() -> Planted:
    """An unknown outcome is kept, and no owner hears of it."""

    def to_buyer_alone(activation: Activation, owner_ids: tuple[int, ...]) -> list[Notice]:
        del activation, owner_ids
        return []

    return patch("bot.workflows.settle.unknown", to_buyer_alone)


@bug
def limit_counts_only_what_is_posted() -> Planted:
    """Held money does not count: many purchases at once pass the limit."""
    spent = ledger.spent_in_windows

    async def posted(
        connection: AsyncConnection, chat_id: int, since: Mapping[str, int], user_id: int | None
    ) -> dict[str, int]:
        counted = await spent(connection, chat_id, since, user_id)
        return {name: micros // 2 for name, micros in counted.items()}

    return patch.object(ledger, "spent_in_windows", posted)


@bug
def flood_is_ignored() -> Planted:
    """A 429 is an error like any other: try again in a second."""
    send = Delivery._send

    async def impatient(self: Delivery, row: outbox.OutboxRow) -> None:
        deliver = self._messenger.deliver

        async def at_once(row: outbox.OutboxRow) -> int | None:
            try:
                return await deliver(row)
            except TryLater:
                raise TryLater(1.0) from None

        messenger = type("Impatient", (), {"deliver": staticmethod(at_once)})()
        patient, self._messenger = self._messenger, messenger
        try:
            await send(self, row)
        finally:
            self._messenger = patient

    return patch.object(Delivery, "_send", impatient)


@bug
def clock_follows_the_machine() -> Planted:
    """The time is what the machine's clock shows at the moment."""

    async def going_on(database: object, wall: Callable[[], float], _: object) -> object:
        del database
        clock = SteadyClock(wall)
        clock.now = lambda: round(wall() * 1000)  # type: ignore[method-assign]  # planted
        return clock

    return patch.object(SteadyClock, "going_on", going_on)


@bug
def clock_is_set_back_between_processes() -> Planted:
    """What was written in an hour that has not come yet is not noticed."""

    async def going_on(
        database: object, wall: Callable[[], float], monotonic: Callable[[], float]
    ) -> SteadyClock:
        del database
        return SteadyClock(wall, monotonic)

    return patch.object(SteadyClock, "going_on", going_on)


@bug
def looking_ends_with_the_cancellation() -> Planted:
    """A number is not looked at while it is being given back, nor after."""
    move = activations.move

    async def and_stop(
        connection: AsyncConnection,
        activation_id: int,
        sources: Collection[State],
        target: State,
        *,
        at: int,
        reason: str | None = None,
        **values: object,
    ) -> Activation | None:
        if target is State.CANCELLED:
            values |= {"next_poll_at": None}
        return await move(
            connection, activation_id, sources, target, at=at, reason=reason, **values
        )

    return patch.object(activations, "move", and_stop)


@bug
def replay_buys_again() -> Planted:
    """The second tap on a quote is a purchase of its own."""
    reserve = Purchases._reserve

    async def anew(
        self: Purchases, quote: Quote, service: Service, buyer: Buyer, card: int
    ) -> Confirmation:
        fresh = await self._requote(quote, quote.price)
        return await reserve(self, fresh, service, buyer, card)

    return patch.object(Purchases, "_reserve", anew)


@bug
def delivered_row_is_not_settled() -> Planted:
    """What was sent is sent again after a restart, or without one."""
    settle = outbox.settle

    async def forget(
        connection: AsyncConnection,
        row: outbox.OutboxRow,
        status: str,
        at: int,
        problem: str | None = None,
    ) -> None:
        if row.id % 5 or status != outbox.SENT:
            await settle(connection, row, status, at, problem)

    return patch.object(outbox, "settle", forget)


def _without_entry(kind: books.Kind) -> Planted:
    record = ledger.record

    async def all_but_one(
        connection: AsyncConnection, activation: Activation, *entries: books.Entry, at: int
    ) -> None:
        kept = [entry for entry in entries if entry.kind is not kind]
        await record(connection, activation, *kept, at=at)

    return patch.object(ledger, "record", all_but_one)


@contextmanager
def both(first: Planted, second: Planted) -> Iterator[None]:
    """Plant two things as one bug."""
    with first, second:
        yield


__all__ = ["BUGS", "both", "bug", "planted"]
