"""The process that is measured, and what the kernel says that it took (Linux only)."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
MEGABYTE = 1024.0
STOP_SECONDS = 10.0


class Measured:
    """A running process."""

    def __init__(self, process: asyncio.subprocess.Process, log: Path) -> None:
        self._process = process
        self._log = log

    def cpu(self) -> float:
        """Give the seconds of CPU that it has used."""
        fields = self._read("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def resident(self) -> float:
        """Give the most memory that it has had resident, in MB."""
        lines = self._read("status").splitlines()
        return next(int(line.split()[1]) for line in lines if "VmHWM" in line) / MEGABYTE

    def _read(self, what: str) -> str:
        """Read one of the kernel's files on it.

        Raises:
            RuntimeError: it has ended; its log is in the text.
        """
        if self._process.returncode is not None:
            raise RuntimeError(f"the process ended:\n{self._log.read_text()[-2000:]}")
        return Path(f"/proc/{self._process.pid}/{what}").read_text()


@asynccontextmanager
async def started(
    module: str, *arguments: str, environment: Mapping[str, str], directory: Path
) -> AsyncIterator[Measured]:
    """Run `python -m module` in a directory, and end it afterwards."""
    log = directory / f"{module}.log"
    with log.open("wb") as written:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", module, *arguments),
            cwd=directory,
            env=dict(environment),
            stdout=written,
            stderr=written,
        )
    try:
        yield Measured(process, log)
    finally:
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    try:
        await asyncio.wait_for(process.wait(), STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()
