"""Methods that look at chats and their members."""

from bot.sandbox.telegram.acts import Acts
from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.errors import JsonObject, bad_request
from bot.sandbox.telegram.methods.places import chat_of, user_of
from bot.sandbox.telegram.methods.registry import method
from bot.sandbox.telegram.model import Member

GIFTS = (
    "unlimited_gifts",
    "limited_gifts",
    "unique_gifts",
    "premium_subscription",
    "gifts_from_channels",
)
PERMISSIONS = (
    "can_send_messages",
    "can_send_audios",
    "can_send_documents",
    "can_send_photos",
    "can_send_videos",
    "can_send_video_notes",
    "can_send_voice_notes",
    "can_send_polls",
    "can_send_other_messages",
    "can_add_web_page_previews",
    "can_react_to_messages",
    "can_change_info",
    "can_invite_users",
    "can_pin_messages",
    "can_manage_topics",
)


@method
def get_chat(world: Acts, call: Call) -> JsonObject:
    """Bot API getChat: ``ChatFullInfo``."""
    chat = chat_of(world, call)
    full = chat.shown() | {
        "accent_color_id": chat.id % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, False),
    }
    if chat.kind != "private":
        full["permissions"] = dict.fromkeys(PERMISSIONS, True)
    if chat.pinned in chat.by_id:
        full["pinned_message"] = chat.by_id[chat.pinned]
    return full


@method
def get_chat_member(world: Acts, call: Call) -> JsonObject:
    """Bot API getChatMember; somebody who was never there has "left"."""
    chat, user = chat_of(world, call), user_of(world, call)
    return (chat.members.get(user.id) or Member(user, "left")).shown()


@method
def get_chat_administrators(world: Acts, call: Call) -> list[JsonObject]:
    """Bot API getChatAdministrators: people who run the group, and the bot itself if it does."""
    chat = chat_of(world, call)
    if chat.kind == "private":
        raise bad_request("there are no administrators in the private chat")
    return [member.shown() for member in chat.members.values() if member.is_admin]


@method
def get_chat_member_count(world: Acts, call: Call) -> int:
    """Bot API getChatMemberCount."""
    return sum(member.present for member in chat_of(world, call).members.values())


@method
def leave_chat(world: Acts, call: Call) -> bool:
    """Bot API leaveChat."""
    chat = chat_of(world, call)
    if chat.kind == "private":
        raise bad_request("chat member status can't be changed in private chats")
    world.set_member(chat, Member(world.bot, "left"), world.bot)
    shown = world.bot.shown()
    world.post(chat, {"from": shown, "left_chat_member": shown})
    return True
