"""Kill replicas in turn under load, and compare the books: `python -m tests.replicas`."""

import argparse
import asyncio
import json
import sys
import tempfile
from pathlib import Path

from tests.launcher import Launcher
from tests.postgres_server import postgres_server
from tests.replicas.fleet import fleet
from tests.replicas.storm import Result, storm


async def _run(options: argparse.Namespace, database_url: str, launcher: Launcher) -> Result:
    with tempfile.TemporaryDirectory(prefix="replicas-") as name:
        world = fleet(options.replicas, database_url, Path(name), launcher, options.seed)
        async with world as one:
            return await storm(one, options.minutes * 60, options.kill_every)


def main() -> None:
    """Run from the shell; the exit code tells whether something was wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--kill-every", type=float, default=20.0, help="seconds")
    parser.add_argument("--replicas", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    launcher = Launcher()
    with postgres_server() as database_url:
        result = asyncio.run(_run(options, database_url, launcher))
    launcher.close()
    sys.stdout.write(json.dumps(result.shown(), indent=2) + "\n")
    sys.exit(1 if result.problems else 0)


if __name__ == "__main__":
    main()
