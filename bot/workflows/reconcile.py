"""Reconcile: what the provider's balance says about purchases that nobody answered for.

A reading counts only if no money call was open meanwhile, and settles something only if exactly
one explanation fits it and a second reading agrees: a balance may lag behind. Nothing is kept in
memory but what another reading brings back, so that a crash at any line loses a delay at most.
"""

import asyncio
import logging
from enum import Enum
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import ledger as books
from bot.domain.activation import Activation
from bot.domain.money import format_dollars
from bot.domain.notice import Alert, alerts, undecided
from bot.domain.times import DAY_MS
from bot.domain.verdict import Verdict, judge
from bot.provider import Balance, ProviderError
from bot.storage import activations, ledger, outbox, readings
from bot.storage.readings import KeptReading
from bot.workflows.findings import Findings, find
from bot.workflows.health import ProviderHealth
from bot.workflows.kit import Kit
from bot.workflows.outcome import Decided, Outcomes, Readings, TooSoon, settle_unknown

log = logging.getLogger(__name__)

HOLD_SECONDS = 2.0
"""New money calls are held back for so long at most, while an outcome is unknown that the owner
has not been asked about."""
ASK_OWNER_SECONDS = 60.0
"""If readings fail for so long after a call's deadline, the owner is asked without them."""


class _Pause(Enum):
    """How an attempt went, and the seconds until the next."""

    SETTLED = 30.0
    TO_BE_CONFIRMED = 5.0
    UNCLEAR = 60.0
    NOT_QUIET = 10.0


class Reconciliation:
    """Settles unknown outcomes by evidence or by the owner, and explains every cent."""

    def __init__(self, kit: Kit, health: ProviderHealth) -> None:
        self._database = kit.database
        self._provider = kit.provider
        self._clock = kit.clock
        self._signals = kit.signals
        self._meter = kit.meter
        self._gate = kit.gate
        self._apart = kit.apart
        self._replica = kit.replica
        self._owner_ids = kit.rules.owner_ids
        self._health = health
        self._outcomes = Outcomes(kit.database, kit.clock)
        self._suspected: Verdict | None = None
        self._tried: frozenset[int] = frozenset()
        self._asked: frozenset[int] = frozenset()
        self._missed: frozenset[int] = frozenset()
        self._next_at = 0
        self._reading: asyncio.Future[Balance] | None = None
        self._stopping = False

    async def step(self) -> None:
        """Read the balance and conclude, when it is time to.

        Only the leader concludes; another replica just looks whether its own trouble is over.
        """
        if not self._replica.is_leader:
            if self._health.wants_reading():
                await self._read()
            return
        now = self._clock.now()
        due = [one for one in await self._outcomes.open_ones() if one.lease_until <= now]
        ids = frozenset(activation.id for activation in due)
        if now < self._next_at and ids <= self._tried and not self._health.wants_reading():
            return
        self._tried = ids
        went = await self._attempt(HOLD_SECONDS if ids - self._asked else 0.0)
        self._next_at = self._clock.now() + round(went.value * 1000)
        late = now - round(ASK_OWNER_SECONDS * 1000)
        await self._ask_owners(
            [one for one in due if went is _Pause.UNCLEAR or one.lease_until <= late]
        )

    def stop(self) -> None:
        """Give up the reading that is on its way, which ends the step with it."""
        self._stopping = True
        if self._reading:
            self._reading.cancel()

    async def evidence(self, activation: Activation) -> Readings:
        """Give the readings around a purchase, for the owner's eyes."""
        return await self._outcomes.evidence(activation)

    async def decide(
        self, activation_id: int, owner_id: int, *, charged: bool
    ) -> Decided | TooSoon | None:
        """Settle an unknown outcome as the owner says; None: unknown purchase, or no owner."""
        if owner_id not in self._owner_ids:
            return None
        decision = await self._outcomes.decide(activation_id, charged=charged)
        if isinstance(decision, Decided) and decision.anew:
            self._next_at = 0  # what is known now may settle the rest
            self._count(charged=charged, by="owner")
            self._signals.outbox.set()
        return decision

    async def _attempt(self, hold: float) -> _Pause:
        """Read the balance and the ledger while nothing moves either."""
        async with self._gate.quiet(hold) as quiet:
            async with self._database.read() as connection:
                mark = await ledger.last_call_entry(connection)
            balance = await self._read()
            if balance is None or not quiet.lasts:
                return _Pause.NOT_QUIET
            async with self._database.snapshot() as connection:
                findings = await find(
                    connection, balance, self._clock.now(), held_back=self._gate.held_back
                )
            if findings.mark != mark:
                return _Pause.NOT_QUIET
            return await (self._conclude if findings.previous else self._open)(findings)

    async def _read(self) -> Balance | None:
        """Read the balance, and note how that went."""
        if self._stopping:
            return None
        self._reading = asyncio.ensure_future(self._provider.balance())
        try:
            balance = await self._reading
        except ProviderError as error:
            await self._health.balance_failed(error)
            return None
        await self._health.balance_read(balance.micros)
        return balance

    async def _open(self, findings: Findings) -> _Pause:
        """Take the first reading as it is, once nothing is open that it might hold or not."""
        if findings.books.charges or findings.books.cancels:
            return _Pause.UNCLEAR
        everything = frozenset(refund.activation_id for refund in findings.refunds)
        if not await self._write(findings, Verdict(seen=everything), readings.OPENING):
            return _Pause.NOT_QUIET
        log.info("the ledger is opened with the balance of SpotSMS")
        return _Pause.SETTLED

    async def _conclude(self, findings: Findings) -> _Pause:
        await self._miss_refunds(findings)
        verdict = await self._apart(partial(judge, findings.books, findings.reading))
        suspected, self._suspected = self._suspected, verdict
        agreed = suspected is not None and verdict.agrees_with(suspected, findings.reading.step)
        if not verdict.is_clear:
            await self._write(findings, Verdict(), readings.UNCLEAR)
            return _Pause.UNCLEAR
        if verdict.is_grave and not agreed:
            return _Pause.TO_BE_CONFIRMED
        if not await self._write(findings, verdict, _conclusion(findings, verdict)):
            return _Pause.NOT_QUIET
        for _ in verdict.charged:
            self._count(charged=True, by="balance")
        for _ in verdict.not_charged:
            self._count(charged=False, by="balance")
        self._signals.outbox.set()
        return _Pause.UNCLEAR if verdict.doubtful else _Pause.SETTLED

    async def _write(self, findings: Findings, verdict: Verdict, conclusion: str) -> bool:
        """Write all that a reading says in one transaction, unless the ledger has moved on."""
        kept = KeptReading(
            at=findings.at,
            micros=findings.reading.micros,
            step=findings.reading.step,
            expected=findings.books.expected,
            conclusion=conclusion,
        )
        seen = [one for one in findings.refunds if one.activation_id in verdict.seen]
        async with self._database.write() as connection:
            if await ledger.last_call_entry(connection) != findings.mark:
                return False
            if not await readings.add(connection, kept, follows=findings.follows):
                return False
            await ledger.record_seen(connection, seen, at=findings.at)
            for activation_id, taken in sorted(verdict.charged.items()):
                await self._settle(connection, activation_id, taken, findings.at)
            for activation_id in sorted(verdict.not_charged):
                await self._settle(connection, activation_id, None, findings.at)
            if findings.previous is None:
                missing = kept.micros - kept.expected - sum(refund.amount for refund in seen)
                await ledger.record_alone(connection, books.opening(missing), at=findings.at)
            elif verdict.unexplained:
                await self._report(connection, findings, verdict.unexplained)
        return True

    async def _settle(
        self, connection: AsyncConnection, activation_id: int, taken: int | None, at: int
    ) -> None:
        settled = await settle_unknown(connection, activation_id, taken=taken, at=at)
        if settled:
            facts: dict[str, object] = {
                "activation_id": activation_id,
                "charged": taken is not None,
                "amount": format_dollars(settled.price if taken is None else taken),
            }
            await self._alert(connection, Alert.OUTCOME_CONCLUDED, facts, activation_id)

    async def _report(self, connection: AsyncConnection, findings: Findings, gain: int) -> None:
        """Book what nothing explains to an account of its own, and tell the owners once."""
        await ledger.record_alone(connection, books.unexplained(gain), at=findings.at)
        alert = Alert.UNEXPLAINED_GAIN if gain > 0 else Alert.UNEXPLAINED_SPENDING
        facts: dict[str, object] = {
            "amount": format_dollars(abs(gain)),
            "shown": format_dollars(findings.reading.micros),
            "expected": format_dollars(findings.reading.micros - gain),
            "at": findings.at,
            "since": findings.previous.at if findings.previous else findings.at,
        }
        if gain > 0:
            step = findings.reading.step
            fitting = await activations.unrefunded(
                connection, gain - step, gain + step, findings.at - DAY_MS
            )
            facts["fitting"] = [activation.id for activation in fitting[:5]]
        log.warning("the balance moved by %s without the bot", format_dollars(gain))
        await self._alert(connection, alert, facts, findings.at)

    async def _miss_refunds(self, findings: Findings) -> None:
        """Tell the owners once of each refund that was promised a day ago and has not come."""
        missing = [one for one in findings.refunds if one.at <= findings.at - DAY_MS]
        new = [one for one in missing if one.activation_id not in self._missed]
        if not new:
            return
        async with self._database.write() as connection:
            for refund in new:
                facts: dict[str, object] = {
                    "activation_id": refund.activation_id,
                    "amount": format_dollars(refund.amount),
                    "at": refund.at,
                }
                await self._alert(connection, Alert.REFUND_MISSING, facts, refund.activation_id)
        self._missed = frozenset(one.activation_id for one in missing)
        self._signals.outbox.set()

    async def _ask_owners(self, due: list[Activation]) -> None:
        """Let the owners decide what the balance does not tell; each is asked once."""
        new = [activation for activation in due if activation.id not in self._asked]
        if not new:
            return
        now = self._clock.now()
        async with self._database.write() as connection:
            for activation in new:
                await outbox.enqueue_all(connection, undecided(activation, self._owner_ids), now)
        self._asked = frozenset(activation.id for activation in due)
        self._signals.outbox.set()

    async def _alert(
        self, connection: AsyncConnection, alert: Alert, facts: dict[str, object], key: int
    ) -> None:
        notices = alerts(alert, self._owner_ids, key, facts)
        await outbox.enqueue_all(connection, notices, self._clock.now())

    def _count(self, *, charged: bool, by: str) -> None:
        self._meter.count("reconciled", outcome="charged" if charged else "not charged", by=by)


def _conclusion(findings: Findings, verdict: Verdict) -> str:
    if not verdict.unexplained:
        return readings.UNCLEAR if verdict.doubtful else readings.EXPLAINED
    return readings.SET_ASIDE if findings.books.charges else readings.UNEXPLAINED
