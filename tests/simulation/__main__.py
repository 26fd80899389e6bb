"""Replay one seed, or play many: `python -m tests.simulation --seed storm-7`, `--seeds 200`.

Ends with 1 where a promise was broken, else with 0.
"""

import argparse
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import Pool

from tests.simulation.bugs import BUGS, planted
from tests.simulation.chat_bugs import CHAT_BUGS
from tests.simulation.chat_storm import run_chat_storm
from tests.simulation.chat_walks import CHAT_WALK, take_chat_walk
from tests.simulation.storm import run_storm
from tests.simulation.walks import WALKS, points_of, take_walk
from tests.simulation.world import BrokenPromiseError

PURCHASES = " -> requested"


@dataclass(frozen=True)
class Played:
    """How one seed went; `seconds` are of a core's work, `story` tells what was broken."""

    seed: str
    seconds: float
    digest: str = ""
    counters: Counter[str] = field(default_factory=Counter)
    story: str | None = None


def main() -> int:
    """Play, and say what happened."""
    arguments = _arguments()
    total: Counter[str] = Counter()
    broken: list[str] = []
    began = time.monotonic()
    for played in _play_all(arguments):
        total += played.counters
        if played.story:
            broken.append(played.seed)
            _say(played.story)
        if played.digest or played.story:
            _say(
                f"{played.seed}: {played.counters[PURCHASES]} purchases, {played.seconds:.0f} s,"
                f" {played.digest[:16]}; so far {total[PURCHASES]} purchases,"
                f" {len(broken)} violations, {time.monotonic() - began:.0f} s"
            )
    for what, count in sorted(total.items()):
        _say(f"{count:8} {what}")
    _say(f"{len(broken)} seeds broke a promise: {', '.join(broken) or 'none'}")
    return 1 if broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", help="play this seed alone")
    parser.add_argument("--seeds", type=int, default=0, help="play so many storms, chats too")
    parser.add_argument("--first", type=int, default=1000, help="... from this number on")
    parser.add_argument("--walks", action="store_true", help="crash at every await of every walk")
    parser.add_argument("--bug", choices=sorted({*BUGS, *CHAT_BUGS}), help="with this bug planted")
    parser.add_argument("--jobs", type=int, default=1, help="in so many processes")
    return parser.parse_args()


def _play_all(arguments: argparse.Namespace) -> Iterator[Played]:
    """Play every seed; several at once come as they end."""
    play = partial(_play, bug=arguments.bug)
    if arguments.jobs == 1:
        yield from map(play, _seeds(arguments))
    else:
        with Pool(arguments.jobs) as pool:
            yield from pool.imap_unordered(play, _seeds(arguments))


def _seeds(arguments: argparse.Namespace) -> Iterator[str]:
    if arguments.seed:
        yield arguments.seed
    for number in range(arguments.first, arguments.first + arguments.seeds):
        yield f"storm-{number}"
        if number % 2:
            yield f"chat-{number}"
    for walk in WALKS if arguments.walks else ():
        for point in points_of(walk, lambda _: True):
            yield f"walk:{walk}:{point}"
    for point, _ in enumerate(take_chat_walk() if arguments.walks else [], 1):
        yield f"walk:{CHAT_WALK}:{point}"


def _play(seed: str, *, bug: str | None) -> Played:
    began = time.process_time()
    try:
        with planted(bug) if bug else contextlib.nullcontext():
            digest, counters = _take(seed)
    except BrokenPromiseError as error:
        return Played(seed, time.process_time() - began, story=str(error))
    return Played(seed, time.process_time() - began, digest, counters)


def _take(seed: str) -> tuple[str, Counter[str]]:
    if seed.startswith("walk:"):
        _, walk, point = seed.split(":")
        crash_at = int(point) or None
        take_chat_walk(crash_at) if walk == CHAT_WALK else take_walk(walk, crash_at)
        return "", Counter(walks=1)
    digest, counters = (run_chat_storm if seed.startswith("chat-") else run_storm)(seed)
    return digest, counters + Counter(storms=1)


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
