"""Replicas share one inbox: each conversation is handled by one of them at a time, in order."""

import asyncio
import random
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial

import pytest

from bot.chat import shared_inbox
from bot.chat.lanes import Lanes
from bot.chat.shared_inbox import SharedInbox
from bot.ops import Metrics
from bot.storage.database import Database
from tests.integration.intake.helpers import (
    ANN,
    BOB,
    Handler,
    RawUpdate,
    eventually,
    message,
    running,
    statuses,
)
from tests.integration.intake.processes import Processes

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]
USERS, UPDATES, REPLICAS = 12, 150, 3


@pytest.fixture
async def replicas(processes: Processes) -> list[SharedInbox]:
    return [await processes.join() for _ in range(REPLICAS)]


@pytest.fixture
def _no_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """After the first look only stores and ends of lanes bring updates to their handler."""
    monkeypatch.setattr(shared_inbox, "LOOK_SECONDS", 60.0)


class Conversations:
    """Notes what is handled, by whom, and what is wrong about it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - to be replayed
        self.handled: dict[int, list[int]] = defaultdict(list)
        self.overlaps: list[int] = []
        self._busy: set[int] = set()

    async def handle(self, update_id: int, raw: RawUpdate) -> None:
        user: int = raw["message"]["from"]["id"]
        if user in self._busy:
            self.overlaps.append(update_id)
        self._busy.add(user)
        try:
            await asyncio.sleep(self.chance.uniform(0.0, 0.01))
            self.handled[user].append(update_id)
        finally:
            self._busy.discard(user)

    def all(self) -> list[int]:
        return sorted(update_id for ids in self.handled.values() for update_id in ids)


@pytest.mark.usefixtures("_no_looks")
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_whoever_stores_an_update_it_is_handled_once_in_its_turn_and_needs_no_look(
    replicas: list[SharedInbox],
    processes: Processes,
    metrics: Metrics,
    database: Database,
    seed: int,
) -> None:
    people = Conversations(seed)
    async with _all_running(replicas, people, metrics):
        await asyncio.gather(*(_talk(people, replicas, user) for user in range(1, USERS + 1)))
        await eventually(lambda: _is_over(database))
        await eventually(processes.all_is_given_back)
    assert people.overlaps == []
    assert people.all() == list(range(1, UPDATES + 1))
    assert all(ids == sorted(ids) for ids in people.handled.values())


@pytest.mark.parametrize("seed", [1, 2])
async def test_what_a_killed_replica_held_is_handled_by_the_others(
    replicas: list[SharedInbox],
    processes: Processes,
    metrics: Metrics,
    database: Database,
    seed: int,
) -> None:
    people = Conversations(seed)
    victim, *others = replicas
    doomed = Lanes(victim, people.handle, metrics)
    async with _all_running(others, people, metrics):
        run = asyncio.create_task(doomed.run())
        talk = [_talk(people, replicas, user) for user in range(1, USERS + 1)]
        talking = asyncio.gather(*talk)
        await eventually(lambda: _handled_at_least(people, UPDATES // 4))
        processes.members[victim].lives = False
        for task in (run, *doomed._running):
            task.cancel()
        await processes.bury(victim)
        await talking
        await eventually(lambda: _is_over(database))
    assert people.overlaps == []
    assert set(people.all()) == set(range(1, UPDATES + 1))
    assert all(_first_times(ids) == sorted(set(ids)) for ids in people.handled.values())


@pytest.mark.usefixtures("_no_looks")
async def test_updates_that_come_to_two_replicas_in_the_wrong_order_are_handled_in_the_right_one(
    replicas: list[SharedInbox], handler: Handler, metrics: Metrics
) -> None:
    here, there, _ = replicas
    async with running(Lanes(here, handler, metrics)), running(Lanes(there, handler, metrics)):
        handler.hold(ANN)
        await here.store([message(4)])
        await handler.until(lambda: handler.started == [4])
        await there.store([message(6)])
        await here.store([message(5)])
        handler.let_go(ANN)
        await handler.until(lambda: handler.handled == [4, 5, 6])


async def test_one_busy_lane_of_a_replica_keeps_no_other_lane_from_the_others(
    replicas: list[SharedInbox], handler: Handler, metrics: Metrics
) -> None:
    here, there, _ = replicas
    narrow = Lanes(here, handler, metrics, width=1)
    async with running(narrow), running(Lanes(there, handler, metrics)):
        handler.hold(ANN)
        await here.store([message(1, ANN)])
        await handler.until(lambda: handler.started == [1])
        await there.store([message(2, BOB)])
        await handler.until(lambda: handler.handled == [2])
        handler.let_go(ANN)


async def test_a_replica_that_was_fenced_begins_nothing_more_and_closes_nothing(
    replicas: list[SharedInbox],
    processes: Processes,
    handler: Handler,
    metrics: Metrics,
    database: Database,
) -> None:
    slow, quick, _ = replicas
    async with running(Lanes(slow, handler, metrics)):
        handler.hold(ANN)
        await slow.store([message(1), message(2)])
        await handler.until(lambda: handler.started == [1])
        processes.members[slow].lives = False
        await processes.bury(slow)
        handler.let_go(ANN)
        await handler.until(lambda: handler.handled == [1])
        await eventually(lambda: _is_flushed(slow))
        assert await statuses(database) == {1: "waiting", 2: "waiting"}
        async with running(Lanes(quick, handler, metrics)):
            await handler.until(lambda: handler.handled == [1, 1, 2])
    assert await statuses(database) == {1: "handled", 2: "handled"}


@pytest.mark.parametrize("by_whom", ["nobody", "another"])
async def test_a_replica_that_comes_back_under_a_new_name_waits_for_its_own_old_work(
    replicas: list[SharedInbox],
    processes: Processes,
    metrics: Metrics,
    handler: Handler,
    by_whom: str,
) -> None:
    slow, quick, _ = replicas
    async with running(Lanes(slow, handler, metrics)):
        handler.hold(ANN)
        await slow.store([message(1)])
        await handler.until(lambda: handler.started == [1])
        await processes.bury(slow)
        await processes.renew(slow, "member-again")
        await (slow if by_whom == "nobody" else quick).store([message(2)])
        assert handler.most_running == 1
        handler.let_go(ANN)
        if by_whom == "another":
            await processes.bury(quick)
        await handler.until(lambda: handler.handled[-1:] == [2])
    assert handler.most_running == 1


async def test_a_replica_that_stops_leaves_its_lanes_to_others_at_once(
    replicas: list[SharedInbox], processes: Processes, handler: Handler, metrics: Metrics
) -> None:
    """Its row stays for as long as it waits for open money calls."""
    stopping, other, _ = replicas
    handler.hold(ANN)
    async with running(Lanes(stopping, handler, metrics)):
        await stopping.store([message(1), message(2)])
        await handler.until(lambda: handler.started == [1])
        handler.let_go(ANN)
    await stopping.store([message(3)])
    assert await processes.all_is_given_back()
    async with running(Lanes(other, handler, metrics)):
        await handler.until(lambda: handler.handled == [1, 2, 3])


async def test_a_replica_that_nobody_knows_keeps_updates_for_the_others(
    replicas: list[SharedInbox], processes: Processes, handler: Handler, metrics: Metrics
) -> None:
    unknown, known, _ = replicas
    await processes.bury(unknown)
    assert await unknown.store([message(1)]) == [1]
    async with running(Lanes(unknown, handler, metrics)), running(Lanes(known, handler, metrics)):
        await handler.until(lambda: handler.handled == [1])
        await eventually(processes.all_is_given_back)


@asynccontextmanager
async def _all_running(
    inboxes: Sequence[SharedInbox], people: Conversations, metrics: Metrics
) -> AsyncIterator[None]:
    lanes = [Lanes(inbox, people.handle, metrics) for inbox in inboxes]
    tasks = [asyncio.create_task(one.run()) for one in lanes]
    await eventually(partial(_have_looked, inboxes))
    yield
    await asyncio.gather(*(one.stop() for one in lanes), *tasks)


async def _talk(people: Conversations, replicas: list[SharedInbox], user: int) -> None:
    """Send a user's share of the updates as Telegram does: the next one after a 200."""
    for number in range(user, UPDATES + 1, USERS):
        inbox = people.chance.choice(replicas)
        await inbox.store([message(number, user)] * people.chance.choice([1, 1, 2]))
        await asyncio.sleep(people.chance.choice([0.0, 0.0, 0.01, 0.05]))


async def _have_looked(inboxes: Sequence[SharedInbox]) -> bool:
    return all(inbox._look_at for inbox in inboxes)


def _first_times(ids: list[int]) -> list[int]:
    return list(dict.fromkeys(ids))


async def _handled_at_least(people: Conversations, count: int) -> bool:
    return len(people.all()) >= count


async def _is_over(database: Database) -> bool:
    found = await statuses(database)
    return len(found) == UPDATES and set(found.values()) == {"handled"}


async def _is_flushed(inbox: SharedInbox) -> bool:
    await inbox.flush()
    return not inbox._closing


@pytest.mark.usefixtures("_no_looks")
async def test_a_stop_is_heard_though_something_arrives_in_the_same_moment(
    processes: Processes,
) -> None:
    inbox = await processes.join()
    waiting = asyncio.create_task(inbox.arrivals())
    while not inbox._bell._waiters:  # noqa: ASYNC110 - who waits rings no bell
        await asyncio.sleep(0.01)
    inbox._bell.set()
    waiting.cancel()
    await asyncio.wait({waiting}, timeout=5)
    assert waiting.cancelled()
