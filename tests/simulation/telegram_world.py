"""The Bot API without HTTP: chats that flood, vanish, block and migrate."""

import asyncio
import json
import math
import re
from collections import deque
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telegram._utils.defaultvalue import DefaultValue
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.storage.outbox import OutboxRow
from tests.simulation.clockwork import START, VirtualLoop
from tests.simulation.storage import Gate
from tests.simulation.weather import TELEGRAM_FAULTS, Weather

if TYPE_CHECKING:
    from collections.abc import Callable

Params = dict[str, Any]
Reply = tuple[int, dict[str, Any]]

DELIVERING: ContextVar[OutboxRow | None] = ContextVar("delivering", default=None)
"""The outbox row that is on its way: how the truth tells messages apart."""

DEPARTED: ContextVar[float] = ContextVar("departed")
"""When a call left the bot (virtual seconds): it could not know what was answered later."""

TOKEN = re.compile(r"\b77\d{6}\b")
"""The codes that the simulated SMS bring; nothing else in a message looks like them."""

GROUP_LIMIT = 20
FLOOD = 429
ME = {"id": 100, "is_bot": True, "first_name": "Numbers", "username": "numbers_bot"}


@dataclass
class Chat:
    """A chat as Telegram knows it. Times are virtual seconds.

    `told` says since when each process (its number) knows that the chat wants to be left alone.
    """

    id: int
    refusal: str | None = None
    migrated_to: int | None = None
    silent_until: float = 0.0
    told: dict[int, float] = field(default_factory=dict)
    posted: deque[float] = field(default_factory=lambda: deque(maxlen=GROUP_LIMIT))


@dataclass
class Message:
    """A message that Telegram accepted; `texts` are all that it ever showed."""

    id: int
    chat_id: int
    at: float
    texts: list[str]
    row: OutboxRow | None
    markup: object = None


class TelegramWorld:
    """Telegram's side: what was accepted is in the chat, whatever became of the answer."""

    def __init__(self, loop: VirtualLoop, weather: Weather) -> None:
        self.loop = loop
        self.weather = weather
        self.chats: dict[int, Chat] = {}
        self.messages: dict[tuple[int, int], Message] = {}
        self.seen: dict[str, set[int]] = {}
        self._accepted: dict[tuple[int, int], int] = {}
        self.wrongs: list[str] = []
        self.on_message: Callable[[Message], None] = lambda _: None
        self._last_id = 0

    def add(self, chat_id: int) -> Chat:
        """Make a chat."""
        return self.chats.setdefault(chat_id, Chat(chat_id))

    def migrate(self, chat_id: int, new_id: int) -> None:
        """Turn a group into a supergroup."""
        self.chats[chat_id].migrated_to = new_id
        self.add(new_id)
        self.weather.note("telegram", "migrated a group")

    def flood(self, chat_id: int, seconds: float) -> None:
        """Want this chat left alone."""
        chat = self.chats[chat_id]
        chat.silent_until = max(chat.silent_until, self.loop.time() + seconds)
        chat.told = {}

    def call(self, method: str, params: Params, gate: Gate, *, by_fault: bool) -> Reply:
        """Answer a call of the Bot API."""
        if method == "getMe":
            return _fine(ME)
        if method not in {"sendMessage", "editMessageText"}:
            return _fine(result=True)
        chat = self.chats.get(int(params["chat_id"]))
        if chat is None:
            return _bad("Bad Request: chat not found")
        return self._refusal(chat, gate, by_fault=by_fault) or self._take(
            method, chat, params, gate
        )

    def _refusal(self, chat: Chat, gate: Gate, *, by_fault: bool) -> Reply | None:
        if chat.migrated_to:
            words = "Bad Request: group chat was upgraded to a supergroup chat"
            return _bad(words, migrate_to_chat_id=chat.migrated_to)
        if chat.refusal:
            self.weather.note("telegram", "refused: " + chat.refusal)
            return 403, {"ok": False, "error_code": 403, "description": chat.refusal}
        if by_fault:
            self.flood(chat.id, self.weather.seconds(3.0, 60.0))
        return self._too_many(chat, gate)

    def _too_many(self, chat: Chat, gate: Gate) -> Reply | None:
        now = self.loop.time()
        full = chat.id < 0 and len(chat.posted) == GROUP_LIMIT and chat.posted[0] > now - 60
        if full:
            self.flood(chat.id, chat.posted[0] + 60 - now)
            self.weather.note("telegram", "group's 20 a minute were used up")
        if now >= chat.silent_until:
            return None
        if chat.told.get(gate.number, math.inf) < DEPARTED.get():
            self.wrongs.append(
                f"chat {chat.id} was written to {chat.silent_until - now:.1f} s early"
            )
        seconds = int(chat.silent_until - now) + 1
        chat.silent_until = now + seconds - 0.01
        description = f"Too Many Requests: retry after {seconds}"
        return FLOOD, {
            "ok": False,
            "error_code": 429,
            "description": description,
            "parameters": {"retry_after": seconds},
        }

    def _take(self, method: str, chat: Chat, params: Params, gate: Gate) -> Reply:
        chat.posted.append(self.loop.time())
        row = DELIVERING.get()
        if method == "editMessageText":
            return self._edit(chat, params, row, gate)
        self._last_id += 1
        text = str(params["text"])
        message = Message(
            self._last_id, chat.id, self.loop.time(), [text], row, params.get("reply_markup")
        )
        self.messages[chat.id, message.id] = message
        self._show(message, gate)
        return _fine(_shown(message))

    def _edit(self, chat: Chat, params: Params, row: OutboxRow | None, gate: Gate) -> Reply:
        message = self.messages.get((chat.id, int(params["message_id"])))
        if message is None:
            return _bad("Bad Request: message to edit not found")
        same = message.texts[-1] == params["text"]
        if same and message.markup == params.get("reply_markup"):
            return _bad("Bad Request: message is not modified: they are exactly the same")
        message.texts.append(str(params["text"]))
        message.markup = params.get("reply_markup")
        message.row = row or message.row
        self._show(message, gate)
        return _fine(_shown(message))

    def nobody_heard(self, row: OutboxRow | None) -> None:
        """Forget that a row was accepted: it may rightly come again."""
        if row:
            self._accepted.pop((row.id, row.version), None)

    def _show(self, message: Message, gate: Gate) -> None:
        row = message.row
        if row and self._accepted.get((row.id, row.version)) == gate.number:
            self.wrongs.append(f"outbox row {row.id} ({row.kind}) was told twice")
        if row:
            self._accepted[row.id, row.version] = gate.number
        everything = message.texts[-1] + json.dumps(message.markup)
        for token in TOKEN.findall(everything):
            self.seen.setdefault(token, set()).add(message.chat_id)
        self.on_message(message)


class SimulatedRequest(BaseRequest):
    """PTB's way to the Bot API, in virtual time. It dies with the process."""

    def __init__(self, world: TelegramWorld, gate: Gate) -> None:
        self._world = world
        self._weather = world.weather
        self._gate = gate

    @property
    def read_timeout(self) -> float | None:
        """Give the seconds after which PTB would give up."""
        return 10.0

    async def initialize(self) -> None:
        """Need nothing."""

    async def shutdown(self) -> None:
        """Leave nothing behind."""

    async def do_request(  # noqa: PLR0917 - the signature is python-telegram-bot's
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: DefaultValue[Any] | float | None = None,
        write_timeout: DefaultValue[Any] | float | None = None,
        connect_timeout: DefaultValue[Any] | float | None = None,
        pool_timeout: DefaultValue[Any] | float | None = None,
    ) -> tuple[int, bytes]:
        """Carry a call there and its answer back."""
        del method, read_timeout, write_timeout, connect_timeout, pool_timeout
        name = url.rsplit("/", 1)[-1]
        params: Params = dict(request_data.parameters) if request_data else {}
        self._gate.pass_through(f"before {name}")
        DEPARTED.set(self._world.loop.time())
        fault = None if name == "getMe" else self._weather.draw("telegram", TELEGRAM_FAULTS)
        await self._travel(fault)
        status, body = self._world.call(name, params, self._gate, by_fault=fault == "flood")
        await self._come_back(fault)
        self._gate.pass_through(f"after {name}")
        if status == FLOOD:
            chat = self._world.chats[int(params["chat_id"])]
            chat.told.setdefault(self._gate.number, self._world.loop.time())
        return status, json.dumps(body).encode()

    async def _travel(self, fault: str | None) -> None:
        seconds = self._weather.seconds
        await asyncio.sleep(seconds(0.5, 5.0) if fault == "slow" else seconds(0.02, 0.2))
        if self._weather.telegram_is_down:
            self._weather.note("telegram", "was down")
            raise NetworkError("httpx.ConnectError")
        if fault == "dropped before accepting":
            raise TimedOut
        if fault == "500":
            raise NetworkError("Internal Server Error (500)")

    async def _come_back(self, fault: str | None) -> None:
        await asyncio.sleep(self._weather.seconds(0.01, 0.1))
        if fault == "dropped after accepting":
            self._world.nobody_heard(DELIVERING.get())
            raise TimedOut


def _fine(result: object) -> Reply:
    return 200, {"ok": True, "result": result}


def _bad(description: str, **parameters: int) -> Reply:
    body = {"ok": False, "error_code": 400, "description": description}
    return 400, {**body, "parameters": parameters} if parameters else body


def _shown(message: Message) -> Params:
    kind = "private" if message.chat_id > 0 else "supergroup"
    return {
        "message_id": message.id,
        "date": int(START + message.at),
        "chat": {"id": message.chat_id, "type": kind, "title": "Group", "first_name": "Buyer"},
        "text": message.texts[-1],
    }
