"""What every workflow works with, put together once by the composition root."""

import asyncio
import random
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.domain.plans import Plans
from bot.storage.database import Database
from bot.workflows.gate import Gate
from bot.workflows.ports import Apart, Clock, Meter, Provider
from bot.workflows.replica import Replica
from bot.workflows.rules import Rules
from bot.workflows.worker import Calls, Signals


def _new_id() -> str:
    return secrets.token_hex(8)


@dataclass(frozen=True, slots=True)
class Kit:
    """The parts that workflows share.

    Attributes:
        calls: purchases and cancellations on their way, waited for when the process stops.
        plans: how often to look at which number, as far as that is learned.
        gate: what calls that may move the provider's balance pass.
        replica: this process among those that share the database.
        apart: does what takes long and needs nobody else, while all else goes on.
        monotonic: seconds, for intervals within the process.
        random: from 0 to 1, spreads what would happen at once.
        new_id: ids that nobody can guess.
    """

    database: Database
    provider: Provider
    clock: Clock
    signals: Signals
    calls: Calls
    meter: Meter
    rules: Rules
    plans: Plans = field(default_factory=Plans)
    gate: Gate = field(default_factory=Gate)
    replica: Replica = field(default_factory=Replica)
    apart: Apart = asyncio.to_thread
    monotonic: Callable[[], float] = time.monotonic
    random: Callable[[], float] = random.random
    new_id: Callable[[], str] = _new_id
