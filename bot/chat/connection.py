"""The way to Telegram: python-telegram-bot's calls over aiohttp, at a third of what httpx costs.

Every call is a POST, which aiohttp writes once: only idempotent methods does it send again.
"""

import io
import json
from typing import Any, Final

import aiohttp
from telegram.error import NetworkError, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.provider import tls_context

CONNECT_SECONDS: Final = 5.0
WRITE_SECONDS: Final = 10.0
UPLOAD_SECONDS: Final = 20.0
POOL_SECONDS: Final = 5.0


class Connection(BaseRequest):
    """What python-telegram-bot sends requests with; nothing is taken from the environment."""

    def __init__(self, size: int, *, read_seconds: float, proxy: str | None = None) -> None:
        """Connect when initialized.

        Args:
            size: how many requests may be open at once.
            read_seconds: how long Telegram may be silent.
            proxy: the URL of an HTTP proxy.
        """
        self._size = size
        self._read_seconds = read_seconds
        self._proxy = proxy
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> float:
        """How long Telegram may be silent (s)."""
        return self._read_seconds

    async def initialize(self) -> None:
        """Get ready to connect."""
        if self._session is None:
            connector = aiohttp.TCPConnector(limit=self._size, ssl=tls_context())
            self._session = aiohttp.ClientSession(
                connector=connector, cookie_jar=aiohttp.DummyCookieJar()
            )

    async def shutdown(self) -> None:
        """Close all connections."""
        session, self._session = self._session, None
        if session:
            await session.close()

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        *_: object,
        **__: object,
    ) -> tuple[int, bytes]:
        """Ask once, and give the HTTP status and the body; a call's own timeouts do not count.

        Raises:
            TimedOut: no answer came; Telegram may have done what was asked.
            NetworkError: the same, for another reason.
        """
        if self._session is None:
            raise RuntimeError("the connection is not initialized")
        asking = self._session.request(
            method,
            url,
            headers={"User-Agent": self.USER_AGENT},
            data=_body(request_data),
            proxy=self._proxy,
            timeout=self._patience(request_data),
            allow_redirects=False,
        )
        try:
            async with asking as response:
                return response.status, await response.read()
        except TimeoutError as error:
            raise TimedOut from error
        except (aiohttp.ClientError, OSError) as error:
            raise NetworkError(type(error).__name__) from error

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """Give the Bot API's answer.

        Raises:
            TelegramError: it is not the Bot API's; something on the way has answered.
        """
        try:
            answer = json.loads(payload.decode(errors="replace"))
        except (ValueError, RecursionError):
            raise TelegramError("Invalid server response") from None
        if not isinstance(answer, dict) or not {"result", "description"} & answer.keys():
            raise TelegramError("Invalid server response")
        return answer

    def _patience(self, request_data: RequestData | None) -> aiohttp.ClientTimeout:
        has_files = request_data is not None and request_data.contains_files
        writing = UPLOAD_SECONDS if has_files else WRITE_SECONDS
        connecting = POOL_SECONDS + CONNECT_SECONDS
        return aiohttp.ClientTimeout(
            total=connecting + writing + self._read_seconds,
            connect=connecting,
            sock_connect=CONNECT_SECONDS,
            sock_read=self._read_seconds,
        )


def _body(request_data: RequestData | None) -> aiohttp.FormData | None:
    """Give the parameters as a form, in parts where files are among them."""
    if request_data is None:
        return None
    form = aiohttp.FormData(request_data.json_parameters, quote_fields=False)
    if request_data.contains_files:
        for name, (filename, content, kind) in request_data.multipart_data.items():
            # From a stream it is read piece by piece: as bytes aiohttp warns of more than 1 MB.
            stream = io.BytesIO(content) if isinstance(content, bytes) else content
            form.add_field(name, stream, filename=filename, content_type=kind)
    return form
