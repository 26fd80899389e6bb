"""(e) One process and two on PostgreSQL, beside each other."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy import make_url

from tests.bench.load import Bench, Figures, Load
from tests.postgres_server import postgres_server

OPEN = 4_000
WEBHOOK = {
    "webhook_url": "https://bench.invalid/telegram",
    "webhook_listen": "127.0.0.1:0",
}


async def compare(*, count: int = OPEN, seconds: float = 20.0) -> dict[int, Figures]:
    """Measure one process and then two with the same load; by the number of processes."""
    with _server() as server:
        return {
            processes: await _measure(server, processes, count, seconds) for processes in (1, 2)
        }


async def _measure(server: str, processes: int, count: int, seconds: float) -> Figures:
    name = f"bench_{uuid4().hex}"
    await _run(server, f"CREATE DATABASE {name}")
    url = make_url(server).set(database=name).render_as_string(hide_password=False)
    try:
        with tempfile.TemporaryDirectory(prefix="bench-") as directory:
            load = Load(count, seconds=seconds, codes_per_second=2.0)
            bench = Bench(load, Path(directory), url)
            return await bench.measure(processes=processes, settings=WEBHOOK)
    finally:
        await _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def _server() -> Iterator[str]:
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
    else:
        with postgres_server() as url:
            yield url


async def _run(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()
