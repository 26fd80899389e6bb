"""What SpotSMS answers, read leniently and handed on strictly. Pure: bytes in, values out.

The envelope is an object with a `code` and, by action, `data`, `rsId`, `pidUsed`, `balance`
or `msg` (spotsms-api.txt). Whether the HTTP status mirrors the code is not documented, so
the body is asked first, then the status.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NoReturn

from bot.domain.money import parse_dollars
from bot.provider.errors import OutcomeUnknown

OK: Final = 200
REDIRECT: Final = 300
BAD_REQUEST: Final = 400
SERVER_ERROR: Final = 500
BEYOND_HTTP: Final = 600
MAX_TEXT_BYTES: Final = 2600
"""As much as PostgreSQL's index takes, in which one text is told from another."""
MAX_REASON: Final = 200
MAX_WORDS: Final = 1000
"""Of the provider's words so many characters are looked through; nobody needs more to say no."""
MAX_NUMBER: Final = 40

_YES = frozenset({"true", "1", "ok", "success"})
_NO = frozenset({"false", "0", "error", "fail", "failed", "failure"})
_PHONE = re.compile(r"\+?[0-9]{5,17}")
_PHONE_PUNCTUATION = re.compile(r"[ ()-]")
_DIGITS_OF_A_NUMBER = re.compile(r"\+?[0-9][0-9\s()-]{5,}[0-9]")
_PID = re.compile(r"[!-~]{1,64}")
_RS_ID = re.compile(r"[!-~]{1,128}")
_CODE = re.compile(r"-?[0-9]{1,6}(\.0+)?")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_INVISIBLE = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


_JSON = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse)


@dataclass(frozen=True, slots=True)
class BoughtNumber:
    """What `getNumber` brought (spotsms-api.txt §3).

    Attributes:
        number: in the provider's own spelling, which `getMsg` is asked with.
        rs_id: the activation at the provider; None: it can be polled, not cancelled.
        pid_used: the offer that the provider took, which may not be the one asked for.
    """

    number: str
    rs_id: str | None
    pid_used: str


@dataclass(frozen=True, slots=True)
class Balance:
    """The money left at the provider (spotsms-api.txt §6).

    Attributes:
        micros: micro-dollars; below zero when the account is overdrawn.
        step: micro-dollars of the last digit shown: `"49.95"` is exact to 10,000.
    """

    micros: int
    step: int


@dataclass(frozen=True, slots=True)
class Answer:
    """A JSON object from the provider.

    Attributes:
        code: the body's code, else the HTTP status.
        body: the object itself.
        retry_after: seconds, from the HTTP header of that name.
    """

    code: int
    body: dict[str, object]
    retry_after: float | None = None

    @property
    def data(self) -> object:
        """Give what the answer carries, if anything."""
        return self.body.get("data")

    @property
    def message(self) -> str:
        """Give the provider's own words, or nothing."""
        words = (self.body.get(name) for name in ("msg", "message", "error", "data"))
        return next((word for word in words if isinstance(word, str) and word.strip()), "")

    @property
    def is_success(self) -> bool:
        """Tell whether the code says success and nothing beside it says the contrary."""
        return self.code == OK and not self._is_denied

    @property
    def says_no(self) -> bool:
        """Tell whether it is a no, whatever of: an answer may be neither yes nor no."""
        return self.code >= BAD_REQUEST or self._is_denied

    @property
    def is_done(self) -> bool:
        """Tell whether it says in so many words that what was asked for is done.

        HTTP's own 200 says only that somebody answered.
        """
        says_so = self.body.get("code") is not None or self._verdict in _YES
        return self.is_success and says_so and self.data is not False

    @property
    def _is_denied(self) -> bool:
        return bool(self.body.get("error")) or self._verdict in _NO

    @property
    def _verdict(self) -> str:
        """Give what stands where such interfaces say yes or no, in lower case."""
        words = (self.body.get(name) for name in ("success", "status"))
        return next((str(word).strip().lower() for word in words if word is not None), "")

    @property
    def is_refusal(self) -> bool:
        """Tell whether this is a no that certainly had no effect.

        Server errors are none, wherever their code stands, nor is a code below 400; and
        a refusal that holds a number or an activation contradicts itself.
        """
        plain_no = self.code >= BAD_REQUEST and not self.is_server_error
        return plain_no and not _holds_number(self.data) and read_rs_id(self.body) is None

    @property
    def is_server_error(self) -> bool:
        """Tell whether the provider failed, rather than decided."""
        return SERVER_ERROR <= self.code < BEYOND_HTTP


def read_answer(status: int, body: bytes, retry_after: float | None = None) -> Answer:
    """Read a response as the provider's envelope.

    Raises:
        OutcomeUnknown: not JSON, not an object, a code that is none, or a redirect without one.
    """
    try:
        value = _JSON.decode(_decoded(body))
    except (ValueError, ArithmeticError, RecursionError):
        raise OutcomeUnknown(f"HTTP {status}, not JSON") from None
    if not isinstance(value, dict):
        raise OutcomeUnknown(f"HTTP {status}, JSON but no object")
    return Answer(_read_code(status, value.get("code")), value, retry_after)


def read_number(answer: Answer, pid: str) -> BoughtNumber | None:
    """Give the number in a success of `getNumber`; None: there is no usable one.

    Args:
        answer: what the provider said.
        pid: the offer asked for, which counts where the answer names none.
    """
    number = read_scalar(answer.data)
    if answer.code != OK or not _is_phone(number):
        return None
    pid_used = read_pid(answer.body.get("pidUsed"))
    return BoughtNumber(number, read_rs_id(answer.body), pid_used or pid)


def read_message(answer: Answer) -> str | None:
    """Give the SMS in a success of `getMsg`; None: an empty one, so none yet.

    Parts of an SMS (`{"code": …, "text": …}`) are told line by line: one that is not understood
    is better than one that is lost.

    Raises:
        OutcomeUnknown: what it carries is no text.
    """
    texts = [text for value in _values_in(answer.data) if (text := read_scalar(value))]
    if answer.data and not texts and not isinstance(answer.data, str):
        raise OutcomeUnknown("an SMS that is no text")
    return _shortened(clean_text("\n".join(texts))) or None


def read_balance(answer: Answer) -> Balance:
    """Give the balance and how exactly it is shown.

    Raises:
        OutcomeUnknown: there is no usable amount.
    """
    shown = read_scalar(answer.body.get("balance"))
    amount = shown.removeprefix("-").removeprefix("$")
    try:
        micros = parse_dollars(amount)
        exponent = Decimal(amount).as_tuple().exponent
    except (ValueError, ArithmeticError):
        raise OutcomeUnknown("a balance that is no amount") from None
    last_digit = max(-6, min(int(exponent), 6))
    return Balance(-micros if shown.startswith("-") else micros, 10 ** (last_digit + 6))


def read_scalar(value: object) -> str:
    """Give a string or a number as trimmed text, and nothing for all else."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    return str(value).strip()


def read_pid(value: object) -> str | None:
    """Give the id of a service, an offer or a country: plain printable letters, or None."""
    return text if _PID.fullmatch(text := read_scalar(value)) else None


def read_rs_id(body: dict[str, object]) -> str | None:
    """Give the activation's id (spotsms-api.txt §3); the documentation's example lets it lack."""
    text = read_scalar(body.get("rsId"))
    return text if _RS_ID.fullmatch(text) and text != "0" else None


def clean_text(text: str) -> str:
    """Drop what a database or a chat cannot hold: control characters and lone surrogates."""
    return _CONTROL.sub("", text).strip()


def _shortened(text: str) -> str:
    """Give beginning and end of a text that is too long: a code stands in either."""
    whole = text.encode()
    if len(whole) <= MAX_TEXT_BYTES:
        return text
    half = (MAX_TEXT_BYTES - len("…".encode())) // 2
    beginning, end = whole[:half], whole[-half:]
    return f"{beginning.decode(errors='ignore')}…{end.decode(errors='ignore')}"


def clean_line(text: str, length: int) -> str:
    """Give a text as one line of at most so many characters, nothing hidden in it."""
    visible = _INVISIBLE.sub("", _CONTROL.sub(" ", text))
    return " ".join(visible.split())[:length].strip()


def clean_reason(text: str, secret: str) -> str:
    """Give the provider's words for a log: one short line without the key or any number."""
    without_key = text.replace(secret, "…") if secret else text
    return clean_line(_DIGITS_OF_A_NUMBER.sub("…", without_key[:MAX_WORDS]), MAX_REASON)


def _read_code(status: int, code: object) -> int:
    if code is None and not REDIRECT <= status < BAD_REQUEST:
        return status
    if not _CODE.fullmatch(text := read_scalar(code)):
        raise OutcomeUnknown(f"HTTP {status}, an object without a usable code")
    return int(Decimal(text))


def _decoded(body: bytes) -> str:
    """Decode as UTF-8; one bad byte in a name must not cost the number beside it."""
    return body.decode("utf-8-sig", errors="replace")


def _is_phone(text: str) -> bool:
    if len(text) > MAX_NUMBER:
        return False
    return _PHONE.fullmatch(_PHONE_PUNCTUATION.sub("", text)) is not None


def _holds_number(value: object) -> bool:
    """Tell whether a phone number stands anywhere in a value, however deep."""
    return any(_is_phone(read_scalar(item)) for item in _values_in(value))


def _values_in(value: object) -> Iterator[object]:
    """Give what stands in a value, however deep, in its order."""
    rest = [value]
    while rest:
        item = rest.pop()
        if isinstance(item, dict):
            rest.extend(reversed(item.values()))
        elif isinstance(item, list):
            rest.extend(reversed(item))
        else:
            yield item
