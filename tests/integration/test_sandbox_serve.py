"""A sandbox is served on loopback for as long as its block lasts."""

from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web

from bot.sandbox.serve import serve


async def hello(_: web.Request) -> web.Response:
    return web.Response(text="hello")


def application() -> web.Application:
    made = web.Application()
    made.router.add_get("/", hello)
    return made


async def test_it_answers_on_loopback_at_a_free_port() -> None:
    async with serve(application()) as url, aiohttp.ClientSession() as session:
        assert urlsplit(url).hostname == "127.0.0.1"
        async with session.get(url) as answer:
            assert await answer.text() == "hello"


async def test_it_takes_the_port_that_it_is_given() -> None:
    async with serve(application()) as url:
        port = urlsplit(url).port
    assert port
    async with serve(application(), port) as url:
        assert urlsplit(url).port == port


async def test_a_taken_port_is_an_error() -> None:
    async with serve(application()) as url:
        with pytest.raises(OSError, match="address already in use"):
            async with serve(application(), urlsplit(url).port or 0):
                pass


async def test_nothing_answers_after_the_block() -> None:
    async with serve(application()) as url:
        pass
    async with aiohttp.ClientSession() as session:
        with pytest.raises(aiohttp.ClientConnectionError):
            await session.get(url)
