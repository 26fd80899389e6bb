"""Is the provider there, does it take our key, is there money: the owner is told once each way."""

from dataclasses import dataclass

from bot.domain.money import format_dollars
from bot.provider import ProviderError, TooFrequent, Unauthorized
from bot.storage.database import DATABASE_ERRORS
from bot.workflows.budget import RateBudget
from bot.workflows.kit import Kit
from bot.workflows.shortage import Shortage
from bot.workflows.troubles import Trouble, Troubles

FAILURES_TO_OPEN = 5
OUTAGE_SECONDS = 10.0
CHECK_SECONDS = 5.0
FORGOTTEN_SECONDS = 60.0
"""Calls that have not failed for so long are not made any more: the balance speaks for them."""
KEY_DOUBT_SECONDS = 5.0
"""A balance that is shown so soon after another call was refused for its key proves nothing."""


@dataclass(frozen=True, slots=True)
class LastError:
    """The newest failure: its kind, by the name of the provider's error, and when (epoch ms)."""

    kind: str
    at: int


@dataclass(slots=True)
class _Failures:
    """How calls of one kind fail in a row; times are epoch ms."""

    count: int = 0
    first_at: int = 0
    last_at: int = 0

    @property
    def make_an_outage(self) -> bool:
        """Tell whether they are many, and last."""
        lasting = self.last_at - self.first_at >= OUTAGE_SECONDS * 1000
        return self.count >= FAILURES_TO_OPEN and lasting

    def add(self, now: int) -> None:
        """Count one more."""
        self.first_at = self.first_at if self.count else now
        self.last_at = now
        self.count += 1


class ProviderHealth:
    """Counts how the provider's answers go and tells the owner when that changes.

    The balance may be shown while all else fails, so its readings are counted apart: they end
    neither an outage that looks, purchases and cancellations have met, nor their refused key.

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
        self._told: set[Trouble] = set()
        self._failed_calls = _Failures()
        self._failed_readings = _Failures()
        self._key_refused_at = 0
        self._read_at = 0
        self._read_soon = False

    async def succeeded(self) -> None:
        """Note a useful answer to a look, a purchase or a cancellation, a refusal included."""
        self._failed_calls.count = self._failed_readings.count = 0
        self.budget.succeeded()
        await self._judge()

    async def failed(self, error: ProviderError) -> None:
        """Note an answer that never came or made no sense, a refused key, or too many requests."""
        if isinstance(error, Unauthorized):
            self._key_refused_at = self._clock.now()
        await self._failed(error, self._failed_calls)

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
        self._failed_readings.count = 0
        if self._is_past(self._failed_calls.last_at, FORGOTTEN_SECONDS):
            self._failed_calls.count = 0
        self.budget.succeeded()
        await self._judge()
        if self.key_refused and self._is_past(self._key_refused_at, KEY_DOUBT_SECONDS):
            self.key_refused = False
            await self._tell(Trouble.KEY, is_there=False)
        if not self.is_down and not self.key_refused:
            await self._troubles.end_orphaned()
        await self._compare(micros)
        await self._shortage.balance_read(micros)

    async def balance_failed(self, error: ProviderError) -> None:
        """Note that the balance could not be read."""
        self._note_reading()
        await self._failed(error, self._failed_readings)

    def check_soon(self) -> None:
        """Let the balance be read at once: a purchase was refused for want of money."""
        self._read_soon = True

    def _note_reading(self) -> None:
        self._read_at = self._clock.now()
        self._read_soon = False

    async def _failed(self, error: ProviderError, failures: _Failures) -> None:
        now = self._clock.now()
        self.last_error = LastError(type(error).__name__, now)
        if isinstance(error, Unauthorized):
            await self._key_was_refused()
            return
        self.budget.failed()
        if not isinstance(error, TooFrequent):
            failures.add(now)
            await self._judge()

    async def _judge(self) -> None:
        """Tell the owner where an outage has begun or ended."""
        self.is_down = self._failed_calls.make_an_outage or self._failed_readings.make_an_outage
        await self._tell(Trouble.PROVIDER, is_there=self.is_down)

    async def _key_was_refused(self) -> None:
        self.key_refused = True
        await self._tell(Trouble.KEY, is_there=True)

    async def _tell(self, trouble: Trouble, *, is_there: bool) -> None:
        """Tell what is news; where the database fails, the next answer tries again."""
        if (trouble in self._told) == is_there:
            return
        self._told ^= {trouble}  # before it is written: many calls fail at once
        try:
            await self._troubles.note(trouble, is_there=is_there)
        except DATABASE_ERRORS:
            self._told ^= {trouble}
            raise

    def _is_past(self, at: int, seconds: float) -> bool:
        """Tell whether a moment (epoch ms) lies so far back that a look would have followed."""
        pause = max(seconds, 1.5 * self._rules.pace.interval)
        return self._clock.now() - at >= pause * 1000

    async def _compare(self, micros: int) -> None:
        is_low = micros < self._rules.low_balance
        if is_low != await self._troubles.is_known(Trouble.BALANCE):
            amount = format_dollars(micros)
            await self._troubles.note(Trouble.BALANCE, is_there=is_low, amount=amount)
