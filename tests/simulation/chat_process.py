"""One run of the whole bot: long poll, inbox, lanes and handlers above the workflows."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from bot.chat.application import ALLOWED_UPDATES
from bot.chat.intake import RawUpdate
from bot.chat.late import LateAnswers
from bot.chat.limiter import Answer, InteractiveLimiter, Keep
from bot.chat.longpoll import LongPoll
from bot.chat.pacing import Pacing
from bot.chat.retry import Retry
from bot.parts import Parts
from bot.workflows.ports import Meter
from tests.simulation.chat_telegram import HANDLING, ChatTelegram, PollingRequest
from tests.simulation.process import Process
from tests.simulation.storage import Gate


class TracedLimiter(InteractiveLimiter):
    """The product's limiter; the truth learns what a handler asks for, though it may not go out."""

    def __init__(
        self, pacing: Pacing, meter: Meter, keep: Keep, world: ChatTelegram, gate: Gate
    ) -> None:
        super().__init__(pacing, meter, keep)
        self._world = world
        self._gate = gate

    async def process_request(  # noqa: PLR0917 - the signature is python-telegram-bot's
        self,
        callback: Callable[..., Coroutine[Any, Any, Answer]],
        args: Any,  # noqa: ANN401 - the signature is python-telegram-bot's
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Mapping[str, bool] | None,
    ) -> Answer:
        self._world.calls(endpoint, self._gate)
        return await super().process_request(
            callback, args, kwargs, endpoint, data, rate_limit_args
        )


class TracedParts(Parts):
    """The product's parts; the truth learns which update is being handled."""

    telegram: ChatTelegram
    gate: Gate

    async def handle(self, update_id: int, raw: RawUpdate) -> None:
        HANDLING.set(update_id)
        self.telegram.begins(update_id, self.gate)
        await super().handle(update_id, raw)
        self.telegram.ends(update_id, self.gate)


class ChatProcess(Process):
    """The bot between its start and its death, with all that deals with people."""

    parts_type = TracedParts
    telegram: ChatTelegram
    parts: TracedParts

    def limiter(self, pacing: Pacing, meter: Meter) -> InteractiveLimiter:
        """Give what interactive calls pass."""
        return TracedLimiter(pacing, meter, LateAnswers(self.kit).keep, self.telegram, self.gate)

    async def start(self) -> None:
        """Begin as `bot.app.Bot` does: numbers are watched even while Telegram is away."""
        await super().start()
        self.parts.telegram, self.parts.gate = self.telegram, self.gate
        self._stopping = asyncio.Event()
        self._intake = LongPoll(
            self.parts.application.bot,
            self.parts.inbox,
            ALLOWED_UPDATES,
            request=PollingRequest(self.telegram, self.gate),
        )
        self.loop.create_task(self._converse())

    async def stop(self) -> None:
        """End as SIGTERM does: intake first."""
        self._stopping.set()
        self._intake.stop()
        await super().stop()

    async def _converse(self) -> None:
        """Take updates and answer them, as soon as Telegram has said who the bot is."""
        retry = Retry("connecting to Telegram", self._stopping)
        while not await retry.attempt(self.parts.application.initialize):
            if self._stopping.is_set():
                return
        self.loop.create_task(self.parts.lanes.run())
        self.loop.create_task(self._intake.run())
