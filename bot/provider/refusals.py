"""Which error an answer that is no success stands for."""

import re
from collections.abc import Mapping
from typing import Final

from bot.provider.errors import (
    Declined,
    InsufficientBalance,
    NoNumbers,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    TooEarly,
    TooFrequent,
    Unauthorized,
)
from bot.provider.wire import Answer, clean_reason

# 401, 402 and 404 are documented (spotsms-api.txt, Response Codes); the others are those of
# the family of interfaces that this one resembles.
REFUSALS: Final[Mapping[int, type[Declined]]] = {
    401: Unauthorized,
    402: InsufficientBalance,
    403: InsufficientBalance,
    404: NotFound,
    409: TooFrequent,
    429: TooFrequent,
    906: NoNumbers,
}

_TOO_EARLY = re.compile(r"\b(early|soon|wait)\b", re.IGNORECASE)
_TIME = re.compile(r"\b(minutes?|seconds?)\b", re.IGNORECASE)
_TOO_LATE = re.compile(
    r"\b(late|expired|passed|exceeded|elapsed|over|within|already)\b", re.IGNORECASE
)
_DURATION = re.compile(r"\b([0-9]{1,5})\s*(m|s)(in|ec|$|\b)", re.IGNORECASE)


def error_of(answer: Answer, secret: str) -> ProviderError:
    """Give the error for an answer; only a well-formed no is a refusal.

    Args:
        answer: what the provider said.
        secret: the key, which the provider's words may repeat.
    """
    if not answer.is_refusal:
        return OutcomeUnknown(f"code {answer.code}, neither what was asked for nor a refusal")
    return _declined(REFUSALS.get(answer.code, Declined), answer, secret)


def purchase_error_of(answer: Answer, secret: str) -> ProviderError:
    """Give the error for an answer to `getNumber`, where 404 says that no number is left."""
    error = error_of(answer, secret)
    return _declined(NoNumbers, answer, secret) if isinstance(error, NotFound) else error


def cancel_error_of(answer: Answer, secret: str) -> ProviderError:
    """Give the error for an answer to a cancel; "too early" has no code, only words."""
    error = error_of(answer, secret)
    if not isinstance(error, Declined) or isinstance(error, TooFrequent | Unauthorized):
        return error
    return _declined(TooEarly, answer, secret) if _is_too_early(answer.message) else error


def seconds_in(text: str) -> float | None:
    """Give the first duration that a text names, in seconds (`"wait 2 minutes"`: 120)."""
    if (match := _DURATION.search(text)) is None:
        return None
    return float(match[1]) * (60 if match[2].lower() == "m" else 1)


def _declined(kind: type[Declined], answer: Answer, secret: str) -> Declined:
    retry_after = answer.retry_after
    if retry_after is None and issubclass(kind, TooEarly | TooFrequent):
        retry_after = seconds_in(answer.message)
    return kind(answer.code, clean_reason(answer.message, secret), retry_after=retry_after)


def _is_too_early(words: str) -> bool:
    """Tell "wait 2 minutes" from "the limit of 20 minutes is over", which time will not mend."""
    return bool(_TOO_EARLY.search(words)) or (
        bool(_TIME.search(words)) and not _TOO_LATE.search(words)
    )
