"""Faults on demand: what may go wrong between the provider and its caller."""

import random
from dataclasses import dataclass, field
from typing import Literal, get_args

FaultKind = Literal[
    "delay",  # answers as usual, `seconds` late
    "stall",  # says nothing for `seconds` (0: for ever), then closes the connection
    "reset",  # RST instead of an answer
    "drop",  # FIN instead of an answer
    "cut",  # half of the body whose length was announced, then FIN
    "cut_headers",  # half of the headers, then FIN
    "half_json",  # a well-formed answer whose JSON ends in the middle
    "html",
    "empty",
    "http500",
    "code",  # a body with the fault's `code`
    "garbage",  # bytes that are no text
    "huge",  # more than 1 MB of text
    "redirect",  # to the same address: who follows it asks twice
    "no_number",  # code 200 and nothing else
    "known_rsid",  # an rsId that an earlier purchase was given
]
FAULT_KINDS: tuple[str, ...] = get_args(FaultKind)


@dataclass(eq=False)
class Fault:
    """What goes wrong, for which ``action`` (``"*"``: any), and how many ``times`` (None: always).

    With ``after_effect`` the provider does what it was asked for, and charges or refunds it,
    before the fault shows; without, nothing happens but the fault (``delay`` does it late).
    A ``code`` comes with its usual words, or with those of ``msg``.
    ``hits`` counts how often it struck.
    """

    action: str = "*"
    kind: FaultKind = "drop"
    times: int | None = 1
    seconds: float = 0.0
    after_effect: bool = False
    probability: float = 1.0
    code: int | None = None
    msg: str | None = None
    hits: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        if self.kind not in FAULT_KINDS:
            raise ValueError(f"unknown kind of fault: {self.kind}")
        if self.kind == "code" and self.code is None:
            raise ValueError("a fault of kind code needs a code")

    @property
    def is_spent(self) -> bool:
        """Says whether it has struck as often as it was meant to."""
        return self.times is not None and self.hits >= self.times


class Faults:
    """The faults that wait for their call, oldest first."""

    def __init__(self, seed: int) -> None:
        self.active: list[Fault] = []
        self._random = random.Random(seed)  # noqa: S311 - a fault's luck, no secret

    def take(self, action: str) -> Fault | None:
        """Gives the fault that strikes this call, if one does, and counts it."""
        for fault in self.active:
            if fault.action in ("*", action) and self._random.random() < fault.probability:
                fault.hits += 1
                if fault.is_spent:
                    self.active.remove(fault)
                return fault
        return None
