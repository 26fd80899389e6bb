"""What every workflow works with, put together once by the composition root."""

from dataclasses import dataclass

from bot.storage.database import Database
from bot.workflows.ports import Clock, Meter, Provider
from bot.workflows.rules import Rules
from bot.workflows.worker import Calls, Signals


@dataclass(frozen=True, slots=True)
class Kit:
    """The parts that workflows share.

    Attributes:
        calls: purchases and cancellations on their way, waited for when the process stops.
    """

    database: Database
    provider: Provider
    clock: Clock
    signals: Signals
    calls: Calls
    meter: Meter
    rules: Rules
