"""Telegram's limits on sending (Bot API FAQ, "My bot is hitting limits")."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.telegram.calls import Call

COUNTED = ("send", "edit", "copy")
NOT_COUNTED = frozenset({"sendChatAction"})


@dataclass
class Bucket:
    """A token bucket: ``size`` calls at once, ``rate`` more each second."""

    size: float
    rate: float
    at: float
    level: float = field(init=False)

    def __post_init__(self) -> None:
        self.level = self.size

    def missing(self, now: float) -> float:
        """Seconds until one more call is allowed, 0 if it is now."""
        self.level = min(self.size, self.level + (now - self.at) * self.rate)
        self.at = now
        return max(0.0, (1 - self.level) / self.rate)


class Limits:
    """1/s in a private chat (three at once pass), 20/min in a group, 30/s overall.

    Edits count like messages: Telegram says nothing about them, and reports say that they do.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._overall = Bucket(30, 30, clock())
        self._chats: dict[int, Bucket] = {}

    def wait_for(self, call: Call) -> int:
        """Whole seconds that Telegram would ask this call to wait; 0 lets it pass and counts it."""
        chat_id = call.params.get("chat_id")
        counted = call.method.startswith(COUNTED) and call.method not in NOT_COUNTED
        if not counted or not isinstance(chat_id, int):
            return 0
        now = self._clock()
        size, rate = (3, 1) if chat_id > 0 else (20, 20 / 60)
        own = self._chats.setdefault(chat_id, Bucket(size, rate, now))
        seconds = max(own.missing(now), self._overall.missing(now))
        if seconds == 0:
            own.level -= 1
            self._overall.level -= 1
        return math.ceil(seconds)
