"""SMS that arrive while a bot is measured, and how long their codes take to the chat."""

import asyncio
import random
import time

from tests.bench.botapi import Call, LightBotApi
from tests.bench.seed import number_of
from tests.bench.spotsms import LightSpotSms

FIRST_CODE = 7_000_000


class CodeWatch:
    """Lets SMS come, and notes when their codes are in the chat.

    Attributes:
        waits: seconds from the SMS's arrival at the provider to its message.
        pending: codes on their way, and when (s, monotonic) each arrived.
    """

    def __init__(self, telegram: LightBotApi, spotsms: LightSpotSms, numbers: int) -> None:
        self._spotsms = spotsms
        self._order = random.Random(1).sample(range(numbers), numbers)  # noqa: S311 - to be repeated
        self.waits: list[float] = []
        self.pending: dict[str, float] = {}
        telegram.listeners.append(self._see)

    async def run(self, per_second: float) -> None:
        """Let SMS arrive until cancelled."""
        while per_second and self._order:
            await asyncio.sleep(1 / per_second)
            index = self._order.pop()
            code = str(FIRST_CODE + index)
            self.pending[code] = time.monotonic()
            self._spotsms.send_sms(number_of(index), code)

    def _see(self, method: str, call: Call) -> None:
        if method == "sendMessage":
            for code in [code for code in self.pending if code in call["text"]]:
                self.waits.append(time.monotonic() - self.pending.pop(code))
