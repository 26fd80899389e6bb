"""How fast Telegram lets a bot talk (Bot API FAQ, "My bot is hitting limits")."""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

PER_CHAT = (1.0, 3)
"""One message a second in a chat, three at once now and then."""

PER_CHAT_ANSWERS = (2.0, 1)
"""Of that, what somebody is answered at once may take as much from the outbox, and no more."""

OVERALL = (1 / 27, 3)
"""30 in any second: three at once and 27 more."""

OVERALL_ANSWERS = (1 / 13, 3)
"""Of that, the same."""

GROUP_LIMIT = 20
GROUP_SECONDS = 61.0
GROUP_ANSWERS = 12
"""Of that, the same."""

FLOOD_SECONDS = 5.0
LONGEST_SILENCE = 10.0
"""What is only guessed to hold for all chats is tried again after this time (s)."""

FORGET_ABOVE = 10_000


@dataclass(slots=True)
class Quota:
    """`burst` messages at once, then one every `interval` seconds."""

    interval: float
    burst: int
    used_until: float = 0.0

    def wait(self, now: float) -> float:
        """Give the seconds until the next message is within the quota."""
        return max(0.0, self.used_until - (self.burst - 1) * self.interval - now)

    def take(self, now: float) -> None:
        """Use it for one message."""
        self.used_until = max(self.used_until, now) + self.interval


@dataclass(slots=True)
class ChatPace:
    """What was sent to one chat lately, and until when Telegram told us to be silent there."""

    is_group: bool
    quota: Quota = field(default_factory=lambda: Quota(*PER_CHAT))
    answering: Quota = field(default_factory=lambda: Quota(*PER_CHAT_ANSWERS))
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=GROUP_LIMIT))
    answers: deque[float] = field(default_factory=lambda: deque(maxlen=GROUP_ANSWERS))
    posts: deque[float] = field(default_factory=lambda: deque(maxlen=GROUP_LIMIT))
    silent_until: float = 0.0

    def wait(self, now: float) -> float:
        """Give the seconds until the chat's own limits allow a message."""
        wait = self.quota.wait(now)
        if self.is_group:
            lately = sorted(at for at in (*self.sent, *self.answers) if at > now - GROUP_SECONDS)
            if len(lately) >= GROUP_LIMIT:
                wait = max(wait, lately[-GROUP_LIMIT] + GROUP_SECONDS - now)
        return wait

    def take(self, now: float) -> None:
        """Note a message."""
        self.quota.take(now)
        self.sent.append(now)
        self.posts.append(now)

    def take_answer(self, now: float) -> None:
        """Note what left at once; only so much of it counts that the outbox gets half of all."""
        if not self.answering.wait(now):
            self.answering.take(now)
            self.quota.take(now)
        self.answers.append(now)
        self.posts.append(now)

    def explains_a_flood(self, now: float) -> bool:
        """Tell whether so much was sent here that Telegram may mean this chat alone."""
        limit, seconds = (GROUP_LIMIT, GROUP_SECONDS) if self.is_group else (4, 3.0)
        return len(self.posts) >= limit and self.posts[-limit] > now - seconds

    def is_idle(self, now: float) -> bool:
        """Tell whether nothing of this chat limits anything any more."""
        last = self.posts[-1] if self.posts else now - GROUP_SECONDS
        return max(self.silent_until, self.quota.used_until, last + GROUP_SECONDS) <= now


class Pacing:
    """Shared by all that send: what was sent where, and which chats are to be left alone.

    Times are seconds of a monotonic clock.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._chats: dict[int, ChatPace] = {}
        self._overall = Quota(*OVERALL)
        self._answers = Quota(*OVERALL_ANSWERS)
        self._silent_until = 0.0
        self._last_flood: tuple[int, float, float] | None = None

    def wait_for(self, chat_id: int) -> float:
        """Give the seconds until a message is polite and allowed in this chat, 0 for now."""
        chat = self._chats.get(chat_id)
        return max(chat.wait(self._monotonic()) if chat else 0.0, self.forced_wait(chat_id))

    def wait_for_all(self) -> float:
        """Give the seconds until a message may leave at all, 0 for now."""
        return self._overall.wait(self._monotonic())

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

    def note_answered(self, chat_id: int) -> None:
        """Count what left at once since somebody asked for it."""
        now = self._monotonic()
        self._chat(chat_id).take_answer(now)
        if not self._answers.wait(now):
            self._answers.take(now)
            self._overall.take(now)

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
