"""Everything that may go wrong with SpotSMS, split by what the caller may do about it.

* ProviderError
  x NotSent                 nothing reached SpotSMS: try again, nothing was bought
  x Declined                SpotSMS said no, in a well-formed answer: nothing was bought
    + NoNumbers             offer another country, or try later
    + InsufficientBalance   the owner must top up
    + NotFound              SpotSMS does not know this activation, service or page
    + AlreadyCancelled      the number is given back already, be it by a cancel of ours
    + TooEarly              a cancel came too soon: ask again after `retry_after`
    + TooFrequent           ask less often
    + Unauthorized          the key is wrong: stop buying, tell the owner
  x OutcomeUnknown          all else: a purchase may have happened and must not be repeated;
                            a cancel may be asked for again; a reading simply failed

No error carries a URL, the key or a phone number, neither in its text nor in its cause.
"""


class ProviderError(Exception):
    """The base of every error that the provider client raises."""


class NotSent(ProviderError):
    """Nothing reached the provider, so the call may be made again."""


class OutcomeUnknown(ProviderError):
    """The call may or may not have had its effect.

    Attributes:
        reason: what was wrong with the answer, in words fit for a log.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Declined(ProviderError):
    """The provider refused in a well-formed answer: the call had no effect.

    Attributes:
        code: the body's code, or the HTTP status where the body has none (spotsms-api.txt,
            Response Codes).
        reason: the provider's own words on one line, digits of numbers and the key left out.
            Text from outside: escape it before showing it.
        retry_after: seconds after which asking again makes sense, where the provider says so.
    """

    def __init__(self, code: int, reason: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(f"{code}: {reason}" if reason else str(code))
        self.code = code
        self.reason = reason
        self.retry_after = retry_after


class NoNumbers(Declined):
    """No number is in stock for this service and country (404 on `getNumber`, 906)."""


class InsufficientBalance(Declined):
    """The SpotSMS balance does not cover the price (402, 403)."""


class NotFound(Declined):
    """The provider does not know what was asked for (404)."""


class AlreadyCancelled(Declined):
    """The number has been cancelled, refunded or closed before."""


class TooEarly(Declined):
    """The number is too young to be cancelled."""


class TooFrequent(Declined):
    """The provider wants fewer requests (409, 429)."""


class Unauthorized(Declined):
    """The provider does not accept the key (401)."""
