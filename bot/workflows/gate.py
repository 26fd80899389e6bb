"""The gate that money calls pass, so that the balance can be read while none of them is open."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Quiet(Generic[Value]):
    """What was read while no money call was open.

    Attributes:
        held_back: the activations whose calls waited at the gate meanwhile.
    """

    value: Value
    held_back: frozenset[int]


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

    async def read_quietly(
        self, read: Callable[[], Awaitable[Value]], hold: float
    ) -> Quiet[Value] | None:
        """Give what `read` gives, None where a money call was open, began or ended meanwhile.

        Args:
            read: asks for the balance; its errors pass through.
            hold: for how many seconds at most new calls are held back; 0: not at all.
        """
        with self._held(hold):
            if self._open and hold:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._all_ended.wait(), hold)
            if self._open:
                return None
            turns = self._turns
            value = await read()
            return Quiet(value, frozenset(self._waiting)) if turns == self._turns else None

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
