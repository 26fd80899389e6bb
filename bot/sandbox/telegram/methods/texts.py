"""What a message holds: text or caption with its entities, and its keyboard."""

from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.entities import clean, parse_html, tidy, units
from bot.sandbox.telegram.errors import (
    MAX_UNITS_OF_CAPTION,
    MAX_UNITS_OF_TEXT,
    JsonObject,
    bad_request,
)
from bot.sandbox.telegram.keyboards import check_markup
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.world import World, known_mentions


def text_of(world: World, chat: Chat, call: Call) -> JsonObject:
    """``text`` and ``entities`` of a call.

    Raises:
        ApiError: 400 (empty, too long, markup that cannot be parsed).
    """
    text, entities = _formatted(call, "text", "entities")
    if not text:
        raise bad_request("message text is empty")
    if units(text) > MAX_UNITS_OF_TEXT:
        raise bad_request("message is too long")
    entities = known_mentions(world, chat, entities)
    return {"text": text} | ({"entities": entities} if entities else {})


def caption_of(world: World, chat: Chat, call: Call) -> JsonObject:
    """``caption`` and ``caption_entities`` of a call; a caption may be missing.

    Raises:
        ApiError: 400 (too long, markup that cannot be parsed).
    """
    text, entities = _formatted(call, "caption", "caption_entities")
    if units(text) > MAX_UNITS_OF_CAPTION:
        raise bad_request("message caption is too long")
    if not text:
        return {}
    entities = known_mentions(world, chat, entities)
    return {"caption": text} | ({"caption_entities": entities} if entities else {})


def markup_of(call: Call) -> JsonObject:
    """The inline keyboard of a call as a message's field, if it shows one.

    Raises:
        ApiError: 400, a button that Telegram refuses.
    """
    markup = check_markup(call.thing("reply_markup"))
    return {"reply_markup": markup} if markup else {}


def _formatted(call: Call, name: str, entities_name: str) -> tuple[str, list[JsonObject]]:
    text, mode = clean(call.text(name)), call.text("parse_mode").lower()
    if mode == "html":
        return parse_html(text)
    if mode in {"markdown", "markdownv2"}:
        raise NotImplementedError("the sandbox emulates no Markdown")
    if mode:
        raise bad_request("unsupported parse_mode")
    return tidy(text, call.things(entities_name))
