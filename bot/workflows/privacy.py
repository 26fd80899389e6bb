"""Privacy: somebody wants to be forgotten. The books keep what was spent, under an id alone."""

from dataclasses import dataclass

from bot.domain.activation import Activation
from bot.storage import privacy
from bot.storage.privacy import Erased
from bot.workflows.kit import Kit


@dataclass(frozen=True, slots=True)
class StillInUse:
    """Nothing was erased: a code may still come for these."""

    activations: tuple[Activation, ...]


class Privacy:
    """Erases what is stored about a person."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock

    async def in_use(self, user_id: int) -> tuple[Activation, ...]:
        """Give what must be over before its buyer can be forgotten."""
        async with self._database.read() as connection:
            return tuple(await privacy.in_use(connection, user_id))

    async def forget(self, user_id: int) -> Erased | StillInUse:
        """Erase, in one transaction, unless a code may still come."""
        async with self._database.write() as connection:
            found = await privacy.in_use(connection, user_id)
            if found:
                return StillInUse(tuple(found))
            return await privacy.forget(connection, user_id, self._clock.now())
