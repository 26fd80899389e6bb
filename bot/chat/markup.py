"""Telegram's HTML: what comes from outside escaped, amounts, times and numbers as people read them.

Bot API "HTML style". Limits count UTF-16 units.
"""

import html
import re
from datetime import UTC, datetime

import phonenumbers
from phonenumbers import PhoneNumberFormat

from bot.domain.money import format_dollars
from bot.domain.times import HOUR_MS, MINUTE_MS

NAME_UNITS = 100
_TAG = re.compile(r"<[^>]*>")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
"""The last two spans turn the direction of what follows: a name would write our words backwards."""


def escape(text: str) -> str:
    """Make text from outside harmless: no markup, no control or half characters."""
    sendable = text.encode(errors="replace").decode()
    return html.escape(_CONTROLS.sub("", sendable), quote=False)


def name(text: str) -> str:
    """Give a name from outside on one line, not too long, escaped."""
    return escape(cut(" ".join(text.split()), NAME_UNITS)) or "?"


def bold(text: str) -> str:
    """Set a name from outside, or words of our own, in bold."""
    return f"<b>{name(text)}</b>"


def code(text: str) -> str:
    """Set text so that a tap copies it."""
    return f"<code>{escape(text)}</code>"


def counted(count: int, noun: str) -> str:
    """Tell how many there are of what is called so: `1 number`, `2 numbers`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def dollars(micros: int) -> str:
    """Write an amount of micro-dollars."""
    return format_dollars(micros)


def relative(at: int, now: int) -> str:
    """Give a time (epoch ms) that clients count down or up by themselves: "in 12 min"."""
    return _time(at, "r", _distance(at - now))


def moment(at: int) -> str:
    """Give a time (epoch ms) as date and time of day in the reader's zone."""
    return _time(at, "dt", datetime.fromtimestamp(at / 1000, UTC).strftime("%d %b %Y %H:%M UTC"))


def plain_distance(milliseconds: int) -> str:
    """Tell a span of time for places without markup: "40 s", "12 min", "3 h 5 min"."""
    milliseconds = abs(milliseconds)
    if milliseconds < MINUTE_MS:
        return f"{max(1, milliseconds // 1000)} s"
    hours, rest = divmod(milliseconds, HOUR_MS)
    minutes = rest // MINUTE_MS
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes)
    return " ".join(parts)


def phone(number: str) -> str:
    """Write a number as people read it: `+1 202-555-0123`; unusual ones stay as they are."""
    try:
        parsed = phonenumbers.parse(e164(number))
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)


def e164(number: str) -> str:
    """Write a number as it is pasted into a form: `+12025550123`."""
    digits = "".join(character for character in number if character.isdecimal())
    return f"+{digits}" if digits else number


def plain(message: str) -> str:
    """Give the text of Telegram's HTML, without its tags."""
    return html.unescape(_TAG.sub("", message))


def units(text: str) -> int:
    """Count UTF-16 units, in which Telegram's limits are given."""
    return len(text.encode("utf-16-le", errors="surrogatepass")) // 2


def cut(text: str, most: int) -> str:
    """Shorten text to so many UTF-16 units; an ellipsis shows that something is missing."""
    if units(text) <= most:
        return text
    kept = text.encode("utf-16-le", errors="surrogatepass")[: 2 * (most - 1)]
    return kept.decode("utf-16-le", errors="ignore") + "…"


def _time(at: int, style: str, fallback: str) -> str:
    return f'<tg-time unix="{at // 1000}" format="{style}">{fallback}</tg-time>'


def _distance(milliseconds: int) -> str:
    span = plain_distance(milliseconds)
    return f"in {span}" if milliseconds >= 0 else f"{span} ago"
