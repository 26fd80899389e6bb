"""How fast Telegram lets a bot talk (Bot API FAQ, "My bot is hitting limits")."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

PER_CHAT = (1.0, 3)
"""One message a second in a chat, three at once now and then."""

OVERALL = (1 / 27, 3)
"""30 in any second: three at once and 27 more."""

ANSWERS = (1 / 20, 10)
"""People's commands may use as much of that: what the outbox holds has the rest for itself."""

GROUP_LIMIT = 20
GROUP_SECONDS = 61.0
GROUP_ANSWERS = 14
"""Of a group's 20, people's commands may use as many."""

GROUP_EDITS = 8
"""More than as many edits by people's presses do not count: they would keep a code away."""

FLOOD_SECONDS = 5.0
LONGEST_SILENCE = 10.0
"""What is only guessed to hold for all chats is tried again after this time (s)."""

FORGET_ABOVE = 10_000


@dataclass(slots=True)
class Allowance:
    """`burst` messages at once, then one every `interval` seconds."""

    interval: float
    burst: int
    used_until: float = 0.0

    def wait(self, now: float) -> float:
        """Give the seconds until the next message is within the allowance."""
        return max(0.0, self.used_until - (self.burst - 1) * self.interval - now)

    def take(self, now: float) -> None:
        """Use it for one message."""
        self.used_until = max(self.used_until, now) + self.interval

    def forgive(self, now: float) -> None:
        """Let the next message wait for no more than one interval."""
        self.used_until = min(self.used_until, now + self.burst * self.interval)


@dataclass(slots=True)
class ChatPace:
    """What was sent to one chat lately, and until when Telegram told us to be silent there."""

    is_group: bool
    allowance: Allowance = field(default_factory=lambda: Allowance(*PER_CHAT))
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=GROUP_LIMIT))
    edits: deque[float] = field(default_factory=lambda: deque(maxlen=GROUP_EDITS))
    posts: deque[float] = field(default_factory=lambda: deque(maxlen=GROUP_LIMIT))
    silent_until: float = 0.0

    def wait(self, now: float) -> float:
        """Give the seconds until the chat's own limits allow a message."""
        return max(self.allowance.wait(now), self.group_wait(now, GROUP_LIMIT))

    def group_wait(self, now: float, limit: int) -> float:
        """Give the seconds until a group has had fewer than `limit` messages in a minute."""
        if not self.is_group:
            return 0.0
        lately = sorted(at for at in (*self.sent, *self.edits) if at > now - GROUP_SECONDS)
        return lately[-limit] + GROUP_SECONDS - now if len(lately) >= limit else 0.0

    def take(self, now: float) -> None:
        """Note a message."""
        self.allowance.take(now)
        self.sent.append(now)
        self.posts.append(now)

    def take_answer(self, now: float, *, is_edit: bool) -> None:
        """Note a message that has waited for nothing: what is promised must not wait for it."""
        self.allowance.take(now)
        self.allowance.forgive(now)
        (self.edits if is_edit else self.sent).append(now)
        self.posts.append(now)

    def explains_a_flood(self, now: float) -> bool:
        """Tell whether so much was sent here that Telegram may mean this chat alone."""
        limit, seconds = (GROUP_LIMIT, GROUP_SECONDS) if self.is_group else (4, 3.0)
        return len(self.posts) >= limit and self.posts[-limit] > now - seconds

    def is_idle(self, now: float) -> bool:
        """Tell whether nothing of this chat limits anything any more."""
        last = self.posts[-1] if self.posts else now - GROUP_SECONDS
        return max(self.silent_until, self.allowance.used_until, last + GROUP_SECONDS) <= now


class Pacing:
    """Shared by all that send: what was sent where, and which chats are to be left alone.

    Times are seconds of a monotonic clock.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._chats: dict[int, ChatPace] = {}
        self._overall = Allowance(*OVERALL)
        self._answers = Allowance(*ANSWERS)
        self._silent_until = 0.0
        self._last_flood: tuple[int, float, float] | None = None

    def wait_for(self, chat_id: int) -> float:
        """Give the seconds until a message is polite and allowed in this chat, 0 for now."""
        chat = self._chats.get(chat_id)
        return max(chat.wait(self._monotonic()) if chat else 0.0, self.forced_wait(chat_id))

    def wait_for_all(self) -> float:
        """Give the seconds until a message may leave at all, 0 for now."""
        return self._overall.wait(self._monotonic())

    def wait_to_answer(self, chat_id: int) -> float:
        """Give the seconds until a command may be answered, 0 for now."""
        now = self._monotonic()
        chat = self._chats.get(chat_id)
        in_group = chat.group_wait(now, GROUP_ANSWERS) if chat else 0.0
        return max(in_group, self._answers.wait(now), self._overall.wait(now))

    def forced_wait(self, chat_id: int) -> float:
        """Give the seconds for which Telegram has told us (429) not to write to this chat."""
        chat = self._chats.get(chat_id)
        until = max(self._silent_until, chat.silent_until if chat else 0.0)
        return max(0.0, until - self._monotonic())

    def note_sent(self, chat_id: int) -> None:
        """Count a message (or an edit) to this chat."""
        now = self._monotonic()
        self._chat(chat_id).take(now)
        self._overall.take(now)

    def note_answered(self, chat_id: int, *, is_edit: bool) -> None:
        """Count what a command was answered with, or the edit that a press has asked for."""
        now = self._monotonic()
        self._chat(chat_id).take_answer(now, is_edit=is_edit)
        if not is_edit:
            self._overall.take(now)
            self._answers.take(now)

    def note_earlier(self, chat_id: int, seconds_ago: float) -> None:
        """Count a message of an earlier process; only a group's limit reaches back so far."""
        self._chat(chat_id).sent.append(self._monotonic() - seconds_ago)

    def note_flood(self, chat_id: int, retry_after: float) -> None:
        """Leave this chat alone for so many seconds, and all chats if it is not this one alone.

        Telegram does not say whose limit was hit: two chats within seconds, neither of which has
        passed its own, mean the bot's.
        """
        now = self._monotonic()
        chat = self._chat(chat_id)
        chat.silent_until = max(chat.silent_until, now + retry_after)
        if chat.explains_a_flood(now):
            return
        if self._last_flood is not None:
            other, at, seconds = self._last_flood
            if other != chat_id and now - at <= FLOOD_SECONDS:
                pause = min(seconds, retry_after, LONGEST_SILENCE)
                self._silent_until = max(self._silent_until, now + pause)
        self._last_flood = (chat_id, now, retry_after)

    def _chat(self, chat_id: int) -> ChatPace:
        if len(self._chats) > FORGET_ABOVE:
            now = self._monotonic()
            self._chats = {id_: one for id_, one in self._chats.items() if not one.is_idle(now)}
        return self._chats.setdefault(chat_id, ChatPace(is_group=chat_id < 0))
