"""The sandbox as tests and the demo hold it in their hands."""

from collections.abc import Callable
from typing import TypeVar

from aiohttp import web

from bot.sandbox.telegram.application import MAX_BYTES, BotApi
from bot.sandbox.telegram.control import control_routes
from bot.sandbox.telegram.errors import JsonObject
from bot.sandbox.telegram.exchange import Check, Exchange
from bot.sandbox.telegram.faults import TelegramFault
from bot.sandbox.telegram.limits import Limits
from bot.sandbox.telegram.links import Links

Found = TypeVar("Found")
Wanted = str | Callable[[JsonObject], object] | None


class TelegramSandbox(Links):
    """Telegram on loopback: the Bot API for one bot, and the people who talk to it.

    Args:
        token: the one token that is let in; the digits before its colon are the bot's id.
        username: the bot's.
        check: called with every ``Exchange``; what it raises goes to ``violations``, and the bot
            is answered 501.
        enforce_limits: answer 429 as Telegram does to a bot that sends too fast.
        privacy_mode: hide from the bot what others say in groups where it is no admin.
        query_lifetime: seconds in which a pressed button may be answered.

    Everything happens in the event loop that serves ``application()``.
    """

    def __init__(
        self,
        token: str = "100:TEST",  # noqa: S107 - made up
        username: str = "demo_bot",
        *,
        check: Check | None = None,
        enforce_limits: bool = False,
        privacy_mode: bool = True,
        query_lifetime: float = 15.0,
    ) -> None:
        bot_id = int(token.partition(":")[0])
        super().__init__(bot_id, username, privacy_mode=privacy_mode, query_lifetime=query_lifetime)
        self.token = token
        self._api = BotApi(self, token, check, Limits() if enforce_limits else None)

    def application(self) -> web.Application:
        """The Bot API (``/bot<token>/<method>``) and the control API (``/sandbox/…``)."""
        application = web.Application(client_max_size=MAX_BYTES)
        self._api.add_to(application)
        application.add_subapp("/sandbox", control_routes(self, self._api))
        return application

    @property
    def calls(self) -> list[Exchange]:
        """Every call of the bot with the right token and an emulated method, oldest first."""
        return self._api.exchanges

    @property
    def violations(self) -> list[Exception]:
        """What ``check`` raised, calls that are not emulated, calls that broke the sandbox."""
        return self._api.violations

    def calls_of(self, method: str) -> list[Exchange]:
        """The calls of one method, oldest first."""
        return [call for call in self.calls if call.method == method]

    def inject(self, fault: TelegramFault) -> None:
        """Let calls go wrong from now on."""
        self._api.inject(fault)

    def clear_faults(self) -> None:
        """Forget all faults."""
        self._api.clear_faults()

    def feed(self, update: JsonObject) -> int:
        """Queue a raw update; gives its id."""
        return self.updates.feed(update)

    def redeliver(self, update_id: int) -> None:
        """Give the bot an update once more, whether it confirmed it or not.

        Raises:
            KeyError: there was no such update.
        """
        self.updates.redeliver(update_id)

    def messages_to(self, user_id: int) -> list[JsonObject]:
        """What the bot wrote in a user's private chat and what of it is still there."""
        chat = self.chats.get(user_id)
        messages = chat.messages if chat else []
        return [one for one in messages if one["from"]["id"] == self.bot.id]

    async def wait_for(
        self,
        look: Callable[[], Found | None],
        timeout: float = 20.0,  # noqa: ASYNC109 - a test names its own patience
    ) -> Found:
        """The first truthy value of ``look``, called now and after every change here.

        Raises:
            TimeoutError: nothing truthy within ``timeout`` seconds.
        """
        return await self.hub.wait_for(look, timeout)

    async def wait_message(
        self,
        chat_id: int,
        contains: Wanted = None,
        after: int = 0,
        timeout: float = 20.0,  # noqa: ASYNC109 - a test names its own patience
    ) -> JsonObject:
        """The oldest message of the bot in a chat that is wanted, as soon as it is there.

        ``contains`` is a part of its text or caption, or a predicate on the message; an edit may
        make an older message fit. Only messages with an id above ``after`` count.

        Raises:
            TimeoutError: none within ``timeout`` seconds; the text shows what is there.
        """

        def look() -> JsonObject | None:
            found = [one for one in self._from_bot(chat_id, after) if _fits(one, contains)]
            return found[0] if found else None

        try:
            return await self.hub.wait_for(look, timeout, chat_id)
        except TimeoutError:
            there = [_words(one) for one in self._from_bot(chat_id, after)]
            raise TimeoutError(f"no message with {contains!r} in chat {chat_id}: {there}") from None

    def _from_bot(self, chat_id: int, after: int) -> list[JsonObject]:
        chat = self.chats.get(chat_id)
        return [
            one
            for one in (chat.messages if chat else [])
            if one["from"]["id"] == self.bot.id and one["message_id"] > after
        ]


def _words(message: JsonObject) -> str:
    return str(message.get("text") or message.get("caption") or "")


def _fits(message: JsonObject, wanted: Wanted) -> bool:
    if wanted is None:
        return True
    return wanted in _words(message) if isinstance(wanted, str) else bool(wanted(message))
