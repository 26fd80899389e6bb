"""Faults on demand."""

from dataclasses import dataclass
from typing import Literal, get_args

from bot.sandbox.telegram.calls import Call

FaultKind = Literal["429", "5xx", "drop", "drop_after", "delay", "stall", "html"]


@dataclass
class TelegramFault:
    """What goes wrong with calls of ``method`` ("*": all), only those to ``chat_id`` if given.

    Kinds: ``429`` (``retry_after`` seconds), ``5xx`` (``status``, JSON), ``html`` (``status``, a
    gateway's page), ``drop`` (closed without an answer, not done), ``drop_after`` (done, then
    closed without an answer), ``delay`` (done and answered after ``seconds``), ``stall`` (not
    done, and closed after ``seconds``, 0 for never). ``times`` is how often, None for always.

    Raises:
        ValueError: there is no such kind.
    """

    method: str
    kind: FaultKind
    chat_id: int | None = None
    retry_after: int = 5
    seconds: float = 0.0
    times: int | None = 1
    status: int = 502

    def __post_init__(self) -> None:
        if self.kind not in get_args(FaultKind):
            raise ValueError(f"unknown kind of fault: {self.kind!r}")

    def strikes(self, call: Call) -> bool:
        """Whether this fault is for this call."""
        return (
            self.times != 0
            and self.method.lower() in {"*", call.method.lower()}
            and self.chat_id in {None, call.params.get("chat_id")}
        )


class FaultBox:
    """Injected faults, the oldest first; each call meets at most one."""

    def __init__(self) -> None:
        self.faults: list[TelegramFault] = []

    def take(self, call: Call) -> TelegramFault | None:
        """The fault that this call meets; used up ones are forgotten."""
        fault = next((one for one in self.faults if one.strikes(call)), None)
        if fault is not None and fault.times is not None:
            fault.times -= 1
        self.faults = [one for one in self.faults if one.times != 0]
        return fault
