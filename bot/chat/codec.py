"""Buttons as `callback_data`: written and read, and nothing of it trusted.

Written as `b1:<kind>:<field>:…` in at most 64 bytes (Bot API `InlineKeyboardButton`). Numbers are
in base 36. The provider's ids stand as they are where they are short and plain; others stand as a
reference, `~` and eight letters of their digest, which `matches` resolves.
"""

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import astuple, dataclass
from typing import Annotated, Any, Final, TypeVar, cast, dataclass_transform, get_type_hints

MAX_BYTES: Final = 64

_VERSION: Final = "b1"
_MAX_INTEGER: Final = 2**63 - 1
_MAX_PAGE: Final = 36**3 - 1
_DIGITS: Final = "0123456789abcdefghijklmnopqrstuvwxyz"
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]{1,12}|~[a-z2-7]{8}", re.ASCII)
_OWN_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,32}", re.ASCII)
_WORD: Final = re.compile(r"[a-z0-9_]{0,16}", re.ASCII)


class Button:
    """What a press on an inline button asks for; each kind is a frozen dataclass of ids."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class _Codec:
    """Writes a field's value, and reads it again; either raises ValueError."""

    write: Callable[[Any], str]
    read: Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class _Kind:
    make: type[Button]
    codecs: tuple[_Codec, ...]


_KINDS: Final[dict[str, _Kind]] = {}
_LETTERS: Final[dict[type[Button], str]] = {}

Made = TypeVar("Made", bound=type[Button])


@dataclass_transform(frozen_default=True)
def button(letters: str) -> Callable[[Made], Made]:
    """Make a class a kind of button, written with these letters, its fields in their order."""

    def register(plain: Made) -> Made:
        made = cast("Made", dataclass(frozen=True, slots=True)(plain))
        if letters in _KINDS:
            raise TypeError(f"two kinds of buttons are written {letters!r}")
        hints = get_type_hints(made, include_extras=True)
        _KINDS[letters] = _Kind(made, tuple(hint.__metadata__[0] for hint in hints.values()))
        _LETTERS[made] = letters
        return made

    return register


def kinds() -> list[type[Button]]:
    """Give every kind of button that has been made so far."""
    return list(_LETTERS)


def encode(button: Button) -> str:
    """Give a button's `callback_data`, never more than 64 bytes.

    Raises:
        ValueError: an id of our own that is out of its range.
    """
    letters = _LETTERS[type(button)]
    values = astuple(button)  # type: ignore[call-overload]  # every kind is a dataclass
    written = map(_write, _KINDS[letters].codecs, values)
    return ":".join((_VERSION, letters, *written))


def decode(data: object) -> Button | None:
    """Give the button that was pressed, or None for everything that `encode` did not write."""
    if not isinstance(data, str) or len(data) > MAX_BYTES or not data.isascii():
        return None
    version, _, rest = data.partition(":")
    letters, *parts = rest.split(":")
    kind = _KINDS.get(letters)
    if version != _VERSION or kind is None or len(parts) != len(kind.codecs):
        return None
    try:
        pressed = kind.make(*map(_read, kind.codecs, parts))
        return pressed if encode(pressed) == data else None
    except ValueError:
        return None


def reference(provider_id: str) -> str:
    """Give what stands for a provider's id in a button: itself, or `~` and its digest."""
    return provider_id if _PLAIN.fullmatch(provider_id) else _digest(provider_id)


def matches(given: str, provider_id: str) -> bool:
    """Tell whether what a button carried stands for this id."""
    return given in {provider_id, _digest(provider_id)}


def _write(codec: _Codec, value: object) -> str:
    return codec.write(value)


def _read(codec: _Codec, text: str) -> object:
    return codec.read(text)


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


def _write_own_id(value: str) -> str:
    if not _OWN_ID.fullmatch(value):
        raise ValueError("not an id of ours")
    return value


def _write_word(value: str) -> str:
    if not _WORD.fullmatch(value):
        raise ValueError("not a plain word")
    return value


def _read_integer(text: str) -> int:
    return int(text, 36)


def _read_flag(text: str) -> bool:
    return bool(("0", "1").index(text))


Natural = Annotated[int, _Codec(_write_natural, _read_integer)]
"""An id that is never negative."""

Integer = Annotated[int, _Codec(_write_integer, _read_integer)]
"""An id that may be negative: a group's."""

Page = Annotated[int, _Codec(_write_page, _read_integer)]
"""A page, counted from 0."""

Flag = Annotated[bool, _Codec(_write_integer, _read_flag)]

Reference = Annotated[str, _Codec(reference, str)]
"""A provider's id, or what stands for it: see `matches`."""

OwnId = Annotated[str, _Codec(_write_own_id, str)]
"""An id that we made: 1 to 32 plain characters."""

Word = Annotated[str, _Codec(_write_word, str)]
"""At most 16 small letters, digits and underscores: the name of a choice."""
