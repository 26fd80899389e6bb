"""How an activation stands, in plain words: the same on cards, in lists, proofs and exports."""

from typing import Final

from bot.domain.activation import Activation, CloseReason, State
from bot.workflows.outcome import NOT_CHARGED

_STANDING: Final = {
    State.REQUESTED: "being bought",
    State.WAITING: "waiting for the SMS",
    State.CANCELLING: "being cancelled",
    State.RECEIVED: "code received",
    State.FINISHED: "code received",
    State.CANCELLED: "cancelled",
    State.EXPIRED: "expired",
    State.DECLINED: "not bought, nothing was charged",
    State.UNKNOWN: "outcome unknown, the money is held",
    State.LOST: "no number came, your money is back",
}
_CANCELLED: Final[dict[CloseReason | None, str]] = {
    CloseReason.ADMIN: "cancelled by an admin",
    CloseReason.DEPARTURE: "cancelled, since its buyer is gone",
    CloseReason.EXPIRY: "expired",
}
_BROKE: Final = "the connection to SpotSMS broke"
_REASONS: Final = {
    "Declined": "SpotSMS refused",
    "InsufficientBalance": "the SpotSMS balance is too low",
    "NoNumbers": "no numbers in stock",
    NOT_CHARGED: "it was not charged",
    "NotFound": "SpotSMS does not know it",
    "NotSent": "SpotSMS could not be reached",
    "OutcomeUnknown": "SpotSMS gave no clear answer",
    "ReadTimeout": "SpotSMS did not answer in time",
    "TimeoutError": "SpotSMS did not answer in time",
    "TooEarly": "too early",
    "TooFrequent": "SpotSMS asks for fewer requests",
    "Unauthorized": "SpotSMS refuses the key",
}
"""What is kept as an error's name (`bot.provider.errors`, httpx), for people to read."""


def standing(activation: Activation) -> str:
    """Tell how an activation stands, and who ended it; a number that ran out has expired."""
    if is_to_be_cancelled(activation):
        return "to be cancelled, unless the SMS arrives first"
    if activation.state is State.CANCELLED:
        return _CANCELLED.get(activation.cancel_reason, "cancelled")
    return _STANDING[activation.state]


def ended_as(activation: Activation) -> State:
    """Give the state as people see it: what was cancelled since its time was over has expired."""
    ran_out = activation.cancel_reason is CloseReason.EXPIRY
    return State.EXPIRED if activation.state is State.CANCELLED and ran_out else activation.state


def is_to_be_cancelled(activation: Activation) -> bool:
    """Tell whether somebody has asked to cancel a number that still waits: it is planned."""
    return activation.state is State.WAITING and activation.cancel_reason not in {
        None,
        CloseReason.EXPIRY,
    }


def may_be_cancelled(activation: Activation) -> bool:
    """Tell whether to offer Cancel: it can be done, and nobody has asked for it yet."""
    return activation.can_be_cancelled and not is_to_be_cancelled(activation)


def reason_in_words(reason: str) -> str:
    """Tell why something failed; the provider's own words stay as they are."""
    is_name = reason.isidentifier() and reason.endswith(("Error", "Timeout"))
    return _REASONS.get(reason, _BROKE if is_name else reason)
