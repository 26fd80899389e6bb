"""Double entry: money only ever moves from one account to another, and entries are for good.

A purchase is two-phase. The hold moves the price from the chat's account to the holds; it is then
posted (to the provider's prepaid balance, which has been spent) or voided (back to the chat). A
refund gives the price back to the chat against refunds that the provider owes; it is seen once the
provider's balance shows it, or lost once the owner gives it up.

The opening books what the balance was when it was first read, so that from then on the provider's
account tells what the balance must be. What it is instead is booked as unexplained.
"""

from dataclasses import dataclass
from enum import StrEnum

HOLDS = "holds"
PROVIDER = "provider"
REFUNDS_DUE = "refunds_due"
PRICE_DIFFERENCES = "price_differences"
LOSSES = "losses"
OPENING = "opening"
UNEXPLAINED = "unexplained"


def chat_account(chat_id: int) -> str:
    """Name the account of a chat. Its balance is what the chat has spent and holds."""
    return f"chat:{chat_id}"


class Kind(StrEnum):
    """What an entry does. Each happens at most once to an activation.

    The last two belong to no activation: the balance moved without the bot.
    """

    HOLD = "hold"
    POST = "post"
    VOID = "void"
    REFUND = "refund"
    PRICE_DIFFERENCE = "price_difference"
    LOSS = "loss"
    VOID_REVERSED = "void_reversed"
    LOSS_REVERSED = "loss_reversed"
    REFUND_DIFFERENCE = "refund_difference"
    REFUND_SEEN = "refund_seen"
    REFUND_LOST = "refund_lost"
    OPENING = "opening"
    UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement of money; `amount` is in micro-dollars, never negative."""

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


def unvoid(chat_id: int, amount: int) -> Entry:
    """Take a void back: the number came after all, and its price is held once more."""
    return Entry(Kind.VOID_REVERSED, chat_account(chat_id), HOLDS, amount)


def unlose(amount: int) -> Entry:
    """Take a loss back: the number came after all."""
    return Entry(Kind.LOSS_REVERSED, PROVIDER, LOSSES, amount)


def refund_difference(quoted: int, used: int) -> Entry:
    """Take a price difference back with the refund: the provider owes what it took."""
    if used >= quoted:
        return Entry(Kind.REFUND_DIFFERENCE, REFUNDS_DUE, PRICE_DIFFERENCES, used - quoted)
    return Entry(Kind.REFUND_DIFFERENCE, PRICE_DIFFERENCES, REFUNDS_DUE, quoted - used)


def refund_seen(amount: int) -> Entry:
    """Book that the provider's balance shows a refund that was due."""
    return Entry(Kind.REFUND_SEEN, PROVIDER, REFUNDS_DUE, amount)


def refund_lost(amount: int) -> Entry:
    """Give up a refund that was promised and never came: the owner bears it, as the owner says."""
    return Entry(Kind.REFUND_LOST, LOSSES, REFUNDS_DUE, amount)


def opening(balance: int) -> Entry:
    """Book the balance that the provider showed first, less what the ledger knows already."""
    return _into_balance(Kind.OPENING, OPENING, balance)


def unexplained(gain: int) -> Entry:
    """Book what nothing here explains: a top-up, or (below zero) other use of the key."""
    return _into_balance(Kind.UNEXPLAINED, UNEXPLAINED, gain)


def _into_balance(kind: Kind, account: str, gain: int) -> Entry:
    """Move money out of the provider's account into ours, or back: the balance grows by `gain`."""
    if gain >= 0:
        return Entry(kind, PROVIDER, account, gain)
    return Entry(kind, account, PROVIDER, -gain)
