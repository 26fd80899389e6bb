"""People who press through the bot's lists, and how long each waits for an answer."""

import asyncio
import contextlib
import json
import random
import time

from tests.bench.botapi import Call, LightBotApi

FIRST_USER = 9_000_001
THINKING_SECONDS = (1.0, 3.0)
PATIENCE_SECONDS = 10.0
NEVER = ("confirm", "close")


class Browser:
    """One person, who asks for the list and then presses whatever is there, but never buys."""

    def __init__(self, telegram: LightBotApi, user: int) -> None:
        self.waits: list[float] = []
        self._telegram = telegram
        self._user = user
        self._chance = random.Random(user)  # noqa: S311 - a walk, no secret
        self._buttons: list[tuple[int, str]] = []
        self._answered = asyncio.Event()
        telegram.listeners.append(self._see)

    async def run(self) -> None:
        """Browse until cancelled."""
        while True:
            await asyncio.sleep(self._chance.uniform(*THINKING_SECONDS))
            await self._act()

    async def _act(self) -> None:
        self._answered.clear()
        begun = time.monotonic()
        if self._buttons:
            self._telegram.press(self._user, *self._chance.choice(self._buttons))
        else:
            self._telegram.say(self._user, "/buy")
        self._buttons = []
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._answered.wait(), PATIENCE_SECONDS)
        self.waits.append(time.monotonic() - begun)

    def _see(self, method: str, call: Call) -> None:
        if method in ("sendMessage", "editMessageText") and call["chat_id"] == str(self._user):
            rows = json.loads(call.get("reply_markup", "{}")).get("inline_keyboard", [])
            self._buttons = [
                (int(call["message_id"]), button["callback_data"])
                for row in rows
                for button in row
                if "callback_data" in button and not _is_final(button["text"])
            ]
            self._answered.set()


def _is_final(words: str) -> bool:
    return any(word in words.lower() for word in NEVER)


def crowd(telegram: LightBotApi, size: int) -> list[Browser]:
    """Give so many people, who begin when they are run."""
    return [Browser(telegram, FIRST_USER + number) for number in range(size)]
