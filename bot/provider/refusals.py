"""Which error an answer that is no success stands for."""

from collections.abc import Mapping
from typing import Final

from bot.provider import cancel_words
from bot.provider.errors import (
    AlreadyCancelled,
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
from bot.provider.wire import MAX_WORDS, Answer, clean_reason

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

CONFLICT: Final = 409
"""Of a cancel it may stand for the number's own state, not for the pace of requests."""


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
    """Give the error for an answer to a cancel: its words count before its code.

    Only a refused key and a server's failure are what their codes say, whatever the words.
    """
    error = error_of(answer, secret)
    if isinstance(error, Unauthorized):
        return error
    kind = _kind_of(cancel_words.plain(answer.message), answer)
    return _declined(kind, answer, secret) if kind else error


def is_cancelled(answer: Answer) -> bool:
    """Tell whether an answer to a cancel says in so many words that it is done."""
    return answer.is_done and not cancel_words.deny_success(cancel_words.plain(answer.message))


def _kind_of(words: str, answer: Answer) -> type[Declined] | None:
    """Give what a cancel's refusal is by its words, None: what its code says."""
    means_pace = REFUSALS.get(answer.code) is TooFrequent
    if answer.is_server_error or (means_pace and cancel_words.say_too_frequent(words)):
        return None
    if answer.says_no and cancel_words.say_already_cancelled(words):
        return AlreadyCancelled
    if cancel_words.say_too_early(words):
        return TooEarly
    is_over = answer.code == CONFLICT and cancel_words.say_too_late(words)
    return Declined if is_over else None


def _declined(kind: type[Declined], answer: Answer, secret: str) -> Declined:
    retry_after = answer.retry_after
    if retry_after is None and issubclass(kind, TooEarly | TooFrequent):
        retry_after = cancel_words.seconds_in(answer.message[:MAX_WORDS])
    return kind(answer.code, clean_reason(answer.message, secret), retry_after=retry_after)
