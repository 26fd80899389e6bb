"""The gate lets a balance be read in peace, and never holds a purchase back for long."""

import asyncio

import pytest

from bot.workflows.gate import Gate


async def call(gate: Gate, began: asyncio.Event, end: asyncio.Event, number: int = 1) -> None:
    async with gate.call(number):
        began.set()
        await end.wait()


@pytest.fixture
def gate() -> Gate:
    return Gate()


async def test_a_time_without_calls_is_quiet(gate: Gate) -> None:
    async with gate.quiet(0) as quiet:
        assert quiet.lasts


async def test_a_time_in_which_a_call_is_open_is_not_quiet(gate: Gate) -> None:
    began, end = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(call(gate, began, end))
    await began.wait()
    async with gate.quiet(0) as quiet:
        assert not quiet.lasts
        end.set()
        await task
        assert not quiet.lasts


async def test_a_time_in_which_a_call_began_and_ended_is_not_quiet(gate: Gate) -> None:
    async with gate.quiet(0) as quiet:
        async with gate.call(1):
            pass
        assert not quiet.lasts


async def test_holding_back_waits_for_open_calls_and_keeps_new_ones_out(gate: Gate) -> None:
    first_began, first_end, second_began = asyncio.Event(), asyncio.Event(), asyncio.Event()
    first = asyncio.create_task(call(gate, first_began, first_end))
    await first_began.wait()
    asyncio.get_running_loop().call_later(0.05, first_end.set)
    async with gate.quiet(5) as quiet:
        await first
        second = asyncio.create_task(call(gate, second_began, first_end, number=2))
        await asyncio.sleep(0)
        assert quiet.lasts
        assert gate.held_back == {2}
    await asyncio.wait_for(second, 1)
    assert second_began.is_set()
    assert gate.held_back == frozenset()


async def test_a_call_is_held_back_no_longer_than_allowed(gate: Gate) -> None:
    async with gate.quiet(0.05) as quiet:
        async with asyncio.timeout(5), gate.call(1):
            pass
        assert not quiet.lasts


async def test_a_call_that_does_not_end_makes_no_quiet_time(gate: Gate) -> None:
    began, end = asyncio.Event(), asyncio.Event()
    task = asyncio.create_task(call(gate, began, end))
    await began.wait()
    async with asyncio.timeout(5), gate.quiet(0.05) as quiet:
        assert not quiet.lasts
    end.set()
    await task


async def test_a_reading_that_fails_lets_the_calls_go_on(gate: Gate) -> None:
    with pytest.raises(ValueError, match="no balance"):
        async with gate.quiet(60):
            raise ValueError("no balance")
    async with asyncio.timeout(1), gate.call(1):
        pass


async def test_a_call_that_is_cancelled_while_it_waits_leaves_no_trace(gate: Gate) -> None:
    async with gate.quiet(60) as quiet:
        task = asyncio.create_task(call(gate, asyncio.Event(), asyncio.Event()))
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert quiet.lasts
        assert gate.held_back == frozenset()
