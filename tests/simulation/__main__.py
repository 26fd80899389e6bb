"""Replay one seed, or play many: `python -m tests.simulation --seed storm-7`, `--seeds 200`."""

import argparse
import contextlib
import sys
import time
from collections import Counter
from collections.abc import Iterator

from tests.simulation.bugs import BUGS, planted
from tests.simulation.chat_bugs import CHAT_BUGS
from tests.simulation.chat_storm import run_chat_storm
from tests.simulation.chat_walks import CHAT_WALK, take_chat_walk
from tests.simulation.storm import run_storm
from tests.simulation.walks import WALKS, points_of, take_walk
from tests.simulation.world import BrokenPromiseError


def main() -> int:
    """Play, and say what happened."""
    arguments = _arguments()
    total: Counter[str] = Counter()
    broken = 0
    began = time.monotonic()
    for seed in _seeds(arguments):
        try:
            with planted(arguments.bug) if arguments.bug else contextlib.nullcontext():
                total += _play(seed)
        except BrokenPromiseError as error:
            broken += 1
            _say(str(error))
        total["seeds"] += 1
    for what, count in sorted(total.items()):
        _say(f"{count:8} {what}")
    _say(f"{broken} seeds broke a promise; {time.monotonic() - began:.0f} s")
    return 1 if broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", help="play this seed alone")
    parser.add_argument("--seeds", type=int, default=0, help="play so many storms, chats too")
    parser.add_argument("--first", type=int, default=1000, help="... from this number on")
    parser.add_argument("--walks", action="store_true", help="crash at every await of every walk")
    parser.add_argument("--bug", choices=sorted({*BUGS, *CHAT_BUGS}), help="with this bug planted")
    return parser.parse_args()


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


def _play(seed: str) -> Counter[str]:
    if seed.startswith("walk:"):
        _, walk, point = seed.split(":")
        crash_at = int(point) or None
        take_chat_walk(crash_at) if walk == CHAT_WALK else take_walk(walk, crash_at)
        return Counter(walks=1)
    digest, counters = (run_chat_storm if seed.startswith("chat-") else run_storm)(seed)
    _say(f"{seed}: {counters[' -> requested']} purchases, {digest[:16]}")
    return counters


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
