"""Several replicas of the real bot on one PostgreSQL, behind a balancer, between both sandboxes."""

import asyncio
import contextlib
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types

from bot.sandbox.serve import serve
from bot.sandbox.spotsms import SpotSmsSandbox
from bot.sandbox.telegram import TelegramSandbox
from tests.crashes.crowd import Crowd
from tests.environment import KEY, OWNER, TOKEN, bot_environment
from tests.launcher import Launcher, Life
from tests.replicas.balancer import Balancer

START_SECONDS, STOP_SECONDS, LOOK_SECONDS = 60.0, 30.0, 0.02


@dataclass
class Seat:
    """Where a replica runs, one life after another."""

    address: str
    log: Path
    life: Life | None = None


@dataclass
class Fleet:
    """The replicas and the world around them; `kills` are Unix seconds."""

    telegram: TelegramSandbox
    spotsms: SpotSmsSandbox
    crowd: Crowd
    balancer: Balancer
    launcher: Launcher
    directory: Path
    environment: dict[str, str]
    seats: list[Seat]
    kills: list[float] = field(default_factory=list)

    async def start(self, seat: Seat) -> None:
        """Start a replica, and wait until it takes updates."""
        environment = self.environment | {"WEBHOOK_LISTEN": seat.address}
        seat.life = self.launcher.start(environment, self.directory, seat.log)
        async with asyncio.timeout(START_SECONDS):
            while not await _is_open(seat.address):  # noqa: ASYNC110 - another process
                await asyncio.sleep(LOOK_SECONDS)

    async def kill(self, seat: Seat) -> None:
        """End a replica as a power cut would."""
        if seat.life:
            self.kills.append(time.time())
            await seat.life.kill()
        seat.life = None

    async def stop(self, seat: Seat) -> int:
        """Stop a replica politely; give its exit status."""
        assert seat.life
        seat.life.send(signal.SIGTERM)
        async with asyncio.timeout(STOP_SECONDS):
            status = await seat.life.wait()
        seat.life = None
        return status

    def log(self) -> str:
        """Give all that all replicas have logged."""
        return "".join(seat.log.read_text(errors="replace") for seat in self.seats)

    def rows(self, query: str) -> list[Any]:
        """Read the bot's database; both sandboxes wait meanwhile."""
        with ThreadPoolExecutor(1) as thread:
            url = self.environment["DATABASE_URL"]
            return thread.submit(asyncio.run, _fetch(url, query)).result()

    async def verify_ledger(self) -> str:
        """Have the bot verify its ledger; give what it says is wrong."""
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", "verify-ledger"),
            env=self.environment,
            cwd=self.directory,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return said.decode() if process.returncode else ""


@contextlib.asynccontextmanager
async def fleet(
    count: int, database_url: str, directory: Path, launcher: Launcher, seed: int
) -> AsyncIterator[Fleet]:
    """Set up a world with so many seats; no replica is started yet."""
    telegram = TelegramSandbox(token=TOKEN)
    telegram.add_user(OWNER, "Olga")
    telegram.open_private(OWNER)
    spotsms = SpotSmsSandbox(keys={KEY}, balance="100000.00", seed=seed)
    crowd = Crowd(telegram, spotsms, seed)
    ports = _free_ports(count)
    seats = [Seat(f"127.0.0.1:{port}", directory / f"bot-{port}.log") for port in ports]
    balancer = Balancer([seat.address for seat in seats])
    async with (
        serve(telegram.application()) as telegram_url,
        serve(spotsms.application()) as spotsms_url,
        balancer.listening(),
    ):
        environment = bot_environment(
            telegram_url,
            spotsms_url,
            database_url=database_url,
            webhook_url=f"{balancer.url}/updates",
            poll_interval=1,
            spotsms_timeout=2,
            activation_ttl=60,
            daily_limit=900000,
            max_active_per_user=100000,
            log_level="INFO",
        )
        one = Fleet(telegram, spotsms, crowd, balancer, launcher, directory, environment, seats)
        try:
            yield one
        finally:
            for seat in seats:
                if seat.life:
                    await seat.life.kill()


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [probe.getsockname()[1] for probe in probes]


async def _is_open(address: str) -> bool:
    host, _, port = address.partition(":")
    try:
        _, writer = await asyncio.open_connection(host, int(port))
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def _fetch(url: str, query: str) -> list[Any]:
    connection = await asyncpg.connect(url)
    try:
        found: list[Any] = await connection.fetch(query)
    finally:
        await connection.close()
    return found
