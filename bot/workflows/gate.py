"""The gate that money calls pass, so that the balance can be read while none of them is open."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator


class Gate:
    """Counts the money calls of this process, and can hold new ones back for a moment."""

    def __init__(self) -> None:
        self._waiting: list[int] = []
        self._open = 0
        self._turns = 0
        self._may_begin = asyncio.Event()
        self._may_begin.set()
        self._all_ended = asyncio.Event()
        self._all_ended.set()

    @property
    def held_back(self) -> frozenset[int]:
        """Give the activations whose calls wait at the gate."""
        return frozenset(self._waiting)

    @contextlib.asynccontextmanager
    async def call(self, activation_id: int) -> AsyncIterator[None]:
        """Surround a call that may move the balance, and the writing down of its outcome."""
        self._waiting.append(activation_id)
        try:
            await self._may_begin.wait()
        finally:
            self._waiting.remove(activation_id)
        self._open += 1
        self._turns += 1
        self._all_ended.clear()
        try:
            yield
        finally:
            self._open -= 1
            self._turns += 1
            if not self._open:
                self._all_ended.set()

    @contextlib.asynccontextmanager
    async def quiet(self, hold: float) -> AsyncIterator["Quiet"]:
        """Surround a reading; whether it was quiet is asked afterwards.

        Args:
            hold: for how many seconds at most new calls are held back, from now until the end of
                the reading; 0: not at all.
        """
        with self._held(hold):
            if self._open and hold:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(hold):
                        await self._all_ended.wait()
            yield Quiet(self)

    @contextlib.contextmanager
    def _held(self, seconds: float) -> Iterator[None]:
        if not seconds:
            yield
            return
        self._may_begin.clear()
        timer = asyncio.get_running_loop().call_later(seconds, self._may_begin.set)
        try:
            yield
        finally:
            timer.cancel()
            self._may_begin.set()


class Quiet:
    """A time without money calls, while it lasts."""

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self._began_quiet = not gate._open  # noqa: SLF001 - the gate's other half
        self._turns = gate._turns  # noqa: SLF001 - as above

    @property
    def lasts(self) -> bool:
        """Tell whether no call was open at its beginning, and none has begun since."""
        return self._began_quiet and self._turns == self._gate._turns  # noqa: SLF001 - as above
