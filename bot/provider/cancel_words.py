"""What the words of a refused cancel mean: its cases have no codes of their own.

They are read as plain words (`plain`): SpotSMS does not document them, so that every way to put
it counts which the family of such interfaces uses.
"""

import re
from typing import Final

MAX_WORDS: Final = 200

_DURATION: Final = re.compile(r"\b([0-9]{1,5})\s*(m|s)(in|ec|$|\b)", re.IGNORECASE)
_ON_A_WATCH: Final = re.compile(
    r"\b(?:in|after|wait|another|left|remaining|for)\b\D{0,12}\b([0-9]{1,2}):([0-5][0-9])\b"
    r"|\b([0-9]{1,2}):([0-5][0-9]) (?:left|remaining|more)\b",
    re.IGNORECASE,
)

_CLOSED = r"(?:cancel+ed|refunded|returned|reversed|closed)\b"
_IS = r"(?:(?:is|was|has|have|had|been|got|a|in|fully|automatically|successfully) )*"
_WHAT = (
    r"(?:(?:this|the|your|that|it|sorry|error|status|access|activation|number|phone|order|purchase"
    r"|session|request|rs|rsid|id|money|funds|#?[^\W0-9]*[0-9]\w*) )*"
)
_ALREADY_CANCELLED = re.compile(
    rf"\balready {_IS}(?:{_CLOSED}|cancell?(?:ation)?\b|refund\b)"
    rf"|(?<!be ){_CLOSED} (?:already|earlier|previously)\b"
    rf"|\b(?:cancell?(?:ation)?|refund) {_IS}already {_IS}"
    r"(?:done|processed|completed|issued|made|given|paid|performed|credited|applied)\b"
    rf"|(?:^|[.:;,!(-] ?){_WHAT}{_IS}{_CLOSED}(?! (?:only|if|when|within|after|before|until))"
    r"|\b(?:status|access) cancel\b"
    r"|\b(?:finished|completed|ended|closed|terminated) \(?"
    r"(?:(?:by|with|after|as|via|due|to|the|a|user) )*cancel"
)
_NO_WAY_BACK = re.compile(
    rf"\b(?:window|period|time|deadline|limit|cancell?ation|cancelling|refunds?) {_IS}"
    rf"(?:already )?{_IS}closed\b"
    r"|\btoo late\b|\bno longer\b"
    r"|\bonly (?:possible |allowed |available |refunded )?(?:within|during|before|for|in the)\b"
    r"|\bnot\b(?:(?! (?:until|again|yet|try|only|now)\b)[^.,;:!])*? after (?:the first )?[0-9]"
)
_TOO_EARLY = re.compile(
    r"\btoo (?:young|fresh|new|fast|quick(?:ly)?|recent(?:ly)?)\b"
    r"|\b(?:early|soon|premature(?:ly)?|yet|at least|less than|younger|not enough time)\b"
    r"|\bminim(?:um|al)\b|\bmin (?:age|time|period)\b"
    r"|\bnot (?:old|long) enough\b"
    r"|\bnot (?:(?:have|has|been|is|was|fully) )*(?:passed|elapsed|reached|expired|over)\b"
    r"|\b(?:until|once|unless|when|after|before)\b[^.;]*\b(?:pass|passed|elapsed?|old)\b"
    r"|\bwait\b(?! for (?:the |an? )?(?:sms|code))"
    r"|\b(?:not|no|denied|forbidden|prohibited|impossible|disabled|blocked|unavailable)\b[^.;]*?"
    r"(?<!not )\b(?:within|during|until|before|for|in)\b[^.;]*?\b(?:first|next|another|[0-9]+)"
)
_PERHAPS_TOO_EARLY = re.compile(
    r"\b(?:minutes?|seconds?|left|remaining|later|after|first [0-9]+|again in)\b"
    r"|\bcool ?down\b|\bavailable (?:in|from|at|after)\b|\btemporar(?:y|ily)\b|\bright now\b"
)
_TOO_LATE = re.compile(
    r"\b(?:late|expired|ago|over|exceeded|elapsed|passed|past|older|more than|longer|ended"
    r"|received|delivered|finished|completed|used|limit|within|closed|already|time ?out)\b"
)
_TOO_FREQUENT = re.compile(
    r"\b(?:too many|too often|frequen\w+|rate|quota|throttl\w+|slow down|flood\w*)\b"
)


def plain(text: str) -> str:
    """Give words as they are compared: `EARLY_CANCEL_DENIED` and `can't` in plain lower case."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text[:MAX_WORDS])
    words = re.sub(r"[\s_-]+", " ", apart.lower().replace("\u2019", "'")).strip()
    return re.sub(r"cannot\b|\bcant\b|n't\b", " not", words)


def say_already_cancelled(words: str) -> bool:
    """Tell whether they say that the number is given back, and not only that it cannot be."""
    return bool(_ALREADY_CANCELLED.search(words)) and not _NO_WAY_BACK.search(words)


def say_too_early(words: str) -> bool:
    """Tell "wait 2 minutes" from "the limit of 20 minutes is over", which time will not mend."""
    if _NO_WAY_BACK.search(words):
        return False
    hinted = _PERHAPS_TOO_EARLY.search(words) or seconds_in(words) is not None
    return bool(_TOO_EARLY.search(words)) or (bool(hinted) and not _TOO_LATE.search(words))


def deny_success(words: str) -> bool:
    """Tell whether they say what no success says, whatever the code beside them."""
    return bool(re.search(r"\btoo (?:early|soon)\b", words)) and not say_already_cancelled(words)


def say_too_late(words: str) -> bool:
    """Tell whether they say that the number cannot be given back any more."""
    return bool(_NO_WAY_BACK.search(words) or _TOO_LATE.search(words))


def say_too_frequent(words: str) -> bool:
    """Tell whether they are about the pace of requests, and not about the number's age."""
    return bool(_TOO_FREQUENT.search(words))


def seconds_in(text: str) -> float | None:
    """Give the first duration that a text names, in seconds (`wait 2 minutes`, `in 2:00`: 120)."""
    if on_a_watch := _ON_A_WATCH.search(text):
        minutes, seconds = (int(part) for part in on_a_watch.groups() if part)
        return 60.0 * minutes + seconds
    if (match := _DURATION.search(text)) is None:
        return None
    return float(match[1]) * (60 if match[2].lower() == "m" else 1)
