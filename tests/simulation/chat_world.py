"""A simulated installation with people who chat."""

import asyncio
import logging
from pathlib import Path
from typing import Any

from bot.workflows.rules import Rules
from tests.simulation.chat_process import ChatProcess
from tests.simulation.chat_telegram import (
    HANDLING,
    ChatTelegram,
    Sent,
    chat_as_sent,
    person_as_sent,
)
from tests.simulation.chat_truth import ChatBooks
from tests.simulation.clockwork import START, VirtualLoop
from tests.simulation.process import Process
from tests.simulation.storage import Gate
from tests.simulation.telegram_world import ME, Message
from tests.simulation.world import PATIENCE_MS, RULES, World

ANONYMOUS_ADMIN = {"id": 1087968824, "is_bot": True, "first_name": "Group"}


class ChatWorld(World):
    """Everything that one seed decides, where people write and press."""

    def __init__(self, loop: VirtualLoop, seed: str, folder: Path, rules: Rules = RULES) -> None:
        super().__init__(loop, seed, folder, rules)
        self.telegram = self.chats = ChatTelegram(loop, self.weather)
        self.chat_books = ChatBooks(self.books, self.chats)
        self.chats.is_stored = self.chat_books.is_stored
        self.chats.is_waiting = self.chat_books.is_waiting

    def _new_process(self, gate: Gate) -> Process:
        process = ChatProcess(
            self.loop,
            gate,
            self.path,
            provider=self.provider,
            telegram=self.chats,
            rules=self.rules,
            rng=self.stream(f"process {gate.number}"),
            wall=self.wall,
            on_commit=self._committed,
        )
        process.telegram = self.chats
        return process

    # What people do.

    def write(
        self,
        by: int,
        chat_id: int,
        text: str,
        *,
        reply_to: Message | None = None,
        is_anonymous: bool = False,
        wants_answer: bool = True,
    ) -> Sent:
        """Let somebody write."""
        message: dict[str, Any] = {
            "message_id": self.chats.next_message_id(),
            "date": int(self.loop.unix()),
            "chat": chat_as_sent(chat_id),
            "from": person_as_sent(by),
            "text": text,
        }
        if is_anonymous:
            message |= {"from": ANONYMOUS_ADMIN, "sender_chat": chat_as_sent(chat_id)}
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        if reply_to:
            message["reply_to_message"] = self.chats.message_as_sent(reply_to)
        self.note(f"{by} in {chat_id}: {text}")
        return self.chats.submit(by, {"message": message}, wants_answer=wants_answer)

    def press(self, by: int, message: Message, data: str, *, is_old: bool = False) -> Sent:
        """Let somebody press a button of a message, as that is now, or was."""
        query = f"q{len(self.chats.sent)}"
        shown = self.chats.message_as_sent(message)
        if is_old:
            shown = {"message_id": message.id, "date": 0, "chat": chat_as_sent(message.chat_id)}
        content = {
            "id": query,
            "from": person_as_sent(by),
            "message": shown,
            "chat_instance": "1",
            "data": data,
        }
        self.note(f"{by} in {message.chat_id} presses {data} on {message.id}")
        return self.chats.submit(by, {"callback_query": content}, data=data, query=query)

    def is_let_in(self, by: int, chat_id: int, *, is_there: bool) -> Sent:
        """Let somebody block the bot or throw it out, or take it back."""
        statuses = ("left", "member") if is_there else ("member", "left")
        if chat_id > 0:
            statuses = ("kicked", "member") if is_there else ("member", "kicked")
        old, new = (
            {"user": ME, "status": one} | ({"until_date": 0} if one == "kicked" else {})
            for one in statuses
        )
        change = {
            "chat": chat_as_sent(chat_id),
            "from": person_as_sent(by),
            "date": int(self.loop.unix()),
            "old_chat_member": old,
            "new_chat_member": new,
        }
        self.note(f"{by} in {chat_id}: the bot is {statuses[1]}")
        return self.chats.submit(by, {"my_chat_member": change})

    def tell_of_migration(self, by: int, old: int, new: int, *, in_old: bool) -> Sent:
        """Tell the bot that a group has become a supergroup, as Telegram does in both."""
        note = {"migrate_to_chat_id": new} if in_old else {"migrate_from_chat_id": old}
        message = {
            "message_id": self.chats.next_message_id(),
            "date": int(START + self.loop.time()),
            "chat": chat_as_sent(old if in_old else new),
            "from": person_as_sent(by),
            **note,
        }
        return self.chats.submit(by, {"message": message})

    def comes_back(self, chat_id: int) -> None:
        """A chat that could not be reached can be again; the bot is told, as Telegram does."""
        self.telegram.chats[chat_id].refusal = None
        self.disturbed()
        by = chat_id if chat_id > 0 else next(iter(self.chats.admins[chat_id]))
        self.is_let_in(by, chat_id, is_there=True)

    # What must be true.

    def is_approved(self, chat_id: int) -> bool:
        """Tell whether a chat may buy."""
        rows = self.books.rows("SELECT access FROM chats WHERE id = ?", chat_id)
        return bool(rows) and rows[0]["access"] == "approved"

    def is_unknown(self, activation_id: int) -> bool:
        """Tell whether the outcome of a purchase is unknown."""
        rows = self.books.rows("SELECT state FROM activations WHERE id = ?", activation_id)
        return bool(rows) and rows[0]["state"] == "unknown"

    def is_expected(self, record: logging.LogRecord) -> bool:
        """Tell whether the bot complains of an update that is broken indeed."""
        if record.name == "bot.chat.intake" and "update_id" in record.msg:
            return self.chats.stray_count > 0
        number = record.args[0] if isinstance(record.args, tuple) and record.args else None
        sent = self.chats.sent.get(number if isinstance(number, int) else HANDLING.get() or 0)
        return record.name.startswith("bot.chat") and sent is not None and sent.is_broken

    def check_time(self) -> None:
        """Check that nothing is left lying, where there is no excuse for it."""
        super().check_time()
        process = self.process
        excused = self._clear_since + PATIENCE_MS / 1000 > self.loop.time()
        if process and process.gate.is_open and process.is_running and not excused:
            for update_id in self.chat_books.waiting(process.kit.clock.now() - PATIENCE_MS):
                self.fail(f"update {update_id} lies in the inbox")

    async def come_to_rest(self, most: float) -> None:
        """Wait until all is handled, and nothing is open any more."""
        end = self.loop.time() + most
        while self.chat_books.waiting() or not self.chats.is_quiet:
            await asyncio.sleep(1.0)
            if self.loop.time() > end:
                break
        for update_id in self.chat_books.waiting():
            self.fail(f"update {update_id} was never handled")
        await super().come_to_rest(most)

    async def know(self, most: float) -> None:
        """Give the balance the time to tell what became of an unknown purchase."""
        end = self.loop.time() + most
        while self.loop.time() < end:
            if not self.books.rows("SELECT 1 FROM activations WHERE state = 'unknown'"):
                break
            await asyncio.sleep(10.0)
        await self.come_to_rest(most)

    def check_end(self) -> None:
        """Check what must be true when all is over."""
        super().check_end()
        for problem in self.chat_books.at_the_end():
            self.fail(problem)
