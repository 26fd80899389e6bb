"""Methods that write, change and remove messages."""

import time

from bot.sandbox.telegram.acts import Acts
from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.errors import JsonObject, bad_request
from bot.sandbox.telegram.methods.places import chat_of, message_of, place_of
from bot.sandbox.telegram.methods.registry import method
from bot.sandbox.telegram.methods.texts import caption_of, markup_of, text_of
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.world import World

NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)
CONTENT = (
    *("text", "entities", "caption", "caption_entities"),
    *("photo", "document", "show_caption_above_media", "has_media_spoiler"),
)
SHOWN_ON_EDIT = (*CONTENT, "reply_markup")
CHAT_ACTIONS = frozenset(
    {
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    }
)


@method
def send_message(world: Acts, call: Call) -> JsonObject:
    """Bot API sendMessage."""
    chat = chat_of(world, call)
    return send(world, chat, call, text_of(world, chat, call))


def send(world: World, chat: Chat, call: Call, content: JsonObject) -> JsonObject:
    """Post what the bot writes, with what all sending methods have in common.

    Raises:
        ApiError: 400, for the place or the keyboard.
    """
    message: JsonObject = (
        {"from": world.bot.shown()} | place_of(world, chat, call) | content | markup_of(call)
    )
    if call.flag("protect_content"):
        message["has_protected_content"] = True
    if options := call.thing("link_preview_options"):
        message["link_preview_options"] = options
    if effect := call.text("message_effect_id"):
        if chat.kind != "private":
            raise bad_request("EFFECT_ID_INVALID")
        message["effect_id"] = effect
    asked = call.thing("reply_markup")
    return world.post(chat, message, {"force_reply": asked} if asked.get("force_reply") else None)


@method
def edit_message_text(world: Acts, call: Call) -> JsonObject:
    """Bot API editMessageText; without ``reply_markup`` the keyboard goes."""
    chat, message = own_message(world, call)
    if "text" not in message:
        raise bad_request("there is no text in the message to edit")
    return edit(world, chat, message, text_of(world, chat, call) | markup_of(call), CONTENT)


@method
def edit_message_caption(world: Acts, call: Call) -> JsonObject:
    """Bot API editMessageCaption."""
    chat, message = own_message(world, call)
    if "text" in message:
        raise bad_request("there is no caption in the message to edit")
    names = ("caption", "caption_entities")
    return edit(world, chat, message, caption_of(world, chat, call) | markup_of(call), names)


@method
def edit_message_reply_markup(world: Acts, call: Call) -> JsonObject:
    """Bot API editMessageReplyMarkup."""
    chat, message = own_message(world, call)
    return edit(world, chat, message, markup_of(call), ())


def own_message(world: World, call: Call) -> tuple[Chat, JsonObject]:
    """The bot's own message that a call edits, and its chat.

    Raises:
        ApiError: 400, it is not there or not the bot's.
    """
    chat = chat_of(world, call)
    message = message_of(chat, call, "edit")
    if message["from"]["id"] != world.bot.id or not any(name in message for name in CONTENT):
        raise bad_request("message can't be edited")
    return chat, message


def edit(
    world: World, chat: Chat, message: JsonObject, content: JsonObject, replaced: tuple[str, ...]
) -> JsonObject:
    """Replace the fields ``replaced`` of a message, and its keyboard, by ``content``.

    Raises:
        ApiError: 400, nothing would change.
    """
    dropped = {*replaced, "reply_markup"}
    edited = {key: value for key, value in message.items() if key not in dropped} | content
    if all(edited.get(name) == message.get(name) for name in SHOWN_ON_EDIT):
        raise bad_request(NOT_MODIFIED)
    return world.replace(chat, edited | {"edit_date": int(time.time())})


@method
def delete_message(world: Acts, call: Call) -> bool:
    """Bot API deleteMessage: its own, any in private, and those of others where it is admin."""
    chat = chat_of(world, call)
    _delete(world, chat, message_of(chat, call, "delete"))
    return True


@method
def delete_messages(world: Acts, call: Call) -> bool:
    """Bot API deleteMessages: ids that are not there are passed over."""
    chat = chat_of(world, call)
    for message_id in call.things("message_ids"):
        if message_id in chat.by_id:
            _delete(world, chat, chat.by_id[message_id])
    return True


def _delete(world: World, chat: Chat, message: JsonObject) -> None:
    own = message["from"]["id"] == world.bot.id
    if not own and chat.kind != "private" and not chat.is_admin(world.bot.id):
        raise bad_request("message can't be deleted")
    world.remove(chat, message["message_id"])


@method
def copy_message(world: Acts, call: Call) -> JsonObject:
    """Bot API copyMessage; answers the new message's id alone."""
    chat, source = chat_of(world, call), chat_of(world, call, "from_chat_id")
    original = message_of(source, call, "copy")
    content = {name: original[name] for name in CONTENT if name in original}
    if not content:
        raise bad_request("message can't be copied")
    return {"message_id": send(world, chat, call, content)["message_id"]}


@method
def send_chat_action(world: Acts, call: Call) -> bool:
    """Bot API sendChatAction."""
    chat = chat_of(world, call)
    if call.text("action") not in CHAT_ACTIONS:
        raise bad_request("wrong parameter action in request")
    place_of(world, chat, call)
    world.hub.tell({"type": "typing", "chat_id": chat.id})
    return True


@method
def set_message_reaction(world: Acts, call: Call) -> bool:
    """Bot API setMessageReaction; the reaction is checked and not kept."""
    chat = chat_of(world, call)
    message_of(chat, call, "react")
    for reaction in call.things("reaction"):
        if reaction.get("type") != "emoji":
            raise bad_request("REACTION_INVALID")
    return True


@method
def pin_chat_message(world: Acts, call: Call) -> bool:
    """Bot API pinChatMessage, with its service message."""
    chat = _chat_to_pin_in(world, call)
    message = message_of(chat, call, "pin")
    chat.pinned = message["message_id"]
    world.post(chat, {"from": world.bot.shown(), "pinned_message": message})
    return True


@method
def unpin_chat_message(world: Acts, call: Call) -> bool:
    """Bot API unpinChatMessage."""
    _chat_to_pin_in(world, call).pinned = None
    return True


def _chat_to_pin_in(world: World, call: Call) -> Chat:
    chat = chat_of(world, call)
    if chat.kind != "private" and not chat.is_admin(world.bot.id):
        raise bad_request("not enough rights to manage pinned messages in the chat")
    return chat
