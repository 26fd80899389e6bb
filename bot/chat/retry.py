"""Tries again when Telegram or the database fails: says so once, and once when it works again."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from telegram.error import BadRequest, Conflict, InvalidToken, RetryAfter, TelegramError

from bot.storage.database import DATABASE_ERRORS

log = logging.getLogger(__name__)

Result = TypeVar("Result")

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
DATABASE_PAUSE = 1.0
"""The bot's own database is asked again and again anyway: people wait for it."""
CONFLICT_PAUSE = 3.0
EXPECTED = (TelegramError, *DATABASE_ERRORS)


class TokenRefusedError(Exception):
    """Telegram does not know the bot's token; the text is one line for the operator."""


class Retry:
    """Attempts a step, and waits after a failure; `stop` ends every wait.

    Args:
        what: is attempted, in words for the log.
        stop: ends every wait.
        is_first: Telegram has not taken the token yet: where it refuses it, trying again is of no
            use. Once it has, such an answer is an outage like any other.
    """

    def __init__(self, what: str, stop: asyncio.Event, *, is_first: bool = False) -> None:
        self._what = what
        self._stop = stop
        self._is_first = is_first
        self._failures = 0
        self._told: type[Exception] | None = None

    async def attempt(self, step: Callable[[], Awaitable[None]]) -> bool:
        """Do a step; give whether it succeeded, after the pause that a failure asks for.

        Raises:
            TokenRefusedError: the token is wrong.
        """
        try:
            await step()
        except Exception as error:  # noqa: BLE001 - nothing may end the intake
            if self._is_first and _refuses_token(error):
                raise TokenRefusedError(
                    "TELEGRAM_BOT_TOKEN: refused by the Bot API at TELEGRAM_API_URL"
                ) from None
            self._complain(error)
            self._failures += 1
            await unless(self._stop, asyncio.sleep(self._pause(error)))
            return False
        if self._failures:
            log.warning("%s works again", self._what)
        self._failures = 0
        self._told = None
        return True

    def _complain(self, error: Exception) -> None:
        kind = type(error) if isinstance(error, BadRequest | Conflict) else Exception
        if self._told is kind:
            return
        self._told = kind
        if kind is Conflict:
            log.warning(
                "%s: another program uses this bot's token (409 Conflict): stop it, "
                "or give this bot a token of its own; trying again",
                self._what,
            )
        else:
            unexpected = not isinstance(error, EXPECTED)
            log.warning("%s fails (%s); trying again", self._what, _why(error), exc_info=unexpected)

    def _pause(self, error: Exception) -> float:
        """Give the seconds to wait: what Telegram asks for, else twice as long each time."""
        if isinstance(error, RetryAfter):
            return seconds_of(error)
        if isinstance(error, Conflict):
            return CONFLICT_PAUSE
        most = DATABASE_PAUSE if isinstance(error, DATABASE_ERRORS) else LONGEST_PAUSE
        longest = min(most, FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10))
        return random.uniform(longest / 2, longest)  # noqa: S311 - jitter


def _refuses_token(error: Exception) -> bool:
    """Tell whether the Bot API's own JSON says so, not a page of something on the way to it."""
    # python-telegram-bot wraps getMe's refusal in another one at the start.
    refusal = error.__cause__ if isinstance(error.__cause__, InvalidToken) else error
    return isinstance(refusal, InvalidToken) and refusal.__cause__ is None


def _why(error: Exception) -> str:
    """Give Telegram's words for what it refuses, else the kinds alone: a text may hold a URL."""
    if isinstance(error, BadRequest) and error.__cause__ is None:
        return f"BadRequest: {error.message}"
    cause = f", {type(error.__cause__).__name__}" if error.__cause__ else ""
    return type(error).__name__ + cause


def seconds_of(error: RetryAfter) -> float:
    """Give the seconds that Telegram asks to wait: python-telegram-bot has two ways to say it."""
    pause = error.retry_after
    return pause.total_seconds() if isinstance(pause, timedelta) else float(pause)


async def unless(stop: asyncio.Event, work: Coroutine[Any, Any, Result]) -> Result | None:
    """Give what the work gives, or cancel it and give None as soon as `stop` is set."""
    task = asyncio.create_task(work)
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        stopped.cancel()
        await asyncio.gather(task, stopped, return_exceptions=True)
