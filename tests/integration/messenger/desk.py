"""What tests of the messenger do: make a number, change it, tell about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from bot.chat.messenger import TelegramMessenger
from bot.domain import notice
from bot.domain.activation import Activation, State
from bot.domain.notice import Notice, NoticeKind
from bot.storage import activations, chats, outbox
from bot.storage.database import Database
from bot.storage.outbox import OutboxRow
from bot.workflows.ports import Clock

OWNER, ANNA, BORIS = 501, 502, 503
GROUP = -1_000_000_000_777


@dataclass
class Desk:
    """A database with people and chats, and the messenger under test."""

    database: Database
    messenger: TelegramMessenger
    clock: Clock

    @classmethod
    async def set_up(cls, database: Database, messenger: TelegramMessenger, clock: Clock) -> Self:
        """Let the database know Anna, Boris, and a group."""
        now = clock.now()
        async with database.write() as connection:
            for user, name in ((ANNA, "Anna"), (BORIS, "Boris")):
                await chats.remember_user(connection, user, name, None, now)
                await chats.remember_chat(connection, user, "private", name, now)
            await chats.remember_chat(connection, GROUP, "supergroup", "Team", now)
        return cls(database, messenger, clock)

    async def number(
        self, user: int = ANNA, chat: int = ANNA, thread_id: int | None = None
    ) -> Activation:
        """Give a number that waits for its SMS, without a card yet."""
        now = self.clock.now()
        async with self.database.write() as connection:
            made = await activations.add_activation(
                connection,
                quote_id=f"{now:x}",
                chat_id=chat,
                thread_id=thread_id,
                user_id=user,
                service_id="0948",
                service_name="WhatsApp",
                pid="0948",
                country_code="tr",
                country_name="Turkey",
                price=88_200,
                requested_at=now,
                lease_until=now,
            )
            assert made
            waiting = await activations.move(
                connection,
                made.id,
                (State.REQUESTED,),
                State.WAITING,
                at=now,
                number="+12025550123",
                rs_id="rs-1",
                expires_at=now + 1_200_000,
            )
        assert waiting
        return waiting

    async def change(self, activation: Activation, **values: object) -> Activation:
        """Set columns of an activation."""
        async with self.database.write() as connection:
            await activations.change(connection, activation.id, **values)
            changed = await activations.get(connection, activation.id)
        assert changed
        return changed

    async def code(self, activation: Activation, text: str = "Code 4711") -> int:
        """Keep what an SMS brought; give the code's id."""
        async with self.database.write() as connection:
            code_id = await activations.add_code(connection, activation.id, text, self.clock.now())
        assert code_id
        return code_id

    async def card(self, activation: Activation) -> int | None:
        """Deliver the card, and remember a new one as the sender does."""
        message_id = await self.tell(notice.card(activation))
        if message_id:
            await self.change(activation, card_message_id=message_id)
        return message_id

    async def about(
        self,
        kind: NoticeKind,
        chat_id: int,
        activation: Activation | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> int | None:
        """Deliver a notice of some kind."""
        return await self.tell(
            Notice(
                key="one",
                chat_id=chat_id,
                kind=kind,
                activation_id=activation.id if activation else None,
                facts=facts or {},
            )
        )

    async def tell(self, told: Notice) -> int | None:
        """Deliver a notice through the outbox's own form of it."""
        now = self.clock.now()
        async with self.database.write() as connection:
            await outbox.renew(connection, told, now)
        async with self.database.read() as connection:
            [row] = await outbox.due(connection, self.clock.now(), 1)
        await self._settle(row)
        return await self.messenger.deliver(row)

    async def _settle(self, row: OutboxRow) -> None:
        async with self.database.write() as connection:
            await outbox.settle(connection, row, outbox.SENT, self.clock.now())
