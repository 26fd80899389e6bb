"""The sandbox's powers over HTTP, for the page: everything under ``/sandbox/``.

======  ==================  ================================================================
GET     ``world``           bot, users, chats, waiting faults; ``?user_id=&chat_id=``: that
                            viewer's commands
GET     ``messages``        ``?chat_id=``: the messages of a chat, oldest first
GET     ``calls``           ``?after=n``: the bot's calls since number n, at most 200
GET     ``file/<file_id>``  a file that the bot sent
POST    ``say``             ``{user_id, chat_id, text, reply_to_message_id?,
                            message_thread_id?, anonymous?, mention_user_id?}``
POST    ``press``           ``{user_id, chat_id, message_id, data}``
POST    ``block``           ``{user_id, blocked}``
POST    ``member``          ``{chat_id, user_id, by, act}``: ``by`` adds, removes, promotes or
                            demotes somebody, leaves, or as an admin hides or shows their name
POST    ``group``           ``{user_id, title}``: creates a group; answers ``{chat_id}``
POST    ``topic``           ``{user_id, chat_id, name}``: opens a topic
POST    ``migrate``         ``{chat_id}``: makes a group a supergroup; answers ``{chat_id}``
POST    ``follow``          ``{user_id, url, chat_id?}``: taps a link to the bot
POST    ``fault``           the fields of ``TelegramFault``
DELETE  ``fault``           forgets all faults
GET     ``events``          a websocket: what happens, as it happens
======  ==================  ================================================================

A message is the Bot API's, and carries what only the sandbox knows: ``file_url`` of photos and
documents, ``force_reply`` where the bot asked for a reply, ``sandbox_user_id`` of whoever wrote
anonymously. A reply to a topic's opening is left out, as Telegram's apps do. What cannot be done
answers 400 or 404 with ``{error}``.
"""

import asyncio
from dataclasses import asdict

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from bot.sandbox.control import explain, own_pages_only, read
from bot.sandbox.telegram.application import BotApi
from bot.sandbox.telegram.errors import JsonObject
from bot.sandbox.telegram.faults import TelegramFault
from bot.sandbox.telegram.group_control import group_routes
from bot.sandbox.telegram.links import Links
from bot.sandbox.telegram.methods.profile import commands_for
from bot.sandbox.telegram.model import Chat

CALLS_AT_ONCE = 200


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Say(_Body):
    user_id: int
    chat_id: int
    text: str
    reply_to_message_id: int | None = None
    message_thread_id: int | None = None
    anonymous: bool = False
    mention_user_id: int | None = None


class _Press(_Body):
    user_id: int
    chat_id: int
    message_id: int
    data: str
    anonymous: bool = False  # the Bot API shows the person all the same


class _Block(_Body):
    user_id: int
    blocked: bool


def control_routes(world: Links, api: BotApi) -> web.Application:
    """The application to be mounted under ``/sandbox``."""
    control = _Control(world, api)
    application = web.Application(middlewares=[own_pages_only, explain])
    application.add_routes(
        [
            web.get("/world", control.world),
            web.get("/messages", control.messages),
            web.get("/calls", control.calls),
            web.get("/file/{file_id}", control.file),
            web.post("/say", control.say),
            web.post("/press", control.press),
            web.post("/block", control.block),
            web.post("/fault", control.fault),
            web.delete("/fault", control.clear_faults),
            web.get("/events", control.events),
            *group_routes(world),
        ]
    )
    return application


class _Control:
    def __init__(self, world: Links, api: BotApi) -> None:
        self._world = world
        self._api = api

    async def world(self, request: web.Request) -> web.Response:
        world = self._world
        bot = world.bot.shown() | {
            "description": world.profile.descriptions.get("", ""),
            "commands": self._commands(request),
        }
        users = [user.shown() for user in world.users.values()]
        chats = [_shown_chat(chat) for chat in world.chats.values()]
        faults = [asdict(fault) for fault in self._api.faults.faults]
        return web.json_response({"bot": bot, "users": users, "chats": chats, "faults": faults})

    def _commands(self, request: web.Request) -> list[JsonObject]:
        """Those of the viewer; a chat that does not exist yet is the user's private one."""
        user = self._world.users.get(_number(request, "user_id"))
        if user is None:
            return []
        chat_id = _number(request, "chat_id") or user.id
        chat = self._world.chats.get(chat_id) or Chat(user.id, "private", partner=user)
        return commands_for(self._world, chat, user.id, user.language_code or "")

    async def messages(self, request: web.Request) -> web.Response:
        chat = self._world.chats.get(_number(request, "chat_id"))
        shown = [_shown_message(chat, one) for one in chat.messages] if chat else []
        return web.json_response(shown)

    async def calls(self, request: web.Request) -> web.Response:
        after = _number(request, "after")
        calls = self._api.exchanges[after:][-CALLS_AT_ONCE:]
        return web.json_response([call.shown() for call in calls])

    async def file(self, request: web.Request) -> web.Response:
        file = self._world.files[request.match_info["file_id"]]
        return web.Response(body=file.content, content_type=file.content_type)

    async def say(self, request: web.Request) -> web.Response:
        body = await read(request, _Say)
        message = self._world.say(
            body.user_id,
            body.chat_id,
            body.text,
            body.reply_to_message_id,
            body.message_thread_id,
            anonymous=body.anonymous,
            mention=body.mention_user_id,
        )
        return web.json_response({"message_id": message["message_id"]})

    async def press(self, request: web.Request) -> web.Response:
        body = await read(request, _Press)
        press = self._world.press(body.user_id, body.chat_id, body.message_id, body.data)
        return web.json_response({"id": press.id})

    async def block(self, request: web.Request) -> web.Response:
        body = await read(request, _Block)
        act = self._world.block_bot if body.blocked else self._world.unblock_bot
        act(body.user_id)
        return web.json_response({})

    async def fault(self, request: web.Request) -> web.Response:
        self._api.inject(await read(request, TelegramFault))
        return web.json_response({})

    async def clear_faults(self, _: web.Request) -> web.Response:
        self._api.clear_faults()
        return web.json_response({})

    async def events(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        news = self._world.hub.listen()
        pump = asyncio.create_task(self._tell(socket, news))
        try:
            async for _ in socket:
                pass
        finally:
            self._world.hub.forget(news)
            pump.cancel()
            await asyncio.gather(pump, return_exceptions=True)
        return socket

    async def _tell(self, socket: web.WebSocketResponse, news: asyncio.Queue[JsonObject]) -> None:
        while True:
            event = await news.get()
            if "message" in event:
                chat = self._world.chat(event["chat_id"])
                event = event | {"message": _shown_message(chat, event["message"])}
            await socket.send_json(event)


def _number(request: web.Request, name: str) -> int:
    return int(request.query.get(name) or 0)


def _shown_chat(chat: Chat) -> JsonObject:
    return {
        "id": chat.id,
        "type": chat.kind,
        "title": chat.title or (chat.partner.first_name if chat.partner else ""),
        "is_forum": chat.is_forum,
        "migrated_to": chat.migrated_to,
        "topics": [{"id": topic.id, "name": topic.name} for topic in chat.topics.values()],
        "members": [
            {"user_id": one.user.id, "status": one.status, "anonymous": one.anonymous}
            for one in chat.members.values()
        ],
    }


def _shown_message(chat: Chat, message: JsonObject) -> JsonObject:
    shown = message | chat.asides.get(message["message_id"], {})
    if "forum_topic_created" in shown.get("reply_to_message", {}):
        del shown["reply_to_message"]
    if "photo" in message:
        shown["photo"] = [_with_url(size) for size in message["photo"]]
    if "document" in message:
        shown["document"] = _with_url(message["document"])
    return shown


def _with_url(file: JsonObject) -> JsonObject:
    return file | {"file_url": f"/sandbox/file/{file['file_id']}"}
