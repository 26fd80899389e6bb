"""One chat's trouble delays no other chat, and nothing that can still be told is dropped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.chat.pacing import Pacing
from bot.domain import notice
from bot.domain.notice import Notice, NoticeKind
from bot.ops import Metrics
from bot.provider import SpotSms
from bot.sandbox.telegram import TelegramFault, TelegramSandbox
from bot.storage import chats, outbox
from bot.storage.tables import outbox as outbox_table
from bot.workflows import worker
from bot.workflows.deliver import OUTAGE_SECONDS, RETRY_FIRST_SECONDS, Delivery
from bot.workflows.kit import Kit
from bot.workflows.worker import Calls, Signals
from tests.integration.messenger.desk import ANNA, BORIS, OWNER, Desk
from tests.integration.reconcile.shop import RULES, HandClock

GROUP = -4001


class Sender:
    """The sender between the desk's outbox and Telegram, with a clock that is set by hand."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.clock = HandClock()
        self._began = self.clock.now()
        self.signals = Signals()
        kit = Kit(
            database=desk.database,
            provider=SpotSms("http://127.0.0.1:9/", "test-key", timeout=1),
            clock=self.clock,
            signals=self.signals,
            calls=Calls(),
            meter=Metrics(),
            rules=RULES,
        )
        self.delivery = Delivery(kit, desk.messenger, Pacing(self._seconds))

    def _seconds(self) -> float:
        return (self.clock.now() - self._began) / 1000

    async def tell(self, *chat_ids: int) -> None:
        """Put one notice for each of these chats into the outbox."""
        for chat_id in chat_ids:
            await self.enqueue(
                Notice(
                    key=f"{chat_id}:{self.clock.now()}:{len(await self.statuses())}",
                    chat_id=chat_id,
                    kind=NoticeKind.ACCESS_DECIDED,
                    facts={"approved": True},
                )
            )

    async def enqueue(self, told: Notice) -> None:
        """Put a notice into the outbox."""
        async with self.desk.database.write() as connection:
            await outbox.enqueue(connection, told, self.clock.now())

    async def go(self) -> None:
        """Send what may leave now, and wait until it has gone or failed."""
        await self.delivery.step()
        await asyncio.gather(*self.delivery._sending.values(), return_exceptions=True)

    async def statuses(self) -> list[str]:
        """Give how it stands with each notice, oldest first."""
        statement = select(outbox_table.c.status).order_by(outbox_table.c.id)
        async with self.desk.database.read() as connection:
            return list((await connection.execute(statement)).scalars())


@pytest.fixture
def sender(desk: Desk) -> Sender:
    return Sender(desk)


def texts(telegram: TelegramSandbox, chat_id: int) -> int:
    messages = telegram.chat(chat_id).messages
    return len([one for one in messages if one["from"]["is_bot"] and "text" in one])


async def test_what_is_sent_is_sent_once(telegram: TelegramSandbox, sender: Sender) -> None:
    await sender.tell(ANNA)
    for _ in range(2):
        await sender.go()
    assert await sender.statuses() == [outbox.SENT]
    assert texts(telegram, ANNA) == 1


async def test_what_telegram_has_taken_while_the_database_fails_is_sent_once(
    telegram: TelegramSandbox, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.01)
    write, failures = sender.desk.database.write, iter(range(3))

    @asynccontextmanager
    async def failing() -> AsyncIterator[AsyncConnection]:
        if next(failures, None) is not None:
            raise OperationalError("COMMIT", None, ConnectionError("server gone"))
        async with write() as connection:
            yield connection

    await sender.tell(ANNA)
    monkeypatch.setattr(sender.desk.database, "write", failing)
    for _ in range(2):
        await sender.go()
        sender.clock.forward(RETRY_FIRST_SECONDS)
    assert texts(telegram, ANNA) == 1
    assert await sender.statuses() == [outbox.SENT]


async def test_a_flooded_chat_waits_as_long_as_telegram_says_and_the_other_does_not(
    telegram: TelegramSandbox, sender: Sender
) -> None:
    telegram.inject(TelegramFault("sendMessage", "429", chat_id=ANNA, retry_after=30))
    await sender.tell(ANNA)
    await sender.go()
    await sender.tell(ANNA, OWNER)
    sender.clock.forward(29)
    await sender.go()
    assert (texts(telegram, ANNA), texts(telegram, OWNER)) == (0, 1)
    for _ in range(2):
        sender.clock.forward(2)
        await sender.go()
    assert texts(telegram, ANNA) == 2


async def test_a_chat_that_cannot_be_reached_is_tried_again(
    telegram: TelegramSandbox, sender: Sender
) -> None:
    telegram.inject(TelegramFault("sendMessage", "html", chat_id=ANNA))
    await sender.tell(ANNA)
    await sender.go()
    assert texts(telegram, ANNA) == 0
    sender.clock.forward(RETRY_FIRST_SECONDS)
    await sender.go()
    assert texts(telegram, ANNA) == 1


async def test_two_chats_that_fail_make_all_wait_a_moment(
    telegram: TelegramSandbox, sender: Sender
) -> None:
    telegram.open_private(BORIS)
    for chat_id in (ANNA, BORIS):
        telegram.inject(TelegramFault("sendMessage", "5xx", chat_id=chat_id))
    await sender.tell(ANNA, BORIS)
    await sender.go()
    await sender.tell(OWNER)
    await sender.go()
    assert texts(telegram, OWNER) == 0
    sender.clock.forward(OUTAGE_SECONDS)
    await sender.go()
    assert texts(telegram, OWNER) == 1
    sender.clock.forward(RETRY_FIRST_SECONDS)
    await sender.go()
    assert (texts(telegram, ANNA), texts(telegram, BORIS)) == (1, 1)


async def test_chats_that_go_on_failing_make_nobody_wait(
    telegram: TelegramSandbox, sender: Sender
) -> None:
    telegram.open_private(BORIS)
    for chat_id in (ANNA, BORIS):
        telegram.inject(TelegramFault("sendMessage", "5xx", chat_id=chat_id, times=2))
    await sender.tell(ANNA, BORIS)
    await sender.go()
    sender.clock.forward(2 * RETRY_FIRST_SECONDS)
    await sender.go()
    sender.clock.forward(0.1)
    await sender.tell(OWNER)
    await sender.go()
    assert [texts(telegram, one) for one in (ANNA, BORIS, OWNER)] == [0, 0, 1]


async def test_chats_that_hang_again_and_again_leave_room_for_others(
    telegram: TelegramSandbox, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.workflows.deliver.SENDS_AT_ONCE", 2)
    monkeypatch.setattr("bot.workflows.deliver.RETRIES_AT_ONCE", 1)
    telegram.open_private(BORIS)
    await sender.tell(ANNA, BORIS)
    for chat_id in (ANNA, BORIS):
        telegram.inject(TelegramFault("sendMessage", "5xx", chat_id=chat_id))
        telegram.inject(TelegramFault("sendMessage", "stall", chat_id=chat_id))
    await sender.go()
    sender.clock.forward(2 * RETRY_FIRST_SECONDS)
    for _ in range(2):
        await sender.delivery.step()
    await sender.tell(OWNER)
    sender.clock.forward(0.1)
    await sender.delivery.step()
    await sender.delivery._sending[OWNER]
    assert texts(telegram, OWNER) == 1
    await sender.delivery.stop()


async def test_what_a_blocked_bot_has_to_say_waits_until_the_chat_is_back(
    telegram: TelegramSandbox, sender: Sender
) -> None:
    telegram.block_bot(ANNA)
    await sender.tell(ANNA)
    await sender.go()
    assert await sender.statuses() == [outbox.PARKED]
    await sender.delivery.unpark(OWNER)
    sender.signals.outbox.clear()
    telegram.unblock_bot(ANNA)
    await sender.delivery.unpark(ANNA)
    assert sender.signals.outbox.is_set()
    await sender.go()
    assert texts(telegram, ANNA) == 1


async def test_a_group_s_code_that_cannot_go_to_its_buyer_is_offered_in_the_group(
    telegram: TelegramSandbox, desk: Desk, sender: Sender
) -> None:
    telegram.add_group(GROUP, "Team")
    telegram.join(GROUP, BORIS)
    telegram.add_bot(GROUP)
    async with desk.database.write() as connection:
        await chats.remember_chat(connection, GROUP, "group", "Team", 1)
    number = await desk.number(BORIS, GROUP)
    await sender.enqueue(notice.code(number, await desk.code(number)))
    for _ in range(2):
        await sender.go()
    assert await sender.statuses() == [outbox.PARKED, outbox.SENT]
    offered = telegram.chat(GROUP).messages[-1]
    assert "4711" not in str(offered)
    assert "Show" in str(offered["reply_markup"])


async def test_a_private_code_that_cannot_be_sent_is_offered_nowhere_else(
    telegram: TelegramSandbox, desk: Desk, sender: Sender
) -> None:
    number = await desk.number()
    telegram.block_bot(ANNA)
    await sender.enqueue(notice.code(number, await desk.code(number)))
    await sender.go()
    assert await sender.statuses() == [outbox.PARKED]


async def test_what_was_for_a_group_follows_it_into_its_supergroup(
    telegram: TelegramSandbox, desk: Desk, sender: Sender
) -> None:
    telegram.add_group(GROUP, "Team")
    telegram.add_bot(GROUP)
    async with desk.database.write() as connection:
        await chats.remember_chat(connection, GROUP, "group", "Team", 1)
    new_id = telegram.migrate(GROUP)
    await sender.tell(GROUP)
    for _ in range(2):
        await sender.go()
    assert texts(telegram, new_id) == 1
    async with desk.database.read() as connection:
        assert await chats.present_id(connection, GROUP) == new_id
    await sender.delivery.move_chat(GROUP, new_id)
    async with desk.database.read() as connection:
        assert await chats.present_id(connection, GROUP) == new_id


async def test_an_open_number_gets_a_card_in_the_supergroup_that_its_group_became(
    telegram: TelegramSandbox, desk: Desk, sender: Sender
) -> None:
    telegram.add_group(GROUP, "Team")
    telegram.add_bot(GROUP)
    async with desk.database.write() as connection:
        await chats.remember_chat(connection, GROUP, "group", "Team", 1)
    number = await desk.number(BORIS, GROUP)
    new_id = telegram.migrate(GROUP)
    await sender.delivery.move_chat(GROUP, new_id)
    await sender.go()
    shown = telegram.chat(new_id).messages[-1]
    assert number.number
    assert number.number in shown["text"].replace(" ", "")
    assert "Cancel" in str(shown["reply_markup"])


async def test_what_telegram_refuses_for_good_is_given_up_and_logged(
    telegram: TelegramSandbox, sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    telegram.inject(TelegramFault("sendMessage", "5xx", chat_id=ANNA, status=400, times=2))
    await sender.tell(ANNA, ANNA)
    await sender.go()
    sender.clock.forward(5)
    await sender.go()
    assert await sender.statuses() == [outbox.FAILED, outbox.SENT]
    assert "Telegram refused outbox row" in caplog.text


async def test_a_notice_that_we_cannot_put_into_words_holds_up_no_other(
    telegram: TelegramSandbox, sender: Sender, caplog: pytest.LogCaptureFixture
) -> None:
    wordless = Notice(key="wordless", chat_id=ANNA, kind=NoticeKind.ALERT, facts={"alert": "?"})
    await sender.enqueue(wordless)
    await sender.tell(ANNA)
    for _ in range(2):
        await sender.go()
        sender.clock.forward(RETRY_FIRST_SECONDS / 2)
    assert await sender.statuses() == [outbox.PENDING, outbox.SENT]
    assert texts(telegram, ANNA) == 1
    assert "cannot be sent" in caplog.text


async def test_a_chat_gets_no_more_than_is_polite_and_the_rest_a_little_later(
    telegram: TelegramSandbox, sender: Sender
) -> None:
    await sender.tell(*[ANNA] * 5)
    for _ in range(6):
        await sender.go()
    assert 1 <= texts(telegram, ANNA) < 5
    for _ in range(6):
        sender.clock.forward(1.01)
        await sender.go()
    assert texts(telegram, ANNA) == 5


async def test_many_chats_at_once_get_theirs_one_after_the_other(
    telegram: TelegramSandbox, sender: Sender
) -> None:
    people = range(9001, 9007)
    for person in people:
        telegram.add_user(person, "Guest")
        telegram.open_private(person)
    await sender.tell(*people)
    await sender.go()
    assert sum(texts(telegram, person) for person in people) < len(people)
    sender.clock.forward(1)
    for _ in range(len(people)):
        await sender.go()
        sender.clock.forward(0.1)
    assert [texts(telegram, person) for person in people] == [1] * len(people)


async def test_a_sender_that_stops_gives_up_what_hangs_and_keeps_it(
    telegram: TelegramSandbox, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.workflows.deliver.STOP_SECONDS", 0.05)
    telegram.inject(TelegramFault("sendMessage", "stall", chat_id=ANNA))
    await sender.tell(ANNA)
    await sender.delivery.step()
    await sender.delivery.stop()
    assert sender.delivery._sending == {}
    await sender.tell(OWNER)
    await sender.go()
    assert await sender.statuses() == [outbox.PENDING, outbox.PENDING]
    assert texts(telegram, OWNER) == 0
