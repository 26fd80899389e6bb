"""SpotSMS: the six calls of its interface, and everything that may go wrong with them."""

from bot.provider.client import SpotSms
from bot.provider.errors import (
    AlreadyCancelled,
    Declined,
    InsufficientBalance,
    NoNumbers,
    NotFound,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    TooEarly,
    TooFrequent,
    Unauthorized,
)
from bot.provider.transport import tls_context
from bot.provider.wire import Balance, BoughtNumber

__all__ = [
    "AlreadyCancelled",
    "Balance",
    "BoughtNumber",
    "Declined",
    "InsufficientBalance",
    "NoNumbers",
    "NotFound",
    "NotSent",
    "OutcomeUnknown",
    "ProviderError",
    "SpotSms",
    "TooEarly",
    "TooFrequent",
    "Unauthorized",
    "tls_context",
]
