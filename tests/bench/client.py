"""(b) What a look costs: our client beside a bare aiohttp loop, in CPU time of this process."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import aiohttp

from bot.provider import SpotSms, tls_context
from tests.bench.http import certificate, serving_elsewhere
from tests.bench.spotsms import NO_SMS

KEY = "test-key-of-nobody-test-key-of-nobody"
AT_ONCE = 50

Look = Callable[[int], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds of one look, ours and the bare loop's, and the median ratio of a round."""

    ours: float
    bare: float
    ratio: float


async def compare(*, looks: int = 2000, rounds: int = 5, tls: bool = False) -> Cost:
    """Take turns, and give the medians."""
    async with AsyncExitStack() as stack:
        pem = None
        if tls:
            pem = certificate(Path(stack.enter_context(TemporaryDirectory(prefix="bench-"))))
            tls_context().load_verify_locations(pem)
        url = await stack.enter_async_context(serving_elsewhere(NO_SMS.decode(), pem))
        client = await stack.enter_async_context(SpotSms(f"{url}/api.php", KEY, timeout=20.0))
        connector = aiohttp.TCPConnector(limit=100, ssl=tls_context())
        session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
        ours, bare = _ours(client), _bare(session, url)
        await _cost(ours, looks // 4)
        await _cost(bare, looks // 4)
        costs = [(await _cost(ours, looks), await _cost(bare, looks)) for _ in range(rounds)]
    return Cost(
        median(ours for ours, _ in costs),
        median(bare for _, bare in costs),
        median(ours / bare for ours, bare in costs),
    )


def _ours(client: SpotSms) -> Look:
    return lambda index: client.get_message(f"+1202{index:07d}", "0003", f"rs-{index}")


def _bare(session: aiohttp.ClientSession, url: str) -> Look:
    async def look(index: int) -> None:
        query = f"action=getMsg&pn=%2B1202{index:07d}&pid=0003&rsid=rs-{index}&apikey={KEY}"
        async with session.get(f"{url}/api.php?{query}") as response:
            json.loads(await response.read())

    return look


async def _cost(look: Look, looks: int) -> float:
    """Give the CPU seconds of one look, over so many, some of them at once."""
    indices = iter(range(looks))

    async def work() -> None:
        for index in indices:
            await look(index)

    begun = time.process_time()
    await asyncio.gather(*(work() for _ in range(AT_ONCE)))
    return (time.process_time() - begun) / looks


async def report(*, quick: bool) -> dict[str, Cost]:
    """Compare without and with TLS."""
    rounds = 3 if quick else 7
    return {
        "plain": await compare(rounds=rounds),
        "TLS": await compare(rounds=rounds, tls=True),
    }
