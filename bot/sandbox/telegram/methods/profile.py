"""Methods about the bot itself: who it is, its commands and descriptions."""

import re

from bot.sandbox.telegram.acts import Acts
from bot.sandbox.telegram.calls import Call
from bot.sandbox.telegram.errors import JsonObject, bad_request
from bot.sandbox.telegram.methods.places import chat_of
from bot.sandbox.telegram.methods.registry import method
from bot.sandbox.telegram.model import Chat
from bot.sandbox.telegram.world import World

MAX_COMMANDS = 100
SCOPES = frozenset(
    {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
    | {"chat", "chat_administrators", "chat_member"}
)


@method
def get_me(world: Acts, _call: Call) -> JsonObject:
    """Bot API getMe."""
    return world.bot.shown() | {
        "can_join_groups": True,
        "can_read_all_group_messages": not world.privacy_mode,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


@method
def set_my_commands(world: Acts, call: Call) -> bool:
    """Bot API setMyCommands, for one scope and one language."""
    commands = [_command(one) for one in call.things("commands")]
    if len(commands) > MAX_COMMANDS:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    world.profile.commands[_scope_and_language(world, call)] = commands
    world.hub.tell({"type": "world"})
    return True


@method
def get_my_commands(world: Acts, call: Call) -> list[JsonObject]:
    """Bot API getMyCommands, for exactly this scope and language."""
    return world.profile.commands.get(_scope_and_language(world, call), [])


@method
def delete_my_commands(world: Acts, call: Call) -> bool:
    """Bot API deleteMyCommands."""
    world.profile.commands.pop(_scope_and_language(world, call), None)
    world.hub.tell({"type": "world"})
    return True


def _command(command: JsonObject) -> JsonObject:
    name = str(command.get("command", "")).removeprefix("/")
    description = str(command.get("description", "")).strip()
    if not re.fullmatch(r"[a-z0-9_]{1,32}", name):
        raise bad_request("BOT_COMMAND_INVALID")
    if not 1 <= len(description) <= 256:  # noqa: PLR2004 - Bot API, BotCommand
        raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    return {"command": name, "description": description}


def _scope_and_language(world: World, call: Call) -> tuple[str, str]:
    scope = call.thing("scope") or {"type": "default"}
    kind = scope.get("type")
    if kind not in SCOPES:
        raise bad_request("can't parse BotCommandScope: Unsupported type specified")
    language = call.text("language_code")
    if language and not re.fullmatch(r"[a-z]{2}", language):
        raise bad_request("LANG_CODE_INVALID")
    if kind.startswith("chat"):
        chat = chat_of(world, Call(call.method, scope))
        return _key(kind, chat.id, *_member_of(world, scope)), language
    return kind, language


def _member_of(world: World, scope: JsonObject) -> list[int]:
    """The member whom a scope is for, if it is for one."""
    if scope["type"] != "chat_member":
        return []
    if scope.get("user_id") not in world.users:
        raise bad_request("can't parse BotCommandScope: invalid user_id specified")
    return [scope["user_id"]]


def _key(kind: str, *ids: object) -> str:
    return ":".join([kind, *map(str, ids)])


def commands_for(world: World, chat: Chat, user_id: int, language: str) -> list[JsonObject]:
    """The commands that a user's app offers in a chat (Bot API, "Determining list of commands")."""
    if chat.kind == "private":
        scopes = [_key("chat", chat.id), "all_private_chats", "default"]
    else:
        admin = chat.is_admin(user_id)
        scopes = [
            _key("chat_member", chat.id, user_id),
            *([_key("chat_administrators", chat.id)] if admin else []),
            _key("chat", chat.id),
            *(["all_chat_administrators"] if admin else []),
            "all_group_chats",
            "default",
        ]
    known = world.profile.commands
    keys = [(scope, code) for scope in scopes for code in (language, "")]
    return next((known[key] for key in keys if key in known), [])


@method
def set_my_name(world: Acts, call: Call) -> bool:
    """Bot API setMyName."""
    return _set(world.profile.names, call, "name", 64)


@method
def get_my_name(world: Acts, call: Call) -> JsonObject:
    """Bot API getMyName."""
    return {"name": _get(world.profile.names, call) or world.bot.first_name}


@method
def set_my_description(world: Acts, call: Call) -> bool:
    """Bot API setMyDescription."""
    _set(world.profile.descriptions, call, "description", 512)
    world.hub.tell({"type": "world"})
    return True


@method
def get_my_description(world: Acts, call: Call) -> JsonObject:
    """Bot API getMyDescription."""
    return {"description": _get(world.profile.descriptions, call)}


@method
def set_my_short_description(world: Acts, call: Call) -> bool:
    """Bot API setMyShortDescription."""
    return _set(world.profile.short_descriptions, call, "short_description", 120)


@method
def get_my_short_description(world: Acts, call: Call) -> JsonObject:
    """Bot API getMyShortDescription."""
    return {"short_description": _get(world.profile.short_descriptions, call)}


def _set(texts: dict[str, str], call: Call, name: str, limit: int) -> bool:
    if len(call.text(name)) > limit:
        raise bad_request(f"bot {name.replace('_', ' ')} is too long")
    texts[call.text("language_code")] = call.text(name)
    return True


def _get(texts: dict[str, str], call: Call) -> str:
    return texts.get(call.text("language_code")) or texts.get("", "")
