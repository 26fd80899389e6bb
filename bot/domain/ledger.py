"""Double entry: money only ever moves from one account to another, and entries are for good.

A purchase is two-phase. The hold moves the price from the chat's account to the holds; it is then
posted (to the provider's prepaid balance, which has been spent) or voided (back to the chat). A
refund gives the price back to the chat against refunds that the provider owes.
"""

from dataclasses import dataclass
from enum import StrEnum

HOLDS = "holds"
PROVIDER = "provider"
REFUNDS_DUE = "refunds_due"
PRICE_DIFFERENCES = "price_differences"
LOSSES = "losses"


def chat_account(chat_id: int) -> str:
    """Name the account of a chat. Its balance is what the chat has spent and holds."""
    return f"chat:{chat_id}"


class Kind(StrEnum):
    """What an entry does. Each happens at most once to an activation."""

    HOLD = "hold"
    POST = "post"
    VOID = "void"
    REFUND = "refund"
    PRICE_DIFFERENCE = "price_difference"
    LOSS = "loss"


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of money for one activation; `amount` is in micro-dollars, never negative."""

    kind: Kind
    source: str
    target: str
    amount: int


def hold(chat_id: int, amount: int) -> Entry:
    """Set the price aside before the provider is asked."""
    return Entry(Kind.HOLD, chat_account(chat_id), HOLDS, amount)


def post(amount: int) -> Entry:
    """Book the held price as spent at the provider."""
    return Entry(Kind.POST, HOLDS, PROVIDER, amount)


def void(chat_id: int, amount: int) -> Entry:
    """Give the held price back: nothing was charged, or the owner bears it."""
    return Entry(Kind.VOID, HOLDS, chat_account(chat_id), amount)


def refund(chat_id: int, amount: int) -> Entry:
    """Give a posted price back after the provider accepted the cancellation."""
    return Entry(Kind.REFUND, REFUNDS_DUE, chat_account(chat_id), amount)


def price_difference(quoted: int, used: int) -> Entry:
    """Book what the pid that the provider used costs more, or less, than the quote."""
    if used >= quoted:
        return Entry(Kind.PRICE_DIFFERENCE, PRICE_DIFFERENCES, PROVIDER, used - quoted)
    return Entry(Kind.PRICE_DIFFERENCE, PROVIDER, PRICE_DIFFERENCES, quoted - used)


def loss(amount: int) -> Entry:
    """Book a charge without a number: the owner bears it, the chat's hold is voided."""
    return Entry(Kind.LOSS, LOSSES, PROVIDER, amount)
