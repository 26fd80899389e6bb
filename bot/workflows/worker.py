"""Workers do a step whenever their bell rings; money calls are waited for at the end."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy.exc import DataError, IntegrityError

from bot.storage.database import DATABASE_ERRORS

log = logging.getLogger(__name__)

Result = TypeVar("Result")

IDLE_SECONDS = 1.0
PAUSE_SECONDS = 1.0


_REFUSED_FOR_GOOD = frozenset({"22", "54"})
"""PostgreSQL's classes of errors for data that it cannot hold: SQLAlchemy has no name for them."""


async def patiently(
    what: str,
    action: Callable[[], Awaitable[Result]],
    *,
    is_hopeless: Callable[[Exception], bool] = lambda _: False,
    gives_up: Callable[[], bool] = lambda: False,
) -> Result:
    """Repeat an action until the database takes it: doing it twice must be harmless.

    Args:
        what: is done, in words for the log.
        action: the transaction.
        is_hopeless: tells what would be so for ever.
        gives_up: it is not worth waiting for any more.

    Raises:
        DATABASE_ERRORS: it is hopeless, or given up.
    """
    while True:
        try:
            return await action()
        except DATABASE_ERRORS as error:
            if is_hopeless(error) or gives_up():
                raise
            log.warning("%s: the database fails (%s), again soon", what, type(error).__name__)
            await asyncio.sleep(PAUSE_SECONDS)


async def surely(
    what: str,
    outcome: Callable[[], Awaitable[Result]],
    *,
    gives_up: Callable[[], bool] = lambda: False,
) -> Result:
    """Write what others have answered, however long the database is away: else it would be lost.

    Raises:
        DATABASE_ERRORS: it refuses this for good, or it was given up.
    """
    return await patiently(what, outcome, is_hopeless=_is_refused_for_good, gives_up=gives_up)


def _is_refused_for_good(error: Exception) -> bool:
    if isinstance(error, DataError | IntegrityError):
        return True
    state = str(getattr(getattr(error, "orig", None), "sqlstate", None))
    return state[:2] in _REFUSED_FOR_GOOD


class Signals:
    """One bell per worker, rung by whoever adds work; the beat rings for what time makes due."""

    def __init__(self) -> None:
        self.polls = asyncio.Event()
        self.cancels = asyncio.Event()
        self.outbox = asyncio.Event()

    def beat(self, *, others_write: bool = False) -> None:
        """Ring for looks and cancellations; the outbox knows by itself when it may go on.

        Args:
            others_write: other replicas may have put something into the outbox.
        """
        self.polls.set()
        self.cancels.set()
        if others_write:
            self.outbox.set()


class Worker:
    """Runs a step each time the bell rings, and at least once a second; its errors end nothing."""

    def __init__(self, name: str, bell: asyncio.Event, step: Callable[[], Awaitable[None]]) -> None:
        self.name = name
        self._bell = bell
        self._step = step
        self._stopping = False
        self._failing = False

    async def run(self) -> None:
        """Work until `stop`."""
        while not self._stopping:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._bell.wait(), IDLE_SECONDS)
            self._bell.clear()
            if not self._stopping:
                await self._try()

    def stop(self) -> None:
        """End after the present step."""
        self._stopping = True
        self._bell.set()

    async def _try(self) -> None:
        try:
            await self._step()
        except Exception:
            if not self._failing:
                log.exception("%s fails", self.name)
            self._failing = True
            await asyncio.sleep(IDLE_SECONDS)
        else:
            if self._failing:
                log.warning("%s works again", self.name)
            self._failing = False


class Calls:
    """Tasks that must not be cancelled half way: they are waited for when the process stops."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        """Begin one; its errors are logged."""
        self._begun(work).add_done_callback(_log_error)

    async def finish(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do one to its end, also where whoever waits for its result is cancelled meanwhile."""
        return await asyncio.shield(self._begun(work))

    async def drain(self) -> None:
        """Wait until all have ended."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begun(self, work: Coroutine[Any, Any, Result]) -> asyncio.Task[Result]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _log_error(task: asyncio.Task[Any]) -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("a call failed", exc_info=error)
