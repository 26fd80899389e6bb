"""Inline keyboards: what Telegram accepts, and finding a button again."""

import re
from collections.abc import Iterator

from bot.sandbox.telegram.entities import units
from bot.sandbox.telegram.errors import JsonObject, bad_request

MAX_BYTES_OF_DATA = 64
MAX_UNITS_OF_COPY_TEXT = 256
MAX_BUTTONS = 100
ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_EMPTY = {"callback_data": "", "url": ""}
STYLES = ("danger", "success", "primary")
OTHER_MARKUPS = ("keyboard", "remove_keyboard", "force_reply")


def check_markup(markup: JsonObject | None) -> JsonObject | None:
    """The inline keyboard that the message will show, or None.

    Reply keyboards and ``force_reply`` are accepted; they are no part of the message that the
    Bot API shows.

    Raises:
        ApiError: 400, when a button is not what Telegram accepts.
    """
    if not markup:
        return None
    if "inline_keyboard" not in markup:
        if not any(name in markup for name in OTHER_MARKUPS):
            raise bad_request("object expected as reply markup")
        return None
    rows = _rows(markup["inline_keyboard"])
    buttons = [button for row in rows for button in row]
    if len(buttons) > MAX_BUTTONS:
        raise bad_request("REPLY_MARKUP_TOO_LONG")
    for button in buttons:
        _check_button(button)
    return {"inline_keyboard": rows} if rows else None


def _rows(rows: object) -> list[list[JsonObject]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(
            "can't parse reply keyboard markup JSON object: "
            'Field "inline_keyboard" must be an Array of Arrays'
        )
    if not all(isinstance(button, dict) for row in rows for button in row):
        raise bad_request("can't parse inline keyboard button: Object expected")
    return [row for row in rows if row]


def _check_button(button: JsonObject) -> None:
    if not isinstance(button.get("text"), str):
        raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
    if not button["text"].strip():
        raise bad_request("inline keyboard button text must be non-empty")
    if button.get("style", "danger") not in STYLES:
        raise bad_request("can't parse inline keyboard button: invalid button style specified")
    # Telegram takes an empty callback_data for none at all; the empty query of a search is one.
    actions = [name for name in ACTIONS if name in button and button[name] != _EMPTY.get(name)]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise NotImplementedError(f"a button has exactly one action, not {actions}")
    _check_action(actions[0], button[actions[0]])


def _check_action(action: str, value: object) -> None:
    if action == "callback_data" and len(str(value).encode()) > MAX_BYTES_OF_DATA:
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "copy_text":
        text = value.get("text", "") if isinstance(value, dict) else ""
        if not 1 <= units(text) <= MAX_UNITS_OF_COPY_TEXT:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    if action == "url" and not re.match(r"(https?://[^\s/]+|tg://\w+)", str(value)):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")


def buttons_of(message: JsonObject) -> Iterator[JsonObject]:
    """Every button under a message, row by row."""
    for row in message.get("reply_markup", {}).get("inline_keyboard", []):
        yield from row


def find_button(message: JsonObject, words: str) -> JsonObject | None:
    """The first button that can be pressed and whose text holds ``words``, whatever their case."""
    for button in buttons_of(message):
        if "callback_data" in button and words.casefold() in button["text"].casefold():
            return button
    return None
