"""What the page does to groups, over HTTP; see ``control``."""

from collections.abc import Callable
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from bot.sandbox.control import read
from bot.sandbox.telegram.links import Links

Act = Literal["add", "remove", "leave", "promote", "demote", "hide", "show"]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Membership(_Body):
    chat_id: int
    user_id: int
    by: int
    act: Act


_Do = Callable[[_Membership], object]


class _Group(_Body):
    user_id: int
    title: str


class _Topic(_Body):
    user_id: int
    chat_id: int
    name: str


class _Migration(_Body):
    chat_id: int


class _Link(_Body):
    user_id: int
    url: str
    chat_id: int | None = None


def group_routes(world: Links) -> list[web.RouteDef]:
    """The routes to be mounted beside those of ``control``."""
    control = _GroupControl(world)
    return [
        web.post("/member", control.member),
        web.post("/group", control.group),
        web.post("/topic", control.topic),
        web.post("/migrate", control.migrate),
        web.post("/follow", control.follow),
    ]


class _GroupControl:
    def __init__(self, world: Links) -> None:
        self._world = world
        self._acts: dict[Act, _Do] = {
            "add": lambda asked: world.add_member(asked.chat_id, asked.user_id, asked.by),
            "remove": lambda asked: world.remove_member(asked.chat_id, asked.user_id, asked.by),
            "promote": lambda asked: world.promote(asked.chat_id, asked.user_id, asked.by),
            "demote": lambda asked: world.demote(asked.chat_id, asked.user_id, asked.by),
            "leave": lambda asked: world.leave(asked.chat_id, asked.by),
            "hide": lambda asked: world.set_anonymous(asked.chat_id, asked.by, anonymous=True),
            "show": lambda asked: world.set_anonymous(asked.chat_id, asked.by, anonymous=False),
        }

    async def member(self, request: web.Request) -> web.Response:
        asked = await read(request, _Membership)
        self._acts[asked.act](asked)
        return web.json_response({})

    async def group(self, request: web.Request) -> web.Response:
        asked = await read(request, _Group)
        chat = self._world.create_group(asked.user_id, asked.title)
        return web.json_response({"chat_id": chat.id})

    async def topic(self, request: web.Request) -> web.Response:
        asked = await read(request, _Topic)
        thread_id = self._world.add_topic(asked.chat_id, asked.name, asked.user_id)
        return web.json_response({"message_thread_id": thread_id})

    async def migrate(self, request: web.Request) -> web.Response:
        asked = await read(request, _Migration)
        return web.json_response({"chat_id": self._world.migrate(asked.chat_id)})

    async def follow(self, request: web.Request) -> web.Response:
        asked = await read(request, _Link)
        self._world.follow(asked.user_id, asked.url, asked.chat_id)
        return web.json_response({})
