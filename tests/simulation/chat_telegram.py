"""Telegram's other half: updates on their way to the bot, and what it did about each of them."""

import asyncio
import json
from collections import Counter
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from telegram._utils.defaultvalue import DefaultValue
from telegram.request import RequestData

from bot.sandbox.telegram.entities import parse_html
from tests.simulation.clockwork import START, VirtualLoop
from tests.simulation.storage import Gate
from tests.simulation.telegram_world import (
    ME,
    TOKEN,
    Message,
    Params,
    Reply,
    SimulatedRequest,
    TelegramWorld,
)
from tests.simulation.weather import TELEGRAM_FAULTS, Weather

if TYPE_CHECKING:
    from collections.abc import Callable

HANDLING: ContextVar[int | None] = ContextVar("handling", default=None)
"""The update that is being handled: how the truth knows what a call is an answer to."""

SUPERGROUPS = -1_000_000_000
TWICE = 0.05
BATCH = 100


@dataclass(eq=False)
class Sent:
    """An update, and what the bot did about it. Times are virtual seconds.

    Attributes:
        by: who acted.
        query: the id of a press that must be answered.
        wants_answer: the bot must write or edit something.
        is_broken: Telegram would never send such a thing.
        begun: when each process (its number) began to handle it.
        ended: the processes that have handled it to the end.
        calls: what each process called for it: (process, method in small letters, when).
        shown: what it wrote or edited for it.
    """

    id: int
    raw: dict[str, Any]
    by: int
    at: float
    data: str | None = None
    query: str | None = None
    wants_answer: bool = False
    is_broken: bool = False
    begun: dict[int, float] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    calls: list[tuple[int, str, float]] = field(default_factory=list)
    shown: list[Message] = field(default_factory=list)
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def chat_id(self) -> int:
        """Give where somebody wrote or pressed, 0 where that is nowhere."""
        if self.is_broken:
            return 0
        message = self.raw.get("callback_query", self.raw).get("message", {})
        return int(message.get("chat", {}).get("id", 0))

    @property
    def text(self) -> str:
        """Give what was typed."""
        return str(self.raw.get("message", {}).get("text", "")) if not self.is_broken else ""


class ChatTelegram(TelegramWorld):
    """Telegram with people who write and press, and a queue of updates until they are confirmed."""

    def __init__(self, loop: VirtualLoop, weather: Weather) -> None:
        super().__init__(loop, weather)
        self.sent: dict[int, Sent] = {}
        self.queries: dict[str, Sent] = {}
        self.admins: dict[int, set[int]] = {}
        self.pressable: dict[int, list[tuple[Message, str]]] = {}
        self.strays: list[object] = []
        self.stray_count = 0
        self.is_stored: Callable[[int], bool] = lambda _: True
        self.is_waiting: Callable[[int], bool] = lambda _: True
        self._pending: dict[int, Sent] = {}
        self._answered: dict[str, Counter[int]] = {}
        self._arrived = asyncio.Event()
        self._last_update = 70_000

    # From people to the bot.

    def submit(self, by: int, content: dict[str, Any], **facts: Any) -> Sent:  # noqa: ANN401 - Sent's
        """Take what somebody did; the bot gets it with its next getUpdates."""
        self._last_update += 1
        raw = {"update_id": self._last_update, **content}
        sent = Sent(self._last_update, raw, by, self.loop.time(), **facts)
        self.sent[sent.id] = self._pending[sent.id] = sent
        if sent.query:
            self.queries[sent.query] = sent
        self._arrived.set()
        return sent

    @property
    def is_quiet(self) -> bool:
        """Tell whether the bot has confirmed all that there was."""
        return not self._pending

    def message_as_sent(self, message: Message) -> Params:
        """Give a message of the bot as updates show it."""
        text, entities = parse_html(message.texts[-1])
        for entity in entities:
            if "user" in entity:
                entity["user"] = person_as_sent(entity["user"]["id"])
        shown = {
            "message_id": message.id,
            "date": int(START + message.at),
            "chat": chat_as_sent(message.chat_id),
            "from": ME,
            "text": text,
            "entities": entities,
        }
        if isinstance(message.markup, dict) and "inline_keyboard" in message.markup:
            shown["reply_markup"] = message.markup
        return shown

    def next_message_id(self) -> int:
        """Give the id of a message that somebody writes."""
        self._last_id += 1
        return self._last_id

    # From the bot.

    async def updates(self, offset: int | None, seconds: float) -> list[object]:
        """Take what is confirmed out of the queue, and give the rest (Bot API, getUpdates)."""
        if offset is not None:
            self._confirm(offset)
        if not self._pending:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), seconds)
            except TimeoutError:
                return []
        batch: list[object] = [self._pending[one].raw for one in sorted(self._pending)[:BATCH]]
        strays, self.strays = self.strays, []
        self.stray_count += len(strays)
        return batch + strays

    def _confirm(self, offset: int) -> None:
        for update_id in sorted(self._pending):
            if update_id >= offset:
                break
            if not self.is_stored(update_id):
                self.wrongs.append(f"update {update_id} was confirmed, and is not stored")
            if self.weather.random.random() < TWICE:
                self.weather.note("updates", "delivered once more")
            else:
                del self._pending[update_id]

    def call(self, method: str, params: Params, gate: Gate, *, by_fault: bool) -> Reply:
        """Answer a call of the Bot API."""
        if method == "answerCallbackQuery":
            return self._answer(params, gate)
        if method == "getChatAdministrators":
            return 200, {"ok": True, "result": self._administrators(int(params["chat_id"]))}
        return super().call(method, params, gate, by_fault=by_fault)

    def _answer(self, params: Params, gate: Gate) -> Reply:
        query = str(params["callback_query_id"])
        sent = self.queries[query]
        if HANDLING.get() != sent.id:
            self.wrongs.append(f"press {sent.id} was answered for {HANDLING.get()}")
        answers = self._answered.setdefault(query, Counter())
        answers[gate.number] += 1
        if answers[gate.number] > 1:
            self.wrongs.append(f"press {sent.id} ({sent.data}) was answered twice")
        for token in TOKEN.findall(str(params.get("text", ""))):
            self.seen.setdefault(token, set()).add(sent.by)
        sent.moved.set()
        return 200, {"ok": True, "result": True}

    def _administrators(self, chat_id: int) -> list[Params]:
        admins = sorted(self.admins.get(chat_id, ()))
        return [
            {"status": "creator", "user": person_as_sent(one), "is_anonymous": False}
            for one in admins
        ]

    def _show(self, message: Message, gate: Gate) -> None:
        if HANDLING.get():
            message.row = None  # whatever told it before, this is an answer to somebody
        super()._show(message, gate)
        for data in buttons_of(message):
            self.pressable.setdefault(message.chat_id, []).append((message, data))
        sent = self.sent.get(HANDLING.get() or 0)
        if sent:
            sent.shown.append(message)
            sent.moved.set()

    # What the harness notes.

    def begins(self, update_id: int, gate: Gate) -> None:
        """A process begins to handle an update."""
        sent = self.sent[update_id]
        if gate.number in sent.begun:
            self.wrongs.append(f"update {update_id} was handled twice by one process")
        if gate.is_open and not self.is_waiting(update_id):
            self.wrongs.append(f"update {update_id} was handled, and is handled again")
        sent.begun[gate.number] = self.loop.time()

    def ends(self, update_id: int, gate: Gate) -> None:
        """A process has handled an update."""
        if gate.is_open:
            self.sent[update_id].ended.add(gate.number)

    def calls(self, method: str, gate: Gate) -> None:
        """A handler asks for a call of the Bot API, whatever becomes of it."""
        sent = self.sent.get(HANDLING.get() or 0)
        if sent and gate.is_open:
            sent.calls.append((gate.number, method.lower(), self.loop.time()))


def buttons_of(message: Message) -> list[str]:
    """Give the data of all buttons that a message has now."""
    if not isinstance(message.markup, dict):
        return []
    rows = message.markup.get("inline_keyboard", [])
    return [one["callback_data"] for row in rows for one in row if "callback_data" in one]


def person_as_sent(user_id: int) -> Params:
    """Give a person as updates show them."""
    return {"id": user_id, "is_bot": False, "first_name": f"Person {user_id}"}


def chat_as_sent(chat_id: int) -> Params:
    """Give a chat as updates show it."""
    if chat_id > 0:
        return {"id": chat_id, "type": "private", "first_name": f"Person {chat_id}"}
    kind = "supergroup" if chat_id < SUPERGROUPS else "group"
    return {"id": chat_id, "type": kind, "title": f"Group {chat_id % 1000}"}


class PollingRequest(SimulatedRequest):
    """The connection of the long poll: getUpdates waits at Telegram's side."""

    def __init__(self, world: ChatTelegram, gate: Gate) -> None:
        super().__init__(world, gate)
        self._chats = world

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
        """Carry a getUpdates there, and the updates back."""
        del url, method, read_timeout, write_timeout, connect_timeout, pool_timeout
        assert request_data
        asked = request_data.json_parameters
        offset = int(asked["offset"]) if "offset" in asked else None
        self._gate.pass_through("before getUpdates")
        fault = self._weather.draw("telegram", TELEGRAM_FAULTS)
        await self._travel(fault)
        updates = await self._chats.updates(offset, float(asked["timeout"]))
        await self._come_back(fault)
        self._gate.pass_through("after getUpdates")
        return 200, json.dumps({"ok": True, "result": updates}).encode()
