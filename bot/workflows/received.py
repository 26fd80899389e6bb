"""Keep a code: stored with its outbox row in one transaction, whatever the state."""

import asyncio
from functools import partial

from bot.domain import notice
from bot.domain.activation import State
from bot.domain.chat import CodePlace
from bot.domain.polling import second_code_until
from bot.storage import activations, chats, outbox
from bot.workflows.kit import Kit
from bot.workflows.worker import surely


class Received:
    """States race, codes never: a code that the provider showed is kept and pushed."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._signals = kit.signals
        self._meter = kit.meter
        self._kept: dict[int, str] = {}

    async def keep(self, activation_id: int, text: str, missed_at: int | None) -> None:
        """Store what an SMS brought, once per text, and let it be told.

        Args:
            activation_id: the number's activation.
            text: the code, or the SMS.
            missed_at: when the last look that found nothing began (epoch ms), None: not known.
        """
        if self._kept.get(activation_id) == text:  # the provider shows it at every look
            return
        keeping = partial(self._keep, activation_id, text, missed_at)
        if await asyncio.shield(surely("keeping a code", keeping)):
            self._meter.count("codes")
            self._signals.outbox.set()
        self._kept[activation_id] = text

    def forget(self, activation_id: int) -> None:
        """Let go of what is remembered of a number that is looked at no more."""
        self._kept.pop(activation_id, None)

    async def _keep(self, activation_id: int, text: str, missed_at: int | None) -> bool:
        now = self._clock.now()
        async with self._database.write() as connection:
            code_id = await activations.add_code(
                connection, activation_id, text, now, missed_at=missed_at
            )
            present = await activations.get(connection, activation_id)
            if code_id is None or present is None:
                return False
            chat = await chats.get(connection, present.chat_id)
            place = chat.code_place if chat else CodePlace.PRIVATE
            await outbox.enqueue(connection, notice.code(present, code_id, place), now)
            await activations.move(
                connection,
                activation_id,
                (State.WAITING,),
                State.RECEIVED,
                at=now,
                watch_until=second_code_until(now, present.expires_at or now),
                cancel_at=None,
                cancel_reason=None,
            )
            await outbox.renew(connection, notice.card(present), now)
        return True
