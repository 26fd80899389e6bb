"""Questions that the bot answers once: pressed buttons and inline queries."""

import time
from dataclasses import dataclass, field

from bot.sandbox.telegram.errors import JsonObject, bad_request
from bot.sandbox.telegram.hub import Hub
from bot.sandbox.telegram.model import User

EXPIRED = "query is too old and response timeout expired or query ID is invalid"


@dataclass(frozen=True)
class Answer:
    """What the bot answered to a pressed button (Bot API, answerCallbackQuery)."""

    text: str = ""
    show_alert: bool = False
    url: str = ""


@dataclass(eq=False)
class Press:
    """One press of a button, and the bot's answer to it once there is one."""

    id: str
    user: User
    chat_id: int
    message_id: int
    data: str
    hub: Hub = field(repr=False)
    at: float = field(default_factory=time.monotonic)
    answer: Answer | None = None

    async def answered(self, timeout: float = 20.0) -> Answer:  # noqa: ASYNC109 - a test names its own patience
        """The bot's answer.

        Raises:
            TimeoutError: none within ``timeout`` seconds.
        """
        try:
            return await self.hub.wait_for(lambda: self.answer, timeout, self.id)
        except TimeoutError:
            raise TimeoutError(f"{self.data!r} was not answered within {timeout} s") from None


@dataclass(eq=False)
class InlineQuestion:
    """One inline query, and the results that the bot offered."""

    id: str
    user: User
    chat_id: int
    text: str
    hub: Hub = field(repr=False)
    at: float = field(default_factory=time.monotonic)
    results: list[JsonObject] | None = None

    async def answered(self, timeout: float = 20.0) -> list[JsonObject]:  # noqa: ASYNC109 - a test names its own patience
        """The results (Bot API ``InlineQueryResult``); an empty list is an answer as well.

        Raises:
            TimeoutError: none within ``timeout`` seconds.
        """
        await self.hub.wait_for(lambda: self.results is not None, timeout, self.id)
        return self.results or []


class Queries:
    """Open questions by id.

    ``lifetime`` is how many seconds an answer is accepted. Telegram documents no number; about
    fifteen seconds were seen.
    """

    def __init__(self, lifetime: float) -> None:
        self.lifetime = lifetime
        self.presses: dict[str, Press] = {}
        self.inline: dict[str, InlineQuestion] = {}
        self._last_id = 0

    def next_id(self) -> str:
        """An id that was not used before."""
        self._last_id += 1
        return str(4_000_000_000_000_000 + self._last_id)

    def open_press(self, query_id: str) -> Press:
        """The press that may still be answered.

        Raises:
            ApiError: 400, it is unknown, too old or answered already.
        """
        press = self.presses.get(query_id)
        if press is None or press.answer is not None or self._is_old(press.at):
            raise bad_request(EXPIRED)
        return press

    def open_inline(self, query_id: str) -> InlineQuestion:
        """The inline query that may still be answered.

        Raises:
            ApiError: 400, it is unknown, too old or answered already.
        """
        question = self.inline.get(query_id)
        if question is None or question.results is not None or self._is_old(question.at):
            raise bad_request(EXPIRED)
        return question

    def _is_old(self, at: float) -> bool:
        return time.monotonic() - at > self.lifetime
