"""Troubles with the provider: the owners are told once each way, whoever noticed, crash or not."""

import logging
from enum import Enum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.notice import Alert, alerts
from bot.storage import installation, outbox, replicas
from bot.workflows.kit import Kit

log = logging.getLogger(__name__)


class Trouble(Enum):
    """What can be wrong: the key of what was told last, what to tell when it begins and ends."""

    PROVIDER = ("provider_is_down", Alert.PROVIDER_DOWN, Alert.PROVIDER_UP)
    KEY = ("key_is_refused", Alert.KEY_REFUSED, Alert.KEY_ACCEPTED)
    BALANCE = ("balance_is_low", Alert.LOW_BALANCE, None)
    SHORTAGE = ("purchases_are_refused", Alert.PURCHASES_REFUSED, None)


class Troubles:
    """Tells the owners, unless another replica or an earlier process has told them already."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._signals = kit.signals
        self._replica = kit.replica
        self._owner_ids = kit.rules.owner_ids

    async def note(self, trouble: Trouble, *, is_there: bool, **facts: str) -> None:
        """Note that a trouble is there or over, and tell it where that is news."""
        async with self._database.write() as connection:
            is_news = await self.note_within(connection, trouble, is_there=is_there, **facts)
        if is_news:
            self._signals.outbox.set()

    async def note_within(
        self, connection: AsyncConnection, trouble: Trouble, *, is_there: bool, **facts: str | int
    ) -> bool:
        """Note it together with what else a transaction writes; tell whether it is news."""
        key, begins, ends = trouble.value
        now = self._clock.now()
        value = {"is_there": is_there, "by": self._replica.id}
        is_news = _is_there(await installation.swap(connection, key, value, now)) != is_there
        alert = begins if is_there else ends
        if is_news and alert is not None:
            log.warning("alert for the owner: %s", alert)
            notices = alerts(alert, self._owner_ids, now, facts)
            await outbox.enqueue_all(connection, notices, now)
        return is_news

    async def is_known(self, trouble: Trouble) -> bool:
        """Tell whether the owners have been told last that this trouble is there."""
        async with self._database.read() as connection:
            return await self.is_known_within(connection, trouble)

    async def is_known_within(self, connection: AsyncConnection, trouble: Trouble) -> bool:
        """Tell the same as a transaction sees it."""
        return _is_there(await installation.get(connection, trouble.value[0]))

    async def end_orphaned(self) -> None:
        """After a good answer, end the troubles of processes that are gone: nobody else will."""
        async with self._database.read() as connection:
            orphaned = [
                trouble
                for trouble in (Trouble.PROVIDER, Trouble.KEY)
                if await self._is_orphaned(connection, trouble)
            ]
        for trouble in orphaned:
            await self.note(trouble, is_there=False)

    async def _is_orphaned(self, connection: AsyncConnection, trouble: Trouble) -> bool:
        told: Any = await installation.get(connection, trouble.value[0])
        if not _is_there(told):
            return False
        return told["by"] == self._replica.id or not await replicas.is_listed(
            connection, told["by"]
        )


def _is_there(told: Any) -> bool:  # noqa: ANN401 - JSON
    return told is not None and bool(told["is_there"])
