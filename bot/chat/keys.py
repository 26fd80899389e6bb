"""Single keys of inline keyboards, and how they are set in rows."""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

from telegram import CopyTextButton, InlineKeyboardButton
from telegram.constants import KeyboardButtonStyle

from bot.chat import markup
from bot.chat.buttons import Dismiss
from bot.chat.codec import Button, encode

WIDE_UNITS: Final = 18
"""A longer text has a row of its own: phones cut what is longer in half a row."""
MAX_TEXT_UNITS: Final = 60
MAX_COPY_UNITS: Final = 256

Row = list[InlineKeyboardButton]
Item = TypeVar("Item")


def button(text: str, to: Button, style: KeyboardButtonStyle | None = None) -> InlineKeyboardButton:
    """Give a key that leads somewhere."""
    return InlineKeyboardButton(_shown(text), callback_data=encode(to), style=style)


def copy(text: str, copied: str) -> InlineKeyboardButton:
    """Give a key that copies a text, as much of it as a key can carry."""
    carried = printable(markup.cut(copied, MAX_COPY_UNITS))
    return InlineKeyboardButton(_shown(text), copy_text=CopyTextButton(carried))


def chosen(text: str, is_chosen: bool) -> str:  # noqa: FBT001 - what is said of the text
    """Mark the text of the key whose choice stands, among those that could be chosen."""
    return f"● {text}" if is_chosen else text


def printable(text: str) -> str:
    """Put on one line what may come from outside; an empty text is refused by Telegram."""
    return " ".join(text.encode(errors="replace").decode().split()) or "?"


def pairs(keys: Sequence[InlineKeyboardButton]) -> list[Row]:
    """Set two keys side by side, unless one of them is too long for half a row."""
    rows: list[Row] = []
    for key in keys:
        is_wide = _is_wide(key)
        if rows and len(rows[-1]) == 1 and not is_wide and not _is_wide(rows[-1][0]):
            rows[-1].append(key)
        else:
            rows.append([key])
    return rows


def page_of(items: Sequence[Item], page: int, size: int) -> tuple[Sequence[Item], int, int]:
    """Give what a page shows, which page that is, and how many there are; an empty list has one.

    Pages count from 0; one too far is the last.
    """
    page, pages = page_within(len(items), page, size)
    return items[page * size :][:size], page, pages


def page_within(count: int, page: int, size: int) -> tuple[int, int]:
    """Give which page of so many items that is, and how many pages there are, as `page_of`."""
    pages = max(1, -(-count // size))
    return min(page, pages - 1), pages


def moves(
    page: int, pages: int, to: Callable[[int], Button], *beside: InlineKeyboardButton
) -> list[Row]:
    """Give the ways to the page before and after, and keys beside them: a row, or none."""
    earlier = [button("◀", to(page - 1))] if page > 0 else []
    later = [button("▶", to(page + 1))] if page + 1 < pages else []
    row = [*earlier, *later, *beside]
    return [row] if row else []


def last_row(to: Button, owner: int) -> Row:
    """Give Back and Close."""
    return [button("« Back", to), close(owner)]


def close(owner: int) -> InlineKeyboardButton:
    """Give the key that closes the message."""
    return button("✖ Close", Dismiss(owner))


def _shown(text: str) -> str:
    return markup.cut(printable(text), MAX_TEXT_UNITS)


def _is_wide(key: InlineKeyboardButton) -> bool:
    return markup.units(key.text) > WIDE_UNITS
