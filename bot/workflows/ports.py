"""What the workflows need from outside: SpotSMS, who talks to Telegram, a clock, a meter; a buyer.

Errors of a delivery, split by what the sender may do:

DeliveryError
├── TryLater      that chat must wait for so many seconds
├── Unreachable   Telegram does not answer: that chat must wait, all if it is not the only one
│                 (it may have been delivered)
├── ChatGone      blocked, kicked, deleted: park it
├── ChatMoved     the group has become a supergroup: send it there
└── Refused       Telegram will never take this message
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from bot.provider import Balance, BoughtNumber
from bot.storage.outbox import OutboxRow

Result = TypeVar("Result")


class DeliveryError(Exception):
    """A message did not go out."""


class TryLater(DeliveryError):
    """That chat must wait (429). `seconds` says how long."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"retry after {seconds:g} s")
        self.seconds = seconds


class Unreachable(DeliveryError):
    """Telegram does not answer, or answers with a failure of its own."""


class ChatGone(DeliveryError):
    """The bot cannot write to this chat: blocked, kicked, never started, deleted."""


class ChatMoved(DeliveryError):
    """The group has a new id."""

    def __init__(self, chat_id: int) -> None:
        super().__init__("the group has become a supergroup")
        self.chat_id = chat_id


class Refused(DeliveryError):
    """Telegram refuses this message for good."""


class Messenger(Protocol):
    """Puts notices into words and sends them."""

    async def deliver(self, row: OutboxRow) -> int | None:
        """Send or edit what the row tells; give the id of a new message, None for an edit.

        Raises:
            DeliveryError: it did not go out.
        """
        ...


class Pacer(Protocol):
    """Knows Telegram's limits."""

    def wait_for(self, chat_id: int) -> float:
        """Give the seconds until this chat's own limits allow a message, 0 for now."""
        ...

    def wait_for_all(self) -> float:
        """Give the seconds until the limit for all chats together allows a message, 0 for now."""
        ...

    def note_sent(self, chat_id: int) -> None:
        """Count a message to this chat."""
        ...

    def note_earlier(self, chat_id: int, seconds_ago: float) -> None:
        """Count a message that an earlier process sent to this chat; the oldest comes first."""
        ...

    def note_flood(self, chat_id: int, retry_after: float) -> None:
        """Note that Telegram wants this chat left alone for so many seconds."""
        ...


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> int:
        """Give UTC epoch ms that never jump while the process lives."""
        ...


class Meter(Protocol):
    """Counts for the operator."""

    def count(self, name: str, **labels: str) -> None:
        """Count one."""
        ...

    def observe(self, name: str, value: float) -> None:
        """Note a measured value."""
        ...


class Provider(Protocol):
    """The calls of SpotSMS that work on activations (see `bot.provider.SpotSms`)."""

    async def get_number(self, pid: str, country: str, *, deadline: float) -> BoughtNumber:
        """Buy."""
        ...

    async def get_message(self, number: str, pid: str, rs_id: str | None) -> str | None:
        """Look for a code."""
        ...

    async def cancel(self, rs_id: str) -> None:
        """Give a number back."""
        ...

    async def balance(self) -> Balance:
        """Read the prepaid balance."""
        ...


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who acts: a person in a chat; `is_admin` of it, as Telegram tells."""

    user_id: int
    chat_id: int
    is_admin: bool = False


class Apart(Protocol):
    """Does heavy work that only computes, beside the event loop."""

    async def __call__(self, work: Callable[[], Result], /) -> Result:
        """Give what the work gives."""
        ...
