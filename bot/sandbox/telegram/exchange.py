"""One call of the bot and what it was answered, as kept for tests and for the page."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.telegram.errors import JsonObject
from bot.sandbox.telegram.world import StoredFile


@dataclass
class Exchange:
    """A call and its answer.

    ``params`` are decoded values; ``answer`` is the whole JSON body, None where a fault gave
    none; ``status`` is the HTTP status, 0 where there was no answer; ``at`` is Unix time.
    """

    n: int
    method: str
    params: JsonObject
    files: dict[str, StoredFile]
    answer: JsonObject | None = None
    status: int = 0
    at: float = field(default_factory=time.time)

    @property
    def ok(self) -> bool:
        """Whether the bot was told that it was done."""
        return self.answer is not None and bool(self.answer["ok"])

    @property
    def result(self) -> object:
        """What the method gave; None where it was refused."""
        return (self.answer or {}).get("result")

    @property
    def error(self) -> str | None:
        """The refusal in Telegram's words, or that there was no answer."""
        if self.ok:
            return None
        return str(self.answer["description"]) if self.answer else "no answer"

    def shown(self) -> JsonObject:
        """As the control API shows it."""
        return {
            "n": self.n,
            "at": self.at,
            "method": self.method,
            "params": self.params,
            "ok": self.ok,
            "error": self.error,
        }


Check = Callable[[Exchange], None]
"""Looks at an exchange and raises if something is wrong with it."""
