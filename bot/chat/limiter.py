"""Interactive calls: they leave at once, keep Telegram's cool-downs, and give up early.

A message then waits in the outbox; an edit is given up.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
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
PATIENT = frozenset({"answercallbackquery", "getchatadministrators"})
"""Without them a person is left waiting, or an admin is taken for none."""

Answer = bool | dict[str, Any] | list[dict[str, Any]]
Call = Callable[[], Coroutine[Any, Any, Answer]]
Keep = Callable[[int, Mapping[str, Any]], Awaitable[None]]
"""Keeps a message to a chat, with the parameters of sendMessage, until it can be sent."""


class Postponed(RetryAfter):
    """The message goes out later, from the outbox."""


class InteractiveLimiter(BaseRateLimiter[Mapping[str, bool]]):
    """Lets calls pass, but for those that post to a chat which Telegram told us to leave alone."""

    def __init__(self, pacing: Pacing, meter: Meter, keep: Keep) -> None:
        self._pacing = pacing
        self._meter = meter
        self._keep = keep

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
            Postponed: it was a message, and goes out later.
            RetryAfter: the chat must be left alone for longer than a person waits.
            NetworkError: Telegram is away for longer than that.
        """
        chat_id, name = data.get("chat_id"), endpoint.lower()
        call = partial(callback, *args, **kwargs)
        if rate_limit_args and rate_limit_args.get("paced"):
            return await call()
        if name in PATIENT:
            return await _persist(call)
        if not isinstance(chat_id, int) or not _posts(name):
            return await call()
        try:
            return await self._post(chat_id, call)
        except (RetryAfter, NetworkError) as error:
            if name != "sendmessage" or not _may_go_later(error):
                raise
        await self._keep(chat_id, data)
        raise Postponed(0)

    async def _post(self, chat_id: int, call: Call) -> Answer:
        return await _persist(partial(self._attempt, chat_id, call))

    async def _attempt(self, chat_id: int, call: Call) -> Answer:
        await self._cool_down(chat_id)
        self._pacing.note_answered(chat_id)
        try:
            return await call()
        except RetryAfter as error:
            self._pacing.note_flood(chat_id, seconds_of(error))
            self._meter.count("telegram_floods")
            raise

    async def _cool_down(self, chat_id: int) -> None:
        wait = self._pacing.forced_wait(chat_id)
        if wait > LONGEST_WAIT:
            raise RetryAfter(timedelta(seconds=wait))
        if wait:
            await asyncio.sleep(wait)


async def _persist(call: Call) -> Answer:
    """Insist on a call, and make it once more after a short 429."""
    try:
        return await _insist(call)
    except RetryAfter as error:
        pause = seconds_of(error)
        if pause > LONGEST_RETRY:
            raise
    await asyncio.sleep(pause)
    return await call()


async def _insist(call: Call) -> Answer:
    """Repeat a call that fails on its way: a menu that is shown twice is better than none."""
    for pause in PAUSES:
        try:
            return await call()
        except NetworkError as error:
            if isinstance(error, BadRequest | TimedOut):
                raise
        await asyncio.sleep(pause)
    return await call()


def _may_go_later(error: RetryAfter | NetworkError) -> bool:
    """Tell whether Telegram has not taken it and may yet: not where nobody knows."""
    return not isinstance(error, BadRequest | TimedOut)


def _posts(name: str) -> bool:
    return name.startswith(POSTING) and name not in NOT_POSTING
