"""SpotSMS refuses purchases for want of money: the owners are told once per spell.

A spell ends when SpotSMS sells again, or when its balance has risen.
"""

from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation
from bot.domain.money import format_dollars
from bot.storage import installation, readings
from bot.workflows.kit import Kit
from bot.workflows.troubles import Trouble, Troubles

LOWEST: Final = "lowest_balance_while_refused"
"""The key of the lowest balance that was read since the owners were told (micro-dollars)."""


class Shortage:
    """Tells in the transaction that tells the buyer, so that no crash comes between."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._troubles = Troubles(kit)

    async def refused(self, connection: AsyncConnection, activation: Activation) -> None:
        """Tell what was refused, its price, and the balance as it was read last."""
        facts: dict[str, str | int] = {
            "service": activation.service_name,
            "country": activation.country_name,
            "amount": format_dollars(activation.price),
        }
        if reading := await readings.last(connection):
            facts |= {"shown": format_dollars(reading.micros), "at": reading.at}
        if await self._troubles.note_within(connection, Trouble.SHORTAGE, is_there=True, **facts):
            await installation.remove(connection, LOWEST)

    async def sold(self, connection: AsyncConnection) -> None:
        """Note that a purchase has succeeded."""
        # Looked at first: purchases that succeed must not wait for each other at this row.
        if await self._troubles.is_known_within(connection, Trouble.SHORTAGE):
            await self._troubles.note_within(connection, Trouble.SHORTAGE, is_there=False)

    async def balance_read(self, micros: int) -> None:
        """Note what the balance shows (micro-dollars)."""
        if not await self._troubles.is_known(Trouble.SHORTAGE):
            return
        async with self._database.write() as connection:
            lowest = await installation.get(connection, LOWEST)
            if lowest is None or micros < lowest:
                await installation.put(connection, LOWEST, micros, self._clock.now())
            elif micros > lowest:
                await self._troubles.note_within(connection, Trouble.SHORTAGE, is_there=False)
