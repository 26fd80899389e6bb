"""A whole installation on loopback: both sandboxes, and the real bot as a process between them."""

import asyncio
import contextlib
import re
import signal
import sqlite3
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from bot.sandbox.serve import serve
from bot.sandbox.spotsms import Purchase, SpotSmsSandbox
from bot.sandbox.telegram import Check, TelegramSandbox
from tests.environment import KEY, OWNER, TOKEN, bot_environment
from tests.launcher import Launcher, Life

ANNA, BORIS = 502, 503
GROUP = -1_000_000_000_777
START_SECONDS = 15.0

Message = dict[str, Any]


@dataclass
class Installation:
    """What a test looks at and acts on. Settings are those of `.env.example`, lower-cased."""

    telegram: TelegramSandbox
    spotsms: SpotSmsSandbox
    environment: dict[str, str]
    directory: Path
    launcher: Launcher
    life: Life | None = None
    logs: list[Path] = field(default_factory=list)

    async def start(self, **settings: object) -> None:
        """Start the bot and wait until it has told Telegram how it takes updates."""
        extra = {name.upper(): str(value) for name, value in settings.items()}
        log = self.directory / f"bot-{len(self.logs)}.log"
        self.logs.append(log)
        calls = len(self.telegram.calls)
        self.life = self.launcher.start(self.environment | extra, self.directory, log)
        taking = {"deleteWebhook", "setWebhook"}
        asked = asyncio.ensure_future(
            self.telegram.wait_for(
                lambda: any(call.method in taking for call in self.telegram.calls[calls:]),
                START_SECONDS,
            )
        )
        ended = asyncio.ensure_future(self.life.wait())
        await asyncio.wait({asked, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        assert asked.done(), f"the bot ended:\n{self.log()}"
        await asked

    async def stop(self, patience: float = 10.0) -> float:
        """Send SIGTERM; give the seconds until the process ended."""
        assert self.life
        begun = time.monotonic()
        self.life.send(signal.SIGTERM)
        async with asyncio.timeout(patience):
            assert await self.life.wait() == 0, self.log()
        self.life = None
        return time.monotonic() - begun

    async def kill(self) -> None:
        """End the process as a power cut would."""
        if self.life:
            await self.life.kill()
        self.life = None

    def log(self) -> str:
        """Give all that the bot has logged in all its lives."""
        return "".join(path.read_text(errors="replace") for path in self.logs)

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Read the bot's database."""
        with contextlib.closing(sqlite3.connect(self.directory / "bot.db")) as connection:
            return connection.execute(query).fetchall()

    def spent(self) -> Decimal:
        """Give the dollars that the ledger says went to the provider, refunds taken off."""
        [(posted,)] = self.rows(
            "select coalesce(sum((target in ('provider', 'refunds_due')) * amount"
            " - (source in ('provider', 'refunds_due')) * amount), 0)"
            " from entries where activation_id is not null"
        )
        return Decimal(posted) / 1_000_000

    async def quote(self, user: int, words: str = "whatsapp turkey", chat: int = 0) -> Message:
        """Ask to buy and wait for the message with the Confirm button."""
        chat = chat or user
        asked = self.telegram.say(user, chat, f"/buy {words}")
        return await self.telegram.wait_message(
            chat, lambda message: has_button(message, "confirm"), after=asked["message_id"]
        )

    async def confirm(self, user: int, quote: Message) -> None:
        """Press Confirm and wait for the answer."""
        press = self.telegram.press_button(
            user, quote["chat"]["id"], "confirm", quote["message_id"]
        )
        await press.answered()

    async def buy(
        self, user: int, words: str = "whatsapp turkey", chat: int = 0
    ) -> tuple[Purchase, Message]:
        """Buy a number; give the provider's purchase and the card."""
        before = len(self.spotsms.purchases)
        quote = await self.quote(user, words, chat)
        await self.confirm(user, quote)
        await self.spotsms.wait_for(lambda: len(self.spotsms.purchases) > before)
        purchase = self.spotsms.purchases[-1]
        card = await self.card(quote, digits(purchase.number))
        return purchase, card

    async def card(self, message: Message, contains: str) -> Message:
        """Wait until the message that became a card shows something (digits are compared bare)."""

        def shown(one: Message) -> bool:
            text = str(one.get("text", ""))
            same = one["message_id"] == message["message_id"]
            return same and (contains in digits(text) or contains.lower() in text.lower())

        return await self.telegram.wait_message(message["chat"]["id"], shown)


def digits(text: str) -> str:
    """Give the digits of a text alone."""
    return re.sub(r"\D", "", text)


def has_button(message: Message, words: str) -> bool:
    """Tell whether a message has a button with these words."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return any(words in button["text"].lower() for row in rows for button in row)


@contextlib.asynccontextmanager
async def installed(
    directory: Path, check: Check, launcher: Launcher
) -> AsyncIterator[Installation]:
    """Set up an installation; the bot is not started yet."""
    telegram = TelegramSandbox(token=TOKEN, check=check)
    spotsms = SpotSmsSandbox(keys={KEY})
    for user, name in ((OWNER, "Olga"), (ANNA, "Anna"), (BORIS, "Boris")):
        telegram.add_user(user, name)
    async with (
        serve(telegram.application()) as telegram_url,
        serve(spotsms.application()) as spotsms_url,
    ):
        environment = bot_environment(
            telegram_url,
            spotsms_url,
            database_url=f"sqlite:///{directory / 'bot.db'}",
            poll_interval=0.5,
            spotsms_timeout=2,
            log_level="DEBUG",
        )
        installation = Installation(telegram, spotsms, environment, directory, launcher)
        try:
            yield installation
        finally:
            await installation.kill()
