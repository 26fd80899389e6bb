"""Updates are handled once, in order per chat and user, whatever else goes on."""

import asyncio
from functools import partial

import pytest
from telegram import Update
from telegram.ext import ApplicationBuilder, ExtBot, MessageHandler, filters

from bot.chat.intake import AnyInbox
from bot.chat.lanes import WIDTH, Lanes
from bot.ops import Metrics
from bot.storage import inbox as inbox_queries
from bot.storage.database import Database
from bot.workflows import worker
from tests.integration.intake.helpers import (
    ANN,
    BOB,
    Handler,
    RawUpdate,
    broken_database,
    eventually,
    message,
    running,
    statuses,
)
from tests.integration.intake.processes import Processes

CAROL = 3


async def test_one_user_is_answered_while_another_waits_for_slow_work(
    inbox: AnyInbox, lanes: Lanes, handler: Handler
) -> None:
    handler.hold(ANN)
    async with running(lanes):
        await inbox.store([message(1, ANN), message(2, ANN), message(3, BOB)])
        await handler.until(lambda: handler.handled == [3] and sorted(handler.started) == [1, 3])
        handler.let_go(ANN)
        await handler.until(lambda: handler.handled == [3, 1, 2])


async def test_the_same_user_in_two_chats_does_not_wait_for_himself(
    inbox: AnyInbox, lanes: Lanes, handler: Handler
) -> None:
    handler.hold(ANN)
    async with running(lanes):
        await inbox.store([message(1, ANN), message(2, ANN, chat_id=-100)])
        await handler.until(lambda: sorted(handler.started) == [1, 2])
        handler.let_go(ANN)


async def test_updates_of_one_user_stay_in_telegrams_order_though_they_arrive_mixed(
    inbox: AnyInbox, lanes: Lanes, handler: Handler
) -> None:
    handler.hold(ANN)
    async with running(lanes):
        await inbox.store([message(1)])
        await inbox.store([message(3)])
        await inbox.store([message(2), message(4, BOB)])
        await handler.until(lambda: handler.handled == [4])
        handler.let_go(ANN)
        await handler.until(lambda: handler.handled == [4, 1, 2, 3])


async def test_no_more_than_the_width_runs_at_once_and_all_is_handled(
    inbox: AnyInbox, handler: Handler, metrics: Metrics
) -> None:
    lanes = Lanes(inbox, handler, metrics, width=3)
    users = range(1, 11)
    handler.hold(*users)
    async with running(lanes):
        await inbox.store([message(user, user) for user in users])
        await handler.until(lambda: sorted(handler.started) == [1, 2, 3])
        for user in users:
            await handler.until(partial(handler.started.__contains__, user))
            handler.let_go(user)
        await handler.until(lambda: len(handler.handled) == len(users))
    assert handler.most_running == 3


async def test_a_flood_of_one_user_does_not_delay_the_next(
    inbox: AnyInbox, handler: Handler, metrics: Metrics
) -> None:
    lanes = Lanes(inbox, handler, metrics, width=1)
    async with running(lanes):
        await inbox.store([*(message(number, ANN) for number in range(1, 301)), message(301, BOB)])
        await handler.until(lambda: 301 in handler.handled)
    assert handler.handled.index(301) == 1


async def test_an_update_that_cannot_be_handled_is_kept_as_broken_and_the_next_is_handled(
    inbox: AnyInbox,
    lanes: Lanes,
    handler: Handler,
    database: Database,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken = {"update_id": 1, "message": {"chat": {"id": ANN}, "from": {}, "text": "my secret"}}
    async with running(lanes):
        await inbox.store([broken, message(2)])
        await handler.until(lambda: handler.handled == [2])
    assert await statuses(database) == {1: "broken", 2: "handled"}
    assert "update 1 cannot be handled" in caplog.text
    assert "my secret" not in caplog.text


async def test_what_python_telegram_bot_cannot_read_does_not_stop_what_it_can(
    inbox: AnyInbox, bot: ExtBot[None], database: Database, metrics: Metrics
) -> None:
    texts: asyncio.Queue[str] = asyncio.Queue()

    async def note(update: Update, _: object) -> None:
        assert update.message
        await texts.put(update.message.text or "")

    application = ApplicationBuilder().bot(bot).updater(None).build()
    application.add_handler(MessageHandler(filters.TEXT, note))

    async def handle(_: int, raw: RawUpdate) -> None:
        await application.process_update(Update.de_json(raw, bot))

    unreadable = message(1) | {"message": {"message_id": "?", "chat": 5}}
    async with application, running(Lanes(inbox, handle, metrics)):
        await inbox.store([unreadable, {"update_id": 2, "a_kind_of_next_year": {}}, message(3)])
        assert await asyncio.wait_for(texts.get(), 5) == "hello"
    assert await statuses(database) == {1: "broken", 2: "handled", 3: "handled"}


async def test_after_a_restart_what_was_left_is_handled_first(
    inbox: AnyInbox,
    handler: Handler,
    database: Database,
    metrics: Metrics,
    processes: Processes,
) -> None:
    await inbox.store([message(1, ANN), message(2, BOB), message(3, ANN)])
    next_inbox = await processes.start_after_a_crash()
    handler.hold(ANN)
    async with running(Lanes(next_inbox, handler, metrics, width=1)):
        await handler.until(lambda: handler.started == [1])
        await next_inbox.store([message(4, CAROL)])
        handler.let_go(ANN)
        await handler.until(lambda: len(handler.handled) == 4)
    assert handler.handled[:2] == [1, 2]
    assert set((await statuses(database)).values()) == {"handled"}


async def test_more_leftovers_than_the_width_are_handled(
    inbox: AnyInbox,
    handler: Handler,
    metrics: Metrics,
    processes: Processes,
) -> None:
    count = 2 * WIDTH
    await inbox.store([message(number, number) for number in range(1, count + 1)])
    async with running(Lanes(await processes.start_after_a_crash(), handler, metrics)):
        await handler.until(lambda: len(handler.handled) == count)


async def test_an_update_that_telegram_sends_again_is_handled_once(
    inbox: AnyInbox, lanes: Lanes, handler: Handler, database: Database
) -> None:
    async with running(lanes):
        handler.hold(ANN)
        await inbox.store([message(1)])
        await handler.until(lambda: handler.started == [1])
        await inbox.store([message(1)])
        handler.let_go(ANN)
        await handler.until(lambda: handler.handled == [1])
        await inbox.store([message(1)])
        await eventually(lambda: _is_handled(database, 1))
        await inbox.store([message(1), message(2)])
        await handler.until(lambda: 2 in handler.handled)
    assert handler.started == [1, 2]
    assert await statuses(database) == {1: "handled", 2: "handled"}


async def test_at_the_end_what_runs_is_finished_and_written_down(
    inbox: AnyInbox, lanes: Lanes, handler: Handler, database: Database
) -> None:
    handler.hold(ANN)
    run = asyncio.create_task(lanes.run())
    await inbox.store([message(1, ANN), message(2, ANN)])
    await handler.until(lambda: handler.started == [1])
    stop = asyncio.create_task(lanes.stop())
    await asyncio.sleep(0)
    handler.let_go(ANN)
    await stop
    await run
    assert await statuses(database) == {1: "handled", 2: "waiting"}


async def test_what_does_not_end_in_time_is_handled_again_after_the_restart(
    inbox: AnyInbox,
    lanes: Lanes,
    handler: Handler,
    metrics: Metrics,
    processes: Processes,
) -> None:
    handler.hold(ANN)
    run = asyncio.create_task(lanes.run())
    await inbox.store([message(1, ANN)])
    await handler.until(lambda: handler.started == [1])
    await lanes.stop(patience=0.05)
    await run
    assert handler.handled == []
    handler.let_go(ANN)
    async with running(Lanes(await processes.start_after_a_crash(), handler, metrics)):
        await handler.until(lambda: handler.handled == [1])


async def test_a_database_that_fails_for_a_while_costs_no_update_and_repeats_none(  # noqa: PLR0917 - fixtures
    inbox: AnyInbox,
    lanes: Lanes,
    handler: Handler,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(worker, "PAUSE_SECONDS", 0.01)
    handler.hold(ANN)
    async with running(lanes):
        await inbox.store([message(1), message(2)])
        await handler.until(lambda: handler.started == [1])
        async with broken_database(database):
            handler.let_go(ANN)
            await handler.until(lambda: handler.handled == [1])
            await eventually(partial(_has_failed_twice, caplog))
        await handler.until(lambda: handler.handled == [1, 2])
    assert handler.started == [1, 2]
    assert set((await statuses(database)).values()) == {"handled"}


async def test_updates_are_closed_together_not_one_by_one(
    inbox: AnyInbox, lanes: Lanes, handler: Handler, database: Database
) -> None:
    count = 200
    async with running(lanes):
        await inbox.store([message(number, number) for number in range(1, count + 1)])
        await handler.until(lambda: len(handler.handled) == count)
    async with database.read() as connection:
        assert await inbox_queries.count(connection, inbox_queries.HANDLED) == count
        times = await connection.exec_driver_sql("SELECT count(DISTINCT handled_at) FROM inbox")
        assert times.scalar_one() < count / 2


async def test_results_are_counted(inbox: AnyInbox, lanes: Lanes, metrics: Metrics) -> None:
    async with running(lanes):
        await inbox.store([message(1), {"update_id": 2, "message": None}])
        await eventually(lambda: _value(metrics, "handled"))
        await eventually(lambda: _value(metrics, "broken"))


async def _is_handled(database: Database, update_id: int) -> bool:
    return (await statuses(database))[update_id] == "handled"


async def _has_failed_twice(caplog: pytest.LogCaptureFixture) -> bool:
    return caplog.text.count("the database fails") > 1


async def _value(metrics: Metrics, result: str) -> float | None:
    return metrics.registry.get_sample_value("spotsms_bot_updates_total", {"result": result})
