"""Interactive calls: they leave at once, keep Telegram's cool-downs, and give up early."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from functools import partial
from typing import Any, Final

from telegram.error import BadRequest, NetworkError, RetryAfter, TimedOut
from telegram.ext import BaseRateLimiter

from bot.chat.pacing import Pacing
from bot.chat.retry import seconds_of
from bot.workflows.ports import Meter

PACED: Final = {"paced": True}
"""As `rate_limit_args`: the caller has asked the pacing and notes the outcome itself."""

LONGEST_WAIT = 3.0
LONGEST_RETRY = 3.0
PAUSES = (0.3, 0.7, 1.5)
"""Seconds after a failure on the way to Telegram: longer than this nobody waits for a menu."""
POSTING = ("send", "edit", "copy", "forward")
NOT_POSTING = frozenset({"sendchataction"})

Answer = bool | dict[str, Any] | list[dict[str, Any]]


class InteractiveLimiter(BaseRateLimiter[Mapping[str, bool]]):
    """Lets calls pass, but for those that post to a chat which Telegram told us to leave alone."""

    def __init__(self, pacing: Pacing, meter: Meter) -> None:
        self._pacing = pacing
        self._meter = meter

    async def initialize(self) -> None:
        """Need nothing."""

    async def shutdown(self) -> None:
        """Leave nothing behind."""

    async def process_request(  # noqa: PLR0917 - the signature is python-telegram-bot's
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,  # noqa: ANN401 - the signature is python-telegram-bot's
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Mapping[str, bool] | None,
    ) -> Answer:
        """Make a call, once more after a short 429, and more often if it fails on its way.

        Raises:
            RetryAfter: the chat must be left alone for longer than a person waits.
            NetworkError: Telegram is away for longer than that.
        """
        chat_id = data.get("chat_id")
        is_paced = bool(rate_limit_args and rate_limit_args.get("paced"))
        if is_paced or not isinstance(chat_id, int) or not _posts(endpoint):
            return await callback(*args, **kwargs)
        call = partial(self._call, chat_id, callback, args, kwargs)
        try:
            return await _insist(call)
        except RetryAfter as error:
            if seconds_of(error) > LONGEST_RETRY:
                raise
        return await call()

    async def _cool_down(self, chat_id: int) -> None:
        wait = self._pacing.forced_wait(chat_id)
        if wait > LONGEST_WAIT:
            raise RetryAfter(timedelta(seconds=wait))
        if wait:
            await asyncio.sleep(wait)

    async def _call(
        self,
        chat_id: int,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,  # noqa: ANN401 - the signature is python-telegram-bot's
        kwargs: dict[str, Any],
    ) -> Answer:
        await self._cool_down(chat_id)
        self._pacing.note_sent(chat_id)
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._pacing.note_flood(chat_id, seconds_of(error))
            self._meter.count("telegram_floods")
            raise


async def _insist(call: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
    """Repeat a call that fails on its way: a menu that is shown twice is better than none."""
    for pause in PAUSES:
        try:
            return await call()
        except NetworkError as error:
            if isinstance(error, BadRequest | TimedOut):
                raise
        await asyncio.sleep(pause)
    return await call()


def _posts(endpoint: str) -> bool:
    name = endpoint.lower()
    return name.startswith(POSTING) and name not in NOT_POSTING
