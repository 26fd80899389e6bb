"""What ends the process orderly, and what kills it."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.ops import stop_signal

ENDING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    """Also where the tests themselves are run under `nohup`."""
    before = {number: signal.getsignal(number) for number in ENDING}
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", ENDING)
async def test_the_first_signal_asks_for_an_orderly_end(number: signal.Signals) -> None:
    stop = stop_signal()
    os.kill(os.getpid(), number)
    async with asyncio.timeout(5):
        await stop.wait()


async def test_a_terminal_that_closes_never_kills_however_often_it_says_so() -> None:
    stop = stop_signal()
    for _ in range(3):
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await stop.wait()
    os.kill(os.getpid(), signal.SIGHUP)
    await asyncio.sleep(0)


async def test_a_bot_under_nohup_outlives_its_terminal() -> None:
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    stop = stop_signal()
    os.kill(os.getpid(), signal.SIGHUP)
    await asyncio.sleep(0)
    assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    assert not stop.is_set()


PROGRAM = """
import asyncio, os, signal
from bot.ops import stop, stop_signal

signal.signal(signal.SIGHUP, signal.SIG_DFL)

async def stopped_twice():
    stop.SAME_SECONDS = {same}
    stopping = stop_signal()
    os.kill(os.getpid(), signal.{first})
    await stopping.wait()
    await asyncio.sleep(0.1)
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.sleep(0.1)

asyncio.run(stopped_twice())
"""


@pytest.mark.parametrize("first", ["SIGTERM", "SIGHUP"])
@pytest.mark.parametrize(("same", "status"), [(0, -signal.SIGTERM), (60, 0)])
def test_a_second_signal_kills_unless_it_is_the_echo_of_the_first(
    first: str, same: float, status: int
) -> None:
    program = PROGRAM.format(same=same, first=first)
    ended = subprocess.run([sys.executable, "-c", program], check=False)  # noqa: S603 - our own
    assert ended.returncode == status
