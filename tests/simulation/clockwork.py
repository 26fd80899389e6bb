"""Virtual time: an event loop whose clock jumps to the next timer when nothing is ready."""

import asyncio
import contextlib
import contextvars
import gc
import selectors
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar

Result = TypeVar("Result")

START = 1_800_000_000.0
"""Unix seconds at which every simulation begins: a morning in January 2027."""


TURN_SECONDS = 1e-6
"""What a turn of the loop takes: with none at all, waiting for a nanosecond never ends."""


class StuckError(Exception):
    """Nothing is ready, and no timer will ever make it so."""


class _NoWaiting(selectors.SelectSelector):
    """Passes virtual time instead of real time. Nothing here ever waits for a file."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise StuckError
        self.now += max(TURN_SECONDS, timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time; it counts its turns, and knows whose each task is."""

    def __init__(self) -> None:
        self._virtual = _NoWaiting()
        super().__init__(self._virtual)
        self.set_task_factory(_owned)  # type: ignore[arg-type]  # typeshed knows no context

    def time(self) -> float:
        """Give the virtual seconds since the start; a whole second is never lost to rounding."""
        return self._virtual.now

    def unix(self) -> float:
        """Give the true time of the simulated world in Unix seconds."""
        return START + self._virtual.now


TASKS: contextvars.ContextVar[dict[asyncio.Task[Any], None] | None] = contextvars.ContextVar(
    "tasks", default=None
)
"""The tasks of the process in whose context the code runs; None: the world's own."""


def _owned(
    loop: asyncio.AbstractEventLoop,
    work: Coroutine[Any, Any, Result],
    context: contextvars.Context | None = None,
) -> asyncio.Task[Result]:
    """Make a task and note it with the process that it belongs to."""
    task = asyncio.Task(work, loop=loop, context=context)
    owner = context.get(TASKS) if context else TASKS.get()
    if owner is not None:
        owner[task] = None
        task.add_done_callback(owner.pop)
    return task


def run_virtually(main: Callable[[VirtualLoop], Coroutine[Any, Any, Result]]) -> Result:
    """Run in a virtual loop of its own, and leave nothing behind."""
    loop = VirtualLoop()
    with _little_garbage(), asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))


@contextlib.contextmanager
def _little_garbage() -> Iterator[None]:
    """Look for garbage seldom, and not among all that the tests have loaded."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(10 * thresholds[0], *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
