"""How bots of this kind are built: one JobQueue job per activation, and one httpx client.

Run as a module: URL of the Bot API, URL of SpotSMS, interval (s), then as JSON the seconds from the
start at which each number is first looked at.
"""

import asyncio
import json
import sys
from functools import partial
from typing import Any

import httpx
from telegram.ext import Application, CallbackContext

from tests.bench.seed import number_of
from tests.environment import KEY, TOKEN

Context = CallbackContext[Any, Any, Any, Any]


async def look(client: httpx.AsyncClient, url: str, context: Context) -> None:
    """Ask for the SMS of one number; what fails is tried again at the next time."""
    assert context.job
    query = {"action": "getMsg", "pn": str(context.job.data), "pid": "0001", "apikey": KEY}
    try:
        (await client.get(url, params=query)).json()
    except (httpx.HTTPError, ValueError) as error:
        sys.stderr.write(f"{type(error).__name__}\n")


async def run(telegram_url: str, spotsms_url: str, interval: float, firsts: list[float]) -> None:
    """Look until killed."""
    application = Application.builder().token(TOKEN).base_url(f"{telegram_url}/bot").build()
    assert application.job_queue
    async with httpx.AsyncClient() as client, application:
        for index, first in enumerate(firsts):
            application.job_queue.run_repeating(
                partial(look, client, f"{spotsms_url}/api-data.php"),
                interval=interval,
                first=first,
                data=number_of(index),
                name=str(index),
            )
        await application.start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(run(sys.argv[1], sys.argv[2], float(sys.argv[3]), json.loads(sys.argv[4])))
