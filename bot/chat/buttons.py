"""What a button carries: all that its press needs, as ids; no price, and nothing to be trusted.

Written as `b1:<kind>:<field>:…` in at most 64 bytes (Bot API `InlineKeyboardButton`). Numbers are
in base 36. The provider's ids stand as they are where they are short and plain; others stand as a
reference, `~` and eight letters of their digest, which `matches` resolves.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import astuple, dataclass, fields
from typing import Any, Final

MAX_BYTES: Final = 64

_VERSION: Final = "b1"
_MAX_INTEGER: Final = 2**63 - 1
_MAX_PAGE: Final = 36**3 - 1
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]{1,12}|~[a-z2-7]{8}", re.ASCII)
_QUOTE_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ShowServices:
    """Show a page of the services. `owner` is who may press (0: an anonymous admin)."""

    owner: int
    page: int = 0


@dataclass(frozen=True, slots=True)
class SearchServices:
    """Ask for a word to search the services by."""

    owner: int


@dataclass(frozen=True, slots=True)
class ShowCountries:
    """A service was picked: show a page of its countries."""

    owner: int
    service: str
    page: int = 0


@dataclass(frozen=True, slots=True)
class SearchCountries:
    """Ask for a word to search the countries of a service by."""

    owner: int
    service: str


@dataclass(frozen=True, slots=True)
class PickCountry:
    """A country was picked: show the offers, or the quote where there is one offer."""

    owner: int
    service: str
    country: str


@dataclass(frozen=True, slots=True)
class PickOffer:
    """An offer was picked: show the quote."""

    owner: int
    service: str
    country: str
    pid: str


@dataclass(frozen=True, slots=True)
class Confirm:
    """Buy what the quote offers. Who may is written in the quote."""

    quote_id: str


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Close the message with the dialogue."""

    owner: int


@dataclass(frozen=True, slots=True)
class CancelNumber:
    """Give a number back."""

    activation_id: int


@dataclass(frozen=True, slots=True)
class ShowNumber:
    """Show one number and all that came for it."""

    activation_id: int


@dataclass(frozen=True, slots=True)
class ShowHistory:
    """Show a page of what somebody bought."""

    owner: int
    page: int = 0


@dataclass(frozen=True, slots=True)
class BuyAgain:
    """Begin a new dialogue with the service and country of an earlier number."""

    activation_id: int


@dataclass(frozen=True, slots=True)
class Reveal:
    """Show a code to its buyer alone."""

    code_id: int
    activation_id: int


@dataclass(frozen=True, slots=True)
class AskAccess:
    """Ask the owner to let this chat in."""


@dataclass(frozen=True, slots=True)
class DecideAccess:
    """The owner's decision about a chat."""

    chat_id: int
    approve: bool


@dataclass(frozen=True, slots=True)
class ShowOutcome:
    """Show an unknown outcome again, with what the owner may answer."""

    activation_id: int


@dataclass(frozen=True, slots=True)
class AskOutcome:
    """The owner's answer to an unknown outcome, before it is asked once more."""

    activation_id: int
    charged: bool


@dataclass(frozen=True, slots=True)
class DecideOutcome:
    """The owner's decision about an unknown outcome."""

    activation_id: int
    charged: bool


@dataclass(frozen=True, slots=True)
class RefreshNumbers:
    """Show the open numbers as they stand now."""

    owner: int


Button = (
    ShowServices
    | SearchServices
    | ShowCountries
    | SearchCountries
    | PickCountry
    | PickOffer
    | Confirm
    | Dismiss
    | CancelNumber
    | ShowNumber
    | ShowHistory
    | BuyAgain
    | Reveal
    | AskAccess
    | DecideAccess
    | ShowOutcome
    | AskOutcome
    | DecideOutcome
    | RefreshNumbers
)

_KINDS: Final[dict[str, type[Button]]] = {
    "s": ShowServices,
    "ss": SearchServices,
    "c": ShowCountries,
    "cs": SearchCountries,
    "p": PickCountry,
    "o": PickOffer,
    "y": Confirm,
    "x": Dismiss,
    "k": CancelNumber,
    "n": ShowNumber,
    "h": ShowHistory,
    "b": BuyAgain,
    "r": Reveal,
    "a": AskAccess,
    "d": DecideAccess,
    "l": RefreshNumbers,
    "u": ShowOutcome,
    "ua": AskOutcome,
    "ud": DecideOutcome,
}
_LETTERS: Final = {kind: letters for letters, kind in _KINDS.items()}


def encode(button: Button) -> str:
    """Give a button's `callback_data`, never more than 64 bytes.

    Raises:
        ValueError: an id of our own that is out of its range.
    """
    names = (field.name for field in fields(button))
    values = (_CODECS[name][0](value) for name, value in zip(names, astuple(button), strict=True))
    return ":".join((_VERSION, _LETTERS[type(button)], *values))


def decode(data: object) -> Button | None:
    """Give the button that was pressed, or None for everything that `encode` did not write."""
    if not isinstance(data, str) or len(data) > MAX_BYTES or not data.isascii():
        return None
    version, _, rest = data.partition(":")
    letters, *parts = rest.split(":")
    kind = _KINDS.get(letters)
    if version != _VERSION or kind is None or len(parts) != len(fields(kind)):
        return None
    try:
        values = {
            field.name: _CODECS[field.name][1](part)
            for field, part in zip(fields(kind), parts, strict=True)
        }
        button: Button = kind(**values)
        return button if encode(button) == data else None
    except ValueError:
        return None


def reference(provider_id: str) -> str:
    """Give what stands for a provider's id in a button: itself, or `~` and its digest."""
    return provider_id if _PLAIN.fullmatch(provider_id) else _digest(provider_id)


def matches(given: str, provider_id: str) -> bool:
    """Tell whether what a button carried stands for this id."""
    return given in {provider_id, _digest(provider_id)}


def _digest(provider_id: str) -> str:
    raw = hashlib.blake2b(provider_id.encode(errors="surrogatepass"), digest_size=5).digest()
    return "~" + base64.b32encode(raw).decode().lower()


def _write_integer(value: int) -> str:
    if abs(value) > _MAX_INTEGER:
        raise ValueError("an id out of range")
    sign, value = ("-", -value) if value < 0 else ("", value)
    digits = ""
    while value:
        value, digit = divmod(value, 36)
        digits = _DIGITS[digit] + digits
    return sign + (digits or "0")


def _write_natural(value: int) -> str:
    if value < 0:
        raise ValueError("a negative id")
    return _write_integer(value)


def _write_page(value: int) -> str:
    if value > _MAX_PAGE:
        raise ValueError("a page out of range")
    return _write_natural(value)


def _write_quote_id(value: str) -> str:
    if not _QUOTE_ID.fullmatch(value):
        raise ValueError("not the id of a quote")
    return value


def _read_integer(text: str) -> int:
    return int(text, 36)


def _read_flag(text: str) -> bool:
    return bool(("0", "1").index(text))


_INTEGER = (_write_integer, _read_integer)
_NATURAL = (_write_natural, _read_integer)
_REFERENCE = (reference, str)
_CODECS: Final[dict[str, tuple[Callable[[Any], str], Callable[[str], Any]]]] = {
    "owner": _NATURAL,
    "activation_id": _NATURAL,
    "code_id": _NATURAL,
    "chat_id": _INTEGER,
    "page": (_write_page, _read_integer),
    "approve": (_write_integer, _read_flag),
    "charged": (_write_integer, _read_flag),
    "service": _REFERENCE,
    "country": _REFERENCE,
    "pid": _REFERENCE,
    "quote_id": (_write_quote_id, str),
}
