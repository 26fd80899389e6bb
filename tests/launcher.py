"""Starts the real bot quickly and often: its modules are imported once, each life is a fork.

Run as a module it reads one JSON object per line (`environment`, `directory`, `log`) and answers
with the process id of a child, which is the bot as `python -m bot run` starts it, less the second
that imports take.
"""

import asyncio
import contextlib
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
LOOK_SECONDS = 0.005
IMPORTED_LATE = ("aiosqlite", "anyio._backends._asyncio", "bot.storage.migrate", "httpcore")
"""What is imported only where work begins that needs it."""
KILLED = -int(signal.SIGKILL)


class Life:
    """One process of the bot."""

    def __init__(self, process_id: int, status: Path) -> None:
        self._process_id = process_id
        self._status = status

    async def wait(self) -> int:
        """Wait until it has ended; give its exit status, -9 where it was killed."""
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.kill(self._process_id, 0)
                await asyncio.sleep(LOOK_SECONDS)
        return int(self._status.read_text()) if self._status.exists() else KILLED

    def send(self, number: signal.Signals) -> None:
        """Send a signal, if it still lives."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process_id, number)

    async def kill(self) -> None:
        """End it as a power cut would."""
        self.send(signal.SIGKILL)
        await self.wait()


class Launcher:
    """The process that has everything imported; warnings are errors in it."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.launcher"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(self, environment: Mapping[str, str], directory: Path, log: Path) -> Life:
        """Begin a life in a directory; what it prints is added to the log."""
        status = log.with_suffix(".status")
        status.unlink(missing_ok=True)
        order = {"environment": dict(environment), "directory": str(directory), "log": str(log)}
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return Life(int(self._process.stdout.readline()), status)

    def close(self) -> None:
        """End the launcher; lives that it began go on."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def main() -> None:
    """Serve until the input ends."""
    from bot.cli import main as command_line

    _spare_the_children()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        process = os.fork()
        if process == 0:
            _become_the_bot(order)
            status = 0
            try:
                command_line()
            except SystemExit as end:
                status = end.code if isinstance(end.code, int) else 1
            Path(order["log"]).with_suffix(".status").write_text(str(status))
            os._exit(status)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


def _spare_the_children() -> None:
    """Do what is the same in every life: read modules and certificates, sort out garbage."""
    for name in ("bot.app", *IMPORTED_LATE):
        importlib.import_module(name)
    from bot.provider import tls_context

    tls_context()
    gc.collect()
    gc.freeze()


def _become_the_bot(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    kept = os.environ["PTB_TIMEDELTA"]  # as the package sets it when it is imported
    os.environ.clear()
    os.environ.update(order["environment"], PTB_TIMEDELTA=kept)
    os.chdir(order["directory"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for wanted, given in ((0, nothing), (1, log), (2, log)):
        os.dup2(given, wanted)
    sys.argv = ["spotsms-bot", "run"]


if __name__ == "__main__":
    main()
