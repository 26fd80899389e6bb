"""A reading of the balance beside what the ledger says at that moment, and what it leaves open."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation, State
from bot.domain.evidence import Question, Reading
from bot.domain.ledger import PROVIDER
from bot.domain.times import HOUR_MS
from bot.domain.verdict import Books
from bot.provider import Balance
from bot.storage import activations, evidence, ledger, readings
from bot.storage.ledger import RefundDue
from bot.storage.readings import KeptReading

LEAST_STEP = 100
"""Prices have four decimals (spotsms-api.txt §1); what a balance shows beyond them is noise."""
UNASKED_MS = HOUR_MS
"""For how long after its end a number may be refunded by itself: later, it is no guess any more
that the refund hides a charge."""
OWNER_HAS_MS = HOUR_MS
"""How long nothing may fit before what remains is taken as unexplained, and its purchases as the
owner's to decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything that a conclusion is drawn from; `at` is epoch ms.

    Attributes:
        mark: changes when a call that may move the balance is settled.
        follows: the id of the reading before, 0 for the first.
        previous: the reading before.
    """

    at: int
    mark: int
    follows: int
    previous: KeptReading | None
    reading: Reading
    books: Books
    refunds: tuple[RefundDue, ...]


async def find(
    connection: AsyncConnection, balance: Balance, now: int, *, held_back: frozenset[int]
) -> Findings:
    """Gather what the ledger knows, in one snapshot.

    Args:
        connection: sees one moment.
        balance: was read while no money call was open.
        now: epoch ms.
        held_back: purchases of this process that have not been sent yet.
    """
    previous = await readings.last(connection)
    refunds = tuple(await ledger.refunds_due(connection))
    finest = min(balance.step, previous.step) if previous else balance.step
    step = max(finest, LEAST_STEP)
    pending = await _pending(connection, held_back)
    return Findings(
        at=now,
        mark=await ledger.last_call_entry(connection),
        follows=await readings.last_id(connection),
        previous=previous,
        reading=Reading(balance.micros, step),
        books=await _books(connection, pending, refunds, previous.at if previous else 0, now),
        refunds=refunds,
    )


async def _pending(connection: AsyncConnection, held_back: frozenset[int]) -> list[Activation]:
    """Give the purchases that the balance may yet show: sent, open, and not set aside."""
    set_aside_at = await readings.concluded_at(connection, readings.SET_ASIDE)
    requested = await activations.in_states(connection, State.REQUESTED)
    unknown = await activations.in_states(connection, State.UNKNOWN)
    return [
        *(one for one in requested if one.id not in held_back),
        *(one for one in unknown if one.lease_until > set_aside_at),
    ]


async def _books(
    connection: AsyncConnection,
    pending: Sequence[Activation],
    refunds: tuple[RefundDue, ...],
    since: int,
    now: int,
) -> Books:
    due = [one for one in pending if one.state is State.UNKNOWN and one.lease_until <= now]
    return Books(
        expected=await ledger.balance_of(connection, PROVIDER),
        charges=await _charges(connection, pending),
        due=frozenset(one.id for one in due),
        cancels=await _cancels(connection),
        refunds=[Question(one.activation_id, one.amount) for one in refunds],
        fresh=frozenset(one.activation_id for one in refunds if one.at > since),
        unasked=await _unasked(connection, due),
        is_overdue=len(due) == len(pending)
        and any(one.lease_until + OWNER_HAS_MS <= now for one in due),
    )


async def _charges(connection: AsyncConnection, pending: Sequence[Activation]) -> list[Question]:
    """Any offer of the service may have filled an order, at the price that it had then."""
    others = await evidence.alternative_prices(connection, [one.id for one in pending])
    return [
        Question(one.id, -one.price, frozenset(-price for price in others[one.id].values()))
        for one in pending
    ]


async def _cancels(connection: AsyncConnection) -> list[Question]:
    cancels = await activations.in_states(connection, State.CANCELLING)
    differences = await ledger.price_differences(connection, [one.id for one in cancels])
    return [Question(one.id, one.price + differences.get(one.id, 0)) for one in cancels]


async def _unasked(connection: AsyncConnection, due: Sequence[Activation]) -> frozenset[int]:
    """Give what may have come back by itself since the first of these purchases was made."""
    if not due:
        return frozenset()
    first = min(one.requested_at for one in due)
    return await evidence.refundable(connection, first - UNASKED_MS)
