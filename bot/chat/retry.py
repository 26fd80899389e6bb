"""Tries again when Telegram or the database fails: says so once, and once when it works again."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Coroutine
from datetime import timedelta
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

log = logging.getLogger(__name__)

Result = TypeVar("Result")

FIRST_PAUSE = 0.25
LONGEST_PAUSE = 30.0
CONFLICT_PAUSE = 3.0
EXPECTED = (TelegramError, SQLAlchemyError, OSError)


class TokenRefusedError(Exception):
    """Telegram does not know the bot's token; the text is one line for the operator."""


class Retry:
    """Attempts a step, and waits after a failure; `stop` ends every wait."""

    def __init__(self, what: str, stop: asyncio.Event) -> None:
        self._what = what
        self._stop = stop
        self._failures = 0
        self._told: bool | None = None

    async def attempt(self, step: Callable[[], Awaitable[None]]) -> bool:
        """Do a step; give whether it succeeded, after the pause that a failure asks for.

        Raises:
            TokenRefusedError: the token is wrong: trying again is of no use.
        """
        try:
            await step()
        except InvalidToken:
            raise TokenRefusedError(
                "TELEGRAM_BOT_TOKEN: refused by the Bot API at TELEGRAM_API_URL"
            ) from None
        except Exception as error:  # noqa: BLE001 - nothing may end the intake
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
        is_conflict = isinstance(error, Conflict)
        if self._told is is_conflict:
            return
        self._told = is_conflict
        if is_conflict:
            log.warning(
                "%s: another program uses this bot's token (409 Conflict): stop it, "
                "or give this bot a token of its own; trying again",
                self._what,
            )
        else:
            cause = f", {type(error.__cause__).__name__}" if error.__cause__ else ""
            unexpected = not isinstance(error, EXPECTED)
            log.warning(
                "%s fails (%s%s); trying again",
                self._what,
                type(error).__name__,
                cause,
                exc_info=unexpected,
            )

    def _pause(self, error: Exception) -> float:
        """Give the seconds to wait: what Telegram asks for, else twice as long each time."""
        if isinstance(error, RetryAfter):
            return seconds_of(error)
        if isinstance(error, Conflict):
            return CONFLICT_PAUSE
        longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** min(self._failures - 1, 10))
        return random.uniform(longest / 2, longest)  # noqa: S311 - jitter


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
