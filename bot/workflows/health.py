"""Is the provider there, does it take our key, is there money: the owner is told once each way."""

from dataclasses import dataclass

from bot.domain.money import format_dollars
from bot.provider import ProviderError, TooFrequent, Unauthorized
from bot.workflows.budget import RateBudget
from bot.workflows.kit import Kit
from bot.workflows.shortage import Shortage
from bot.workflows.troubles import Trouble, Troubles

FAILURES_TO_CUT = 3
"""In a row: one number that always fails must not make all others slower."""
FAILURES_TO_OPEN = 5
OUTAGE_SECONDS = 10.0
CHECK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class LastError:
    """The newest failure: its kind, by the name of the provider's error, and when (epoch ms)."""

    kind: str
    at: int


class ProviderHealth:
    """Counts how the provider's answers go and tells the owner when that changes.

    Attributes:
        last_error: the newest failure that this process has seen.
    """

    def __init__(self, kit: Kit) -> None:
        self._clock = kit.clock
        self._rules = kit.rules
        self._troubles = Troubles(kit)
        self._shortage = Shortage(kit)
        self.budget = RateBudget(kit.rules.max_rps, kit.monotonic)
        self.is_down = False
        self.key_refused = False
        self.last_error: LastError | None = None
        self._failures = 0
        self._failing_since = 0
        self._read_at = 0
        self._read_soon = False

    async def succeeded(self) -> None:
        """Note a useful answer, a refusal included."""
        self._failures = 0
        self.budget.succeeded()
        if self.is_down:
            self.is_down = False
            await self._troubles.note(Trouble.PROVIDER, is_there=False)
        if self.key_refused:
            self.key_refused = False
            await self._troubles.note(Trouble.KEY, is_there=False)

    async def failed(self, error: ProviderError) -> None:
        """Note an answer that never came or made no sense, a refused key, or too many requests."""
        self.last_error = LastError(type(error).__name__, self._clock.now())
        if isinstance(error, Unauthorized):
            await self._key_was_refused()
            return
        if isinstance(error, TooFrequent):
            self.budget.failed()
            return
        now = self._clock.now()
        if self._failures == 0:
            self._failing_since = now
        self._failures += 1
        if self._failures >= FAILURES_TO_CUT:
            self.budget.failed()
        lasting = now - self._failing_since >= OUTAGE_SECONDS * 1000
        if self._failures >= FAILURES_TO_OPEN and lasting and not self.is_down:
            self.is_down = True
            await self._troubles.note(Trouble.PROVIDER, is_there=True)

    def wants_reading(self) -> bool:
        """Tell whether the balance is to be read without waiting: often while something is wrong.

        It is read by `Reconciliation` alone, which tells how that went.
        """
        wrong = self.is_down or self.key_refused
        is_late = self._clock.now() - self._read_at >= CHECK_SECONDS * 1000
        return self._read_soon or (wrong and is_late)

    async def balance_read(self, micros: int) -> None:
        """Note what the balance shows (micro-dollars), which is a useful answer as well."""
        self._note_reading()
        await self.succeeded()
        await self._troubles.end_orphaned()
        await self._compare(micros)
        await self._shortage.balance_read(micros)

    async def balance_failed(self, error: ProviderError) -> None:
        """Note that the balance could not be read."""
        self._note_reading()
        await self.failed(error)

    def check_soon(self) -> None:
        """Let the balance be read at once: a purchase was refused for want of money."""
        self._read_soon = True

    def _note_reading(self) -> None:
        self._read_at = self._clock.now()
        self._read_soon = False

    async def _key_was_refused(self) -> None:
        if not self.key_refused:
            self.key_refused = True
            await self._troubles.note(Trouble.KEY, is_there=True)

    async def _compare(self, micros: int) -> None:
        is_low = micros < self._rules.low_balance
        if is_low != await self._troubles.is_known(Trouble.BALANCE):
            amount = format_dollars(micros)
            await self._troubles.note(Trouble.BALANCE, is_there=is_low, amount=amount)
