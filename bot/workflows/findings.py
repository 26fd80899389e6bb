"""A reading of the balance beside what the ledger says at that moment, and what it leaves open."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import State
from bot.domain.evidence import Question, Reading
from bot.domain.ledger import PROVIDER
from bot.domain.verdict import Books
from bot.provider import Balance
from bot.storage import activations, ledger, readings
from bot.storage.ledger import RefundDue
from bot.storage.readings import KeptReading

LEAST_STEP = 100
"""Prices have four decimals (spotsms-api.txt §1); what a balance shows beyond them is noise."""


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
    return Findings(
        at=now,
        mark=await ledger.last_call_entry(connection),
        follows=await readings.last_id(connection),
        previous=previous,
        reading=Reading(balance.micros, step),
        books=await _books(connection, refunds, previous.at if previous else 0, now, held_back),
        refunds=refunds,
    )


async def _books(
    connection: AsyncConnection,
    refunds: tuple[RefundDue, ...],
    since: int,
    now: int,
    held_back: frozenset[int],
) -> Books:
    pending = await activations.in_states(connection, State.REQUESTED, State.UNKNOWN)
    cancels = await activations.in_states(connection, State.CANCELLING)
    differences = await ledger.price_differences(connection, [one.id for one in cancels])
    return Books(
        expected=await ledger.balance_of(connection, PROVIDER),
        charges=[
            Question(one.id, -one.price)
            for one in pending
            if one.state is State.UNKNOWN or one.id not in held_back
        ],
        due=frozenset(
            one.id for one in pending if one.state is State.UNKNOWN and one.lease_until <= now
        ),
        cancels=[Question(one.id, one.price + differences.get(one.id, 0)) for one in cancels],
        refunds=[Question(one.activation_id, one.amount) for one in refunds],
        fresh=frozenset(one.activation_id for one in refunds if one.at > since),
    )
