"""Methods that answer: pressed buttons and inline queries."""

from bot.sandbox.telegram.acts import Acts
from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.entities import parse_html
from bot.sandbox.telegram.errors import JsonObject, bad_request
from bot.sandbox.telegram.keyboards import check_markup
from bot.sandbox.telegram.methods.registry import method
from bot.sandbox.telegram.queries import Answer

MAX_LENGTH_OF_ANSWER = 200
MAX_RESULTS = 50
MAX_BYTES_OF_RESULT_ID = 64


@method
def answer_callback_query(world: Acts, call: Call) -> bool:
    """Bot API answerCallbackQuery: once for each press, and not too late."""
    text, url = call.text("text"), call.text("url")
    if len(text) > MAX_LENGTH_OF_ANSWER:
        raise bad_request("MESSAGE_TOO_LONG")
    if url and not url.startswith(f"https://t.me/{world.bot.username}?start="):
        raise bad_request("URL_INVALID")
    press = world.queries.open_press(call.text("callback_query_id"))
    press.answer = Answer(text, call.flag("show_alert"), url)
    event = {"type": "answer", "id": press.id, "user_id": press.user.id}
    world.hub.tell(event | {"text": text, "show_alert": press.answer.show_alert, "url": url})
    return True


@method
def answer_inline_query(world: Acts, call: Call) -> bool:
    """Bot API answerInlineQuery; only results of the kind "article" are emulated."""
    results = [_result(one) for one in call.things("results")]
    if len(results) > MAX_RESULTS:
        raise bad_request("RESULTS_TOO_MUCH")
    if len({one["id"] for one in results}) < len(results):
        raise bad_request("RESULT_ID_DUPLICATE")
    question = world.queries.open_inline(call.text("inline_query_id"))
    question.results = results
    world.hub.tell({"type": "inline", "id": question.id, "user_id": question.user.id})
    return True


def _result(result: JsonObject) -> JsonObject:
    if result.get("type") != "article":
        raise NotImplementedError(f"the sandbox emulates no inline result {result.get('type')!r}")
    if not result.get("title"):
        raise bad_request("can't parse inline query result: Can't find field \"title\"")
    if not 1 <= len(str(result.get("id", "")).encode()) <= MAX_BYTES_OF_RESULT_ID:
        raise bad_request("RESULT_ID_INVALID")
    check_markup(result.get("reply_markup"))
    content = dict(result.get("input_message_content", {}))
    if content.pop("parse_mode", "").lower() == "html":
        content["message_text"], content["entities"] = parse_html(content["message_text"])
    return result | {"input_message_content": content}
