"""Which chat a call means, and whether the bot may act there."""

from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.errors import ApiError, JsonObject, bad_request, forbidden
from bot.sandbox.telegram.model import Chat, User
from bot.sandbox.telegram.world import World, place_in_topic, quoted


def chat_of(world: World, call: Call, name: str = "chat_id") -> Chat:
    """The chat that a parameter names, if the bot may look at it.

    Raises:
        ApiError: 400 (empty, not found, upgraded) or 403 (blocked, kicked, not started).
    """
    chat_id = call.params.get(name)
    if chat_id in {None, ""}:
        raise bad_request(f"{name} is empty")
    chat = world.chats.get(_id_of(world, chat_id))
    if chat is None and chat_id in world.users:
        raise forbidden("bot can't initiate conversation with a user")
    if chat is None or world.bot.id not in chat.members:
        raise bad_request("chat not found")
    if refusal := _refusal(world, chat):
        raise refusal
    return chat


def _id_of(world: World, chat_id: object) -> int:
    if isinstance(chat_id, int):
        return chat_id
    named = (one.id for one in world.users.values() if f"@{one.username}" == chat_id)
    return next(named, 0)


def _refusal(world: World, chat: Chat) -> ApiError | None:
    if chat.migrated_to is not None:
        return bad_request(
            "group chat was upgraded to a supergroup chat",
            {"migrate_to_chat_id": chat.migrated_to},
        )
    if chat.kind == "private":
        return _private_refusal(world, chat)
    if chat.gone:
        return forbidden(f"the {chat.kind} chat was deleted")
    status = chat.members[world.bot.id].status
    if status == "kicked":
        return forbidden(f"bot was kicked from the {chat.kind} chat")
    if status == "left":
        return forbidden(f"bot is not a member of the {chat.kind} chat")
    return None


def _private_refusal(world: World, chat: Chat) -> ApiError | None:
    if chat.gone:
        return forbidden("user is deactivated")
    if not chat.has(world.bot.id):
        return forbidden("bot was blocked by the user")
    return None


def user_of(world: World, call: Call) -> User:
    """The user that ``user_id`` names.

    Raises:
        ApiError: 400, nobody has this id.
    """
    user_id = call.number("user_id")
    if user_id != world.bot.id and user_id not in world.users:
        raise bad_request("user not found")
    return world.user(user_id)


def message_of(chat: Chat, call: Call, act: str) -> JsonObject:
    """The message that ``message_id`` names.

    Raises:
        ApiError: 400 "message to … not found".
    """
    message = chat.by_id.get(call.number("message_id"))
    if message is None:
        raise bad_request(f"message to {act} not found")
    return message


def place_of(world: World, chat: Chat, call: Call) -> JsonObject:
    """The fields of a new message that say where it stands: its topic, and what it answers.

    A reply without ``message_thread_id`` goes where the answered message stands.

    Raises:
        ApiError: 400 (no such topic, closed topic, no such message to reply to).
    """
    replied = _replied(chat, call)
    thread_id = call.number("message_thread_id") or replied.get("message_thread_id", 0)
    place: JsonObject = {"reply_to_message": quoted(replied)} if replied else {}
    if not thread_id:
        return place
    topic = chat.topics.get(thread_id)
    if topic is None:
        raise bad_request("message thread not found")
    if topic.closed and not chat.is_admin(world.bot.id):
        raise bad_request("TOPIC_CLOSED")
    return place_in_topic(chat, thread_id) | place


def _replied(chat: Chat, call: Call) -> JsonObject:
    parameters = call.thing("reply_parameters")
    # The former parameters still work at Telegram, and old clients send them.
    message_id = parameters.get("message_id") or call.params.get("reply_to_message_id")
    if message_id is None:
        return {}
    tolerant = parameters.get("allow_sending_without_reply") or call.flag(
        "allow_sending_without_reply"
    )
    found = chat.by_id.get(int(message_id))
    if found is None and not tolerant:
        raise bad_request("message to be replied not found")
    return found or {}
