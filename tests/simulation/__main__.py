"""Replay one seed, or play many: `python -m tests.simulation --seed 7`, `--seeds 200`."""

import argparse
import logging
import sys
import time
from collections import Counter

from tests.simulation.storm import run_storm
from tests.simulation.world import BrokenPromiseError


def main() -> int:
    """Play, and say what happened."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation")
    parser.add_argument("--seed", help="play this seed alone")
    parser.add_argument("--seeds", type=int, default=1, help="play so many seeds")
    arguments = parser.parse_args()
    logging.getLogger("sqlalchemy").setLevel(logging.CRITICAL + 1)  # rollbacks of dead processes
    seeds = [arguments.seed] if arguments.seed else [str(n) for n in range(arguments.seeds)]
    total: Counter[str] = Counter()
    began = time.monotonic()
    broken = 0
    for seed in seeds:
        try:
            digest, counters = run_storm(seed)
        except BrokenPromiseError as error:
            broken += 1
            _say(str(error))
        else:
            total += counters
            _say(f"seed {seed}: {counters[' -> requested']} purchases, {digest[:16]}")
    for what, count in sorted(total.items()):
        _say(f"{count:8} {what}")
    seconds = time.monotonic() - began
    _say(
        f"{len(seeds)} seeds, {broken} broken, {total[' -> requested']} purchases, {seconds:.0f} s"
    )
    return 1 if broken else 0


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
