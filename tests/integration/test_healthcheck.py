"""The container's health check asks the bot itself."""

import asyncio
import os
import socket
import sys
from pathlib import Path

import pytest

from bot.ops import Metrics, OpsServer, serve
from bot.storage.database import Database

ROOT = Path(__file__).parents[2]


async def check(listen: str) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "deploy" / "healthcheck.py"),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "OPS_LISTEN": listen},
    )
    return await asyncio.wait_for(process.wait(), 30)


@pytest.mark.parametrize("host", ["127.0.0.1", "", "0.0.0.0"])  # noqa: S104 - what people set
async def test_a_bot_that_works_is_healthy_and_one_without_its_workers_is_not(
    host: str, tmp_path: Path
) -> None:
    worker: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    workers = {"watching": asyncio.ensure_future(_until(worker))}
    async with Database(f"sqlite:///{tmp_path}/bot.db") as database:
        ops = OpsServer(database, Metrics(), workers)
        async with serve(ops.application, "127.0.0.1:0", "OPS_LISTEN") as address:
            listen = f"{host}:{address.rpartition(':')[2]}"
            assert await check(listen) == 0

            worker.set_result(None)
            await workers["watching"]
            assert await check(listen) == 1


async def _until(done: asyncio.Future[None]) -> None:
    await done


async def test_a_bot_that_does_not_listen_is_not_healthy() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert await check(f"127.0.0.1:{closed.getsockname()[1]}") == 1


async def test_a_bot_that_was_told_not_to_listen_is_not_asked() -> None:
    assert await check("") == 0
