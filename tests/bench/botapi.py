"""A Bot API that costs next to nothing: updates go out by long poll, answers are noted."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

Call = dict[str, str]
Listener = Callable[[str, Call], None]

ME = {"id": 100, "is_bot": True, "first_name": "Bench", "username": "bench_bot"}
MOST_UPDATES = 100


class LightBotApi:
    """Hands out updates and takes what the bot sends.

    Attributes:
        listeners: told of every call but getUpdates, with its method and parameters.
    """

    def __init__(self) -> None:
        self.listeners: list[Listener] = []
        self._updates: list[dict[str, Any]] = []
        self._next_update = self._next_message = 1
        self._arrived = asyncio.Event()

    def say(self, user: int, text: str) -> None:
        """Let a user write to the bot in private."""
        message: dict[str, Any] = self._message(user, text) | {"from": _user(user)}
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        self._push(message=message)

    def press(self, user: int, message: int, data: str) -> str:
        """Let a user press a button of a message; give the id of the query."""
        query = f"query-{self._next_update}"
        shown = self._message(user, "shown", message) | {"from": ME}
        self._push(
            callback_query={
                "id": query, "from": _user(user), "message": shown, "chat_instance": str(user),
                "data": data,
            }
        )  # fmt: skip
        return query

    def handle(self, target: str, body: bytes) -> bytes | Awaitable[bytes]:
        """Answer a request."""
        parts = urlsplit(target)
        method = parts.path.rpartition("/")[2]
        call = dict(parse_qsl(parts.query) + parse_qsl(body.decode()))
        if method == "getUpdates":
            return self._wait_for_updates(call)
        result = self._result(method, call)
        for listener in self.listeners:
            listener(method, call)
        return _ok(result)

    def _result(self, method: str, call: Call) -> object:
        match method:
            case "getMe":
                return ME
            case "sendMessage":
                message = self._message(int(call["chat_id"]), call["text"])
                call["message_id"] = str(message["message_id"])
                return message
            case "editMessageText":
                return self._message(int(call["chat_id"]), call["text"], int(call["message_id"]))
            case _:
                return True

    async def _wait_for_updates(self, call: Call) -> bytes:
        offset = int(call.get("offset", 0))
        self._updates = [one for one in self._updates if one["update_id"] >= offset]
        if not self._updates:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), float(call.get("timeout", 0)))
            except TimeoutError:
                return _ok([])
        return _ok(self._updates[:MOST_UPDATES])

    def _push(self, **what: object) -> None:
        self._updates.append({"update_id": self._next_update, **what})
        self._next_update += 1
        self._arrived.set()

    def _message(self, chat: int, text: str, number: int | None = None) -> dict[str, Any]:
        if number is None:
            number = self._next_message
            self._next_message += 1
        return {
            "message_id": number,
            "date": int(time.time()),
            "chat": {"id": chat, "type": "private", "first_name": f"User {chat}"},
            "text": text,
        }


def _user(user: int) -> dict[str, object]:
    return {"id": user, "is_bot": False, "first_name": f"User {user}", "language_code": "en"}


def _ok(result: object) -> bytes:
    return json.dumps({"ok": True, "result": result}).encode()
