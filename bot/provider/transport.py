"""The two ways to SpotSMS, and one exchange over either.

The call that spends money is a GET, and HTTP libraries send a GET again when its connection
dies: aiohttp does, once, without a word. So purchases and cancels take plain httpx, where a
request has a connection to itself and is written once. Everything else, harmless to repeat,
takes aiohttp, which carries far more requests per second.
"""

import asyncio
import functools
import re
import ssl
from copy import copy
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Literal, Self

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport

from bot.provider.errors import NotSent, OutcomeUnknown, ProviderError

MEGABYTE: Final = 1_000_000

# What plain httpx raises before it has written a byte. Over aiohttp the same names mean less:
# a connection that died after the request reads as ConnectTimeout.
NEVER_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
)

MAX_URL: Final = 65_536
"""Characters; httpx takes no longer one."""

_HEADERS: Final = {"Accept": "application/json", "User-Agent": "spotsms-bot"}
_PACKED: Final = {"Accept-Encoding": "gzip, deflate"}
_SECONDS = re.compile(r"\s*([0-9]{1,6})\s*")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back over HTTP.

    Attributes:
        status: HTTP status.
        body: the whole body, unpacked.
        retry_after: seconds from the header of that name, if it has a number.
    """

    status: int
    body: bytes
    retry_after: float | None


@functools.cache
def tls_context() -> ssl.SSLContext:
    """Give the TLS settings of all clients; reading the certificates takes a while, so once."""
    return httpx.create_ssl_context(trust_env=False)


def spending_client(connect_timeout: float) -> httpx.AsyncClient:
    """Give a client that sends each request exactly once, on a connection of its own."""
    transport = httpx.AsyncHTTPTransport(
        verify=tls_context(),
        trust_env=False,
        retries=0,
        limits=httpx.Limits(max_keepalive_connections=0),
    )
    return httpx.AsyncClient(
        transport=transport,
        headers=_HEADERS | {"Connection": "close"},
        timeout=httpx.Timeout(None, connect=connect_timeout),
        trust_env=False,
        follow_redirects=False,
    )


def reading_client(connections: int) -> "ReadingClient":
    """Give a client for many requests that may be repeated; it may do so by itself."""

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=connections, ssl=tls_context())
        return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())

    return ReadingClient(AiohttpTransport(verify=tls_context(), trust_env=False, client=session))


class ReadingClient:
    """As much of `httpx.AsyncClient` as a plain GET needs, at half its cost.

    Of each look, httpx spent more time on cookies, redirects, hooks, and on parsing a URL that
    the transport parses again, than on the request itself.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport
        self._blank = httpx.Request("GET", "", headers=_HEADERS | _PACKED)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def build_request(self, method: str, url: str) -> httpx.Request:
        """Give the request for a URL in which everything is encoded already.

        Raises:
            httpx.InvalidURL: it is too long.
        """
        if len(url) > MAX_URL:
            raise httpx.InvalidURL("too long")
        request = copy(self._blank)
        request.method = method
        request.url = _Encoded(url)
        return request

    async def send(self, request: httpx.Request, *, stream: Literal[True]) -> httpx.Response:
        """Give the response; its body is always a stream, still to be read."""
        del stream
        return await self._transport.handle_async_request(request)

    async def aclose(self) -> None:
        """Close its connections."""
        await self._transport.aclose()


class _Encoded(httpx.URL):
    """A URL as it is to be sent; the transport asks for no more than its text."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


async def exchange(
    client: httpx.AsyncClient | ReadingClient,
    url: str,
    *,
    seconds: float,
    max_bytes: int,
    never_sent: tuple[type[Exception], ...] = (),
) -> Reply:
    """Ask once and give the reply, whatever its status.

    Args:
        client: one of the two above.
        url: with its query.
        seconds: the time for the whole call, connecting and reading the body included.
        max_bytes: a longer body counts as garbage.
        never_sent: what this client raises when nothing has left.

    Raises:
        NotSent: nothing reached the provider.
        OutcomeUnknown: it may have, and no usable reply came back.
    """
    request = _build(client, url)
    try:
        async with asyncio.timeout(seconds):
            response = await client.send(request, stream=True)
            try:
                body = await _read(response, max_bytes)
            finally:
                await response.aclose()
    except ProviderError:
        raise
    except never_sent as error:
        raise NotSent(type(error).__name__) from None
    except Exception as error:  # noqa: BLE001 - sockets, TLS, HTTP and unpacking fail in many ways
        raise OutcomeUnknown(type(error).__name__) from None
    return Reply(response.status_code, body, _retry_after(response))


def _build(client: httpx.AsyncClient | ReadingClient, url: str) -> httpx.Request:
    try:
        return client.build_request("GET", url)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise NotSent(type(error).__name__) from None


async def _read(response: httpx.Response, max_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in response.aiter_bytes():
        body += chunk
        if len(body) > max_bytes:
            raise OutcomeUnknown(f"HTTP {response.status_code}, a body without end")
    return bytes(body)


def _retry_after(response: httpx.Response) -> float | None:
    match = _SECONDS.fullmatch(response.headers.get("Retry-After", ""))
    return float(match[1]) if match else None
