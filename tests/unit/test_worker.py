"""Workers outlive the errors of their steps; money calls are waited for."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from asyncpg import TooManyConnectionsError  # type: ignore[import-untyped]  # it ships no types

from bot.workflows import worker as module
from bot.workflows.worker import IDLE_SECONDS, Calls, Signals, Worker, patiently


class Work:
    """A step that fails as long as it is told to, and can be waited for."""

    def __init__(self) -> None:
        self.fails = False
        self.begun = 0
        self._done = asyncio.Event()

    async def step(self) -> None:
        self.begun += 1
        self._done.set()
        if self.fails:
            raise LookupError("a step has failed")

    async def next_time(self) -> None:
        self._done.clear()
        await self._done.wait()


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def bell() -> asyncio.Event:
    return asyncio.Event()


@pytest.fixture
async def worker(work: Work, bell: asyncio.Event) -> AsyncIterator[Worker]:
    worker = Worker("testing", bell, work.step)
    task = asyncio.create_task(worker.run())
    yield worker
    worker.stop()
    await task


@pytest.mark.usefixtures("worker")
async def test_each_ring_is_followed_by_a_step(work: Work, bell: asyncio.Event) -> None:
    for wanted in (1, 2, 3):
        bell.set()
        await work.next_time()
        assert work.begun == wanted


@pytest.mark.usefixtures("worker")
async def test_a_step_comes_without_a_ring_after_a_while(work: Work) -> None:
    async with asyncio.timeout(10 * IDLE_SECONDS):
        await work.next_time()


@pytest.mark.usefixtures("worker")
async def test_failing_is_logged_once_and_so_is_its_end(
    work: Work, bell: asyncio.Event, caplog: pytest.LogCaptureFixture
) -> None:
    work.fails = True
    for _ in range(2):
        bell.set()
        await work.next_time()
    work.fails = False
    for _ in range(2):
        bell.set()
        await work.next_time()
    assert [record.getMessage() for record in caplog.records if record.name != "asyncio"] == [
        "testing fails",
        "testing works again",
    ]


async def test_a_worker_that_is_stopped_begins_no_step(work: Work, bell: asyncio.Event) -> None:
    worker = Worker("testing", bell, work.step)
    worker.stop()
    await worker.run()
    assert work.begun == 0


async def test_a_worker_that_is_stopped_while_it_waits_begins_no_step(
    work: Work, bell: asyncio.Event
) -> None:
    worker = Worker("testing", bell, work.step)
    task = asyncio.create_task(worker.run())
    await asyncio.sleep(0)
    worker.stop()
    await task
    assert work.begun == 0


def test_the_beat_rings_for_what_time_makes_due() -> None:
    signals = Signals()
    signals.beat()
    assert (signals.polls.is_set(), signals.cancels.is_set()) == (True, True)
    assert not signals.outbox.is_set()


async def test_calls_are_waited_for_with_those_that_they_begin() -> None:
    calls = Calls()
    ended: list[str] = []

    async def second() -> None:
        await asyncio.sleep(0)
        ended.append("second")

    async def first() -> None:
        calls.start(second())
        ended.append("first")

    calls.start(first())
    assert len(calls) == 1
    await calls.drain()
    assert (ended, len(calls)) == (["first", "second"], 0)


async def test_a_call_that_fails_is_logged_and_ends_no_other(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls = Calls()

    async def fail() -> None:
        raise LookupError("a call has failed")

    calls.start(fail())
    await calls.drain()
    await asyncio.sleep(0)
    assert "a call has failed" in caplog.text


async def test_what_is_to_be_finished_is_finished_without_whoever_waits_for_it() -> None:
    calls, may_end = Calls(), asyncio.Event()

    async def work() -> str:
        await may_end.wait()
        return "done"

    waiting = [asyncio.create_task(calls.finish(work())) for _ in range(2)]
    await asyncio.sleep(0)
    waiting[0].cancel()
    await asyncio.gather(waiting[0], return_exceptions=True)
    assert len(calls) == 2
    may_end.set()
    await calls.drain()
    assert (await waiting[1], len(calls)) == ("done", 0)


async def test_what_the_database_does_not_take_is_tried_until_it_does(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "PAUSE_SECONDS", 0)
    failures: list[Exception] = [ConnectionResetError(), TooManyConnectionsError("no place")]

    async def write() -> int:
        if failures:
            raise failures.pop()
        return 7

    assert await patiently("writing", write) == 7
    assert caplog.messages == [
        "writing: the database fails (TooManyConnectionsError), again soon",
        "writing: the database fails (ConnectionResetError), again soon",
    ]
