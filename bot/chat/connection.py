"""The way to Telegram: one set of TLS settings, nothing taken from the environment."""

from typing import Any, Final

from telegram.request import HTTPXRequest

from bot.provider import tls_context

CONNECT_SECONDS: Final = 5.0
WRITE_SECONDS: Final = 10.0
POOL_SECONDS: Final = 5.0


def connection(size: int, *, read_seconds: float, proxy: str | None) -> HTTPXRequest:
    """Give what python-telegram-bot sends requests with.

    Args:
        size: how many requests may be open at once.
        read_seconds: how long Telegram may be silent.
        proxy: the URL of a proxy.
    """
    # Reading the certificates takes longer than all else at a start: what has read them shares.
    httpx_kwargs: dict[str, Any] = {"trust_env": False, "verify": tls_context()}
    return HTTPXRequest(
        connection_pool_size=size,
        connect_timeout=CONNECT_SECONDS,
        read_timeout=read_seconds,
        write_timeout=WRITE_SECONDS,
        pool_timeout=POOL_SECONDS,
        proxy=proxy,
        httpx_kwargs=httpx_kwargs,
    )
