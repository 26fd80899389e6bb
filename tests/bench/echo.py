"""Bots as python-telegram-bot's own examples are: one update at a time.

Run as a module: URL of the Bot API, and the URL of SpotSMS to ask it before each answer.
"""

import sys
from typing import Any

import httpx
from telegram import Update
from telegram.ext import Application, CallbackContext, MessageHandler, filters

from tests.environment import KEY, TOKEN

Context = CallbackContext[Any, Any, Any, Any]


class Answers:
    """Answers every message with its own text, after a look at the balance where one is wanted."""

    def __init__(self, spotsms_url: str | None) -> None:
        self._url = f"{spotsms_url}/api-data.php?action=balance&apikey={KEY}"
        self._client = httpx.AsyncClient() if spotsms_url else None

    async def __call__(self, update: Update, _: Context) -> None:
        assert update.message
        if self._client:
            await self._client.get(self._url)
        await update.message.reply_text(update.message.text or "")


def main() -> None:
    """Answer until killed."""
    application = Application.builder().token(TOKEN).base_url(f"{sys.argv[1]}/bot").build()
    answers = Answers(sys.argv[2] if len(sys.argv) > 2 else None)
    application.add_handler(MessageHandler(filters.TEXT, answers))
    application.run_polling()


if __name__ == "__main__":
    main()
