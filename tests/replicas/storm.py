"""Load on several replicas while one after another is killed; then the books are compared."""

import asyncio
import contextlib
import itertools
import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from typing import Any

from tests.crashes.audit import Audit
from tests.environment import OWNER
from tests.replicas.fleet import Fleet, Seat

ROUND_SECONDS = 0.1
MOST_WAITING = 8
PEACE_SECONDS = 120.0
TREATING_ROUNDS = 40
DOWN_SECONDS = 3.0
MOST_UNWATCHED = 15.0
CRASH_WINDOW = 20.0
"""Seconds after a kill in which a code may be told again: takeover, and what was left to send."""


@dataclass
class Result:
    """What a storm counted, and what it found wrong."""

    replicas: int
    kills: int = 0
    updates: dict[str, int] = field(default_factory=dict)
    purchases: int = 0
    taps: int = 0
    codes: int = 0
    told_twice: int = 0
    seconds_unwatched: float = 0.0
    seconds_to_code: dict[str, float] = field(default_factory=dict)
    states: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    problems: list[str] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """Give it for printing."""
        return asdict(self)


async def storm(fleet: Fleet, seconds: float, kill_every: float) -> Result:
    """Let people act for so long while replicas are killed in turn; then finish, and judge.

    Whoever is killed leads: the first one does at the start, then each time the one that is left.
    """
    begun = time.monotonic()
    result = Result(len(fleet.seats))
    for seat in fleet.seats:
        await fleet.start(seat)
    over = asyncio.Event()
    killing = asyncio.create_task(_kill_in_turn(fleet, kill_every, over))
    end = time.monotonic() + seconds
    for rounds in itertools.count():
        if time.monotonic() > end or killing.done():
            break
        if len(fleet.telegram.updates.pending) < MOST_WAITING:
            fleet.crowd.act(rounds)
        fleet.crowd.treat()
        await asyncio.sleep(ROUND_SECONDS)
    over.set()
    await killing
    await _in_peace(fleet, result)
    result.seconds = round(time.monotonic() - begun, 1)
    return result


async def _kill_in_turn(fleet: Fleet, kill_every: float, over: asyncio.Event) -> None:
    """Every so many seconds kill one, and start it again a few seconds later."""
    for seat in itertools.cycle(fleet.seats):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(over.wait(), kill_every - DOWN_SECONDS)
        if over.is_set():
            return
        await fleet.kill(seat)
        await asyncio.sleep(DOWN_SECONDS)
        await fleet.start(seat)


async def _in_peace(fleet: Fleet, result: Result) -> None:
    """Let the replicas finish everything, stop them politely, and look at what is left."""
    audit = Audit(fleet.rows, fleet.spotsms, fleet.telegram, fleet.crowd, OWNER)
    await _finished(audit)
    for _ in range(TREATING_ROUNDS):
        fleet.crowd.treat()
        await asyncio.sleep(ROUND_SECONDS)
    unfinished, end = await _finished(audit), time.time()
    result.seconds_unwatched = round(_longest_unwatched(fleet, end), 1)
    ends = await asyncio.gather(*(_stopped(fleet, seat) for seat in fleet.seats))
    result.problems = unfinished or audit.problems(len(fleet.kills))
    result.problems += [problem for problem in ends if problem]
    if wrong := await fleet.verify_ledger():
        result.problems.append(wrong)
    _count(fleet, result, audit)
    _judge(fleet, result)


async def _finished(audit: Audit) -> list[str]:
    """Wait until nothing is unfinished; give what still is when patience has come to its end."""
    end = time.monotonic() + PEACE_SECONDS
    while (unfinished := audit.unfinished()) and time.monotonic() < end:  # noqa: ASYNC110 - no bell
        await asyncio.sleep(0.5)
    return unfinished


async def _stopped(fleet: Fleet, seat: Seat) -> str:
    status = await fleet.stop(seat)
    return f"{seat.address} ended with {status}" if status else ""


def _count(fleet: Fleet, result: Result, audit: Audit) -> None:
    result.kills = len(fleet.kills)
    result.updates = dict(fleet.balancer.passed)
    result.purchases = len(fleet.spotsms.purchases)
    result.taps = fleet.crowd.taps
    result.codes = len(fleet.crowd.codes)
    result.told_twice = audit.told_twice
    result.states = audit.states()
    waits = sorted(_waits(fleet))
    if waits:
        result.seconds_to_code = {
            "median": round(waits[len(waits) // 2], 1),
            "longest": round(waits[-1], 1),
        }


def _judge(fleet: Fleet, result: Result) -> None:
    if result.seconds_unwatched > MOST_UNWATCHED:
        result.problems.append(f"a number was unwatched for {result.seconds_unwatched} s")
    result.problems += [
        f"a code was told again at {at:.0f}, long after the last crash"
        for at in _told_again(fleet)
        if not any(0 <= at - kill <= CRASH_WINDOW for kill in fleet.kills)
    ]
    log = fleet.log()
    if "Traceback" in log:
        begin = log.index("Traceback")
        result.problems.append(f"the log says: {log[max(begin - 1000, 0) : begin + 3000]}")


def _longest_unwatched(fleet: Fleet, now: float) -> float:
    """Give the longest time (s) between two looks at a number that was open and had no code."""
    looks: dict[str, list[float]] = defaultdict(list)
    for call in fleet.spotsms.calls_of("getMsg"):
        looks[call.params.get("pn", "")].append(call.at)
    longest = 0.0
    for row in fleet.rows("select * from activations where bought_at is not null"):
        begin = row["bought_at"] / 1000
        ends = [row[name] / 1000 for name in ("first_code_at", "closed_at") if row[name]]
        end = min(ends, default=now)
        seen = [at for at in looks[row["number"]] if begin < at < end]
        moments = [begin, *seen, end]
        gaps = [later - sooner for sooner, later in itertools.pairwise(moments)]
        longest = max(longest, *gaps)
    return longest


def _waits(fleet: Fleet) -> list[float]:
    """Give how long each code took (s) from the provider to the chat, by Telegram's whole dates."""
    waits = []
    for code, (purchase, user_id) in fleet.crowd.codes.items():
        [sent] = [at for at, text in purchase.messages if code in text]
        waits += [max(at - sent, 0.0) for at in _pushes(fleet, code, user_id)[:1]]
    return waits


def _pushes(fleet: Fleet, code: str, user_id: int) -> list[int]:
    """Give when (Unix seconds) a code was told."""
    return [
        message["date"]
        for message in fleet.telegram.messages_to(user_id)
        if message["text"].startswith("🔑") and code in message["text"]
    ]


def _told_again(fleet: Fleet) -> list[int]:
    times = (_pushes(fleet, code, user) for code, (_, user) in fleet.crowd.codes.items())
    return [at for told in times for at in told[1:]]
