"""Activations: made once per quote, moved by one at a time, with a history; codes are kept."""

import asyncio
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import TRANSITIONS, Activation, CloseReason, State
from bot.provider.wire import Answer, read_message
from bot.storage import activations, chats
from bot.storage.database import Database
from bot.storage.tables import transitions
from tests.integration.storage.helpers import (
    BUYER,
    CHAT,
    NOW,
    PATHS,
    PRICE,
    a_quote,
    in_state,
    request,
)


async def test_a_quote_is_found_as_it_was_shown(database: Database) -> None:
    quote = a_quote()
    async with database.write() as connection:
        await chats.remember_chat(connection, CHAT, "private", "Ann", NOW)
        await activations.add_quote(connection, quote)
    async with database.read() as connection:
        assert await activations.get_quote(connection, quote.id) == quote
        assert await activations.get_quote(connection, "another") is None


async def test_old_quotes_are_erased(database: Database) -> None:
    quote = a_quote()
    async with database.write() as connection:
        await chats.remember_chat(connection, CHAT, "private", "Ann", NOW)
        await activations.add_quote(connection, quote)
        assert await activations.purge_quotes(connection, quote.expires_at) == 0
        assert await activations.purge_quotes(connection, quote.expires_at + 1) == 1
        assert await activations.get_quote(connection, quote.id) is None


async def test_a_quote_becomes_an_activation_once(database: Database) -> None:
    async with database.write() as connection:
        first = await request(connection, "q1")
        assert await request(connection, "q1") is None
    assert first is not None
    assert (first.state, first.price, first.cancel_attempts) == (State.REQUESTED, PRICE, 0)
    async with database.read() as connection:
        assert await activations.by_quote(connection, "q1") == first
        assert await _history(connection, first) == [(None, "requested")]


async def test_of_confirmations_at_once_one_buys(database: Database) -> None:
    async with database.write() as connection:
        await chats.remember_chat(connection, CHAT, "private", "Ann", NOW)

    async def confirm() -> Activation | None:
        async with database.write() as connection:
            return await request(connection, "q1")

    bought = await asyncio.gather(*(confirm() for _ in range(10)))
    assert len([one for one in bought if one]) == 1


@pytest.mark.parametrize("state", State)
async def test_every_state_is_reached_with_its_history(database: Database, state: State) -> None:
    async with database.write() as connection:
        activation = await in_state(connection, state)
        steps = ["requested", *PATHS[state]]
        assert await _history(connection, activation) == list(
            zip([None, *steps[:-1]], steps, strict=True)
        )
    assert activation.state is state


async def test_a_step_that_the_life_of_an_activation_does_not_have_is_an_error(
    database: Database,
) -> None:
    for source in State:
        for target in set(State) - TRANSITIONS[source]:
            async with database.write() as connection:
                with pytest.raises(ValueError, match=f"no way from {source} to {target}"):
                    await activations.move(connection, 1, (source,), target, at=NOW)


async def test_an_activation_that_is_elsewhere_or_nowhere_is_not_moved(database: Database) -> None:
    async with database.write() as connection:
        activation = await in_state(connection, State.DECLINED)
        waiting = await activations.move(
            connection, activation.id, (State.REQUESTED,), State.WAITING, at=NOW
        )
        nothing = await activations.move(
            connection, activation.id + 1, (State.REQUESTED,), State.WAITING, at=NOW
        )
        assert (waiting, nothing) == (None, None)
        assert await activations.get(connection, activation.id) == activation
        assert len(await _history(connection, activation)) == 2


async def test_only_one_of_many_racers_moves(database: Database) -> None:
    async with database.write() as connection:
        activation = await in_state(connection, State.WAITING)

    async def race(target: State) -> Activation | None:
        async with database.write() as connection:
            return await activations.move(
                connection, activation.id, (State.WAITING,), target, at=NOW
            )

    targets = [State.RECEIVED, State.CANCELLING, State.EXPIRED] * 4
    moved = [one for one in await asyncio.gather(*map(race, targets)) if one]
    assert len(moved) == 1
    async with database.read() as connection:
        assert await activations.get(connection, activation.id) == moved[0]
        assert len(await _history(connection, activation)) == 3


async def test_a_racer_that_comes_second_moves_on_from_where_the_first_went(
    database: Database,
) -> None:
    """A number that arrives while its purchase becomes unknown is still used."""
    async with database.write() as connection:
        activation = await in_state(connection, State.REQUESTED)

    async def interrupted() -> None:
        async with database.write() as connection:
            await activations.move(
                connection, activation.id, (State.REQUESTED,), State.UNKNOWN, at=NOW
            )
            entered.set()
            await asyncio.sleep(0.05)

    entered = asyncio.Event()
    first = asyncio.create_task(interrupted())
    await entered.wait()
    async with database.write() as connection:
        moved = await activations.move(
            connection, activation.id, (State.REQUESTED, State.UNKNOWN), State.WAITING, at=NOW
        )
        history = await _history(connection, activation)
    await first
    assert moved is not None
    assert history[-2:] == [("requested", "unknown"), ("unknown", "waiting")]


async def test_a_provider_id_belongs_to_one_activation(database: Database) -> None:
    async with database.write() as connection:
        first = await in_state(connection, State.WAITING, "q1", rs_id="r1", number="+12025550123")
        second = await in_state(connection, State.UNKNOWN, "q2")
        assert await activations.by_rs_id(connection, "r1") == first
        assert await activations.by_rs_id(connection, "r2") is None
    with pytest.raises(IntegrityError):
        async with database.write() as connection:
            await activations.change(connection, second.id, rs_id="r1")
    async with database.write() as connection:
        for quote_id in ("q3", "q4"):
            await in_state(connection, State.WAITING, quote_id, rs_id=None)


async def test_of_purchases_that_bring_the_same_provider_id_at_once_one_keeps_it(
    database: Database,
) -> None:
    async with database.write() as connection:
        bought = [await in_state(connection, State.REQUESTED, f"q{n}") for n in range(5)]

    async def settle(activation: Activation) -> object:
        async with database.write() as connection:
            return await activations.move(
                connection, activation.id, (State.REQUESTED,), State.WAITING, at=NOW, rs_id="r1"
            )

    outcomes = await asyncio.gather(*map(settle, bought), return_exceptions=True)
    assert len([one for one in outcomes if isinstance(one, Activation)]) == 1
    assert len([one for one in outcomes if isinstance(one, IntegrityError)]) == 4


async def test_a_number_is_watched_as_long_as_somebody_looks(database: Database) -> None:
    async with database.write() as connection:
        activation = await in_state(
            connection, State.WAITING, number="+12025550123", next_poll_at=NOW
        )
        assert await activations.is_watched(connection, "+12025550123", activation.pid)
        assert not await activations.is_watched(connection, "+12025550124", activation.pid)
        assert not await activations.is_watched(connection, "+12025550123", "another")
        await activations.change(connection, activation.id, pid_used="another")
        assert await activations.is_watched(connection, "+12025550123", "another")
        await activations.change(connection, activation.id, next_poll_at=None)
        assert not await activations.is_watched(connection, "+12025550123", "another")


async def test_a_text_is_a_code_once_per_activation(database: Database) -> None:
    async with database.write() as connection:
        first = await in_state(connection, State.WAITING, "q1")
        second = await in_state(connection, State.WAITING, "q2")
        kept = [
            await activations.add_code(connection, activation.id, text, NOW)
            for activation, text in [
                (first, "111"),
                (first, "111"),
                (first, "222"),
                (second, "111"),
            ]
        ]
        rows = await activations.codes_of(connection, [first.id])
    assert [code is not None for code in kept] == [True, False, True, True]
    assert [row.text for row in rows] == ["111", "222"]


async def test_old_codes_are_erased_and_their_ids_do_not_come_back(database: Database) -> None:
    async with database.write() as connection:
        activation = await in_state(connection, State.WAITING)
        old = await activations.add_code(connection, activation.id, "111", NOW - 1)
        assert await activations.purge_codes(connection, NOW - 1) == 0
        assert await activations.purge_codes(connection, NOW) == 1
        assert await activations.codes_of(connection, [activation.id]) == []
        new = await activations.add_code(connection, activation.id, "222", NOW)
    assert old is not None
    assert new is not None
    assert new > old


async def test_numbers_are_listed_newest_first_by_place_and_state(database: Database) -> None:
    async with database.write() as connection:
        here = [await in_state(connection, State.WAITING, f"q{n}") for n in range(3)]
        there = await in_state(connection, State.DECLINED, "q3", chat_id=CHAT + 1)
        listed = await activations.of_user(connection, BUYER)
        assert [one.id for one in listed] == [there.id, *(one.id for one in reversed(here))]
        assert await activations.of_user(connection, BUYER, chat_id=CHAT + 1) == [there]
        assert await activations.of_user(connection, BUYER, states=[State.DECLINED]) == [there]
        assert await activations.of_user(connection, BUYER, limit=1, offset=1) == [here[-1]]
        assert await activations.of_user(connection, BUYER + 1) == []


async def test_services_are_ranked_by_what_a_chat_buys_or_by_what_all_bought_lately(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought = [("a", CHAT), ("b", CHAT), ("b", CHAT), ("c", 11), ("c", 11), ("d", 11), ("a", 11)]
    async with database.write() as connection:
        for number, (service_id, chat_id) in enumerate(bought):
            await in_state(
                connection, State.WAITING, f"q{number}", chat_id=chat_id, service_id=service_id
            )
        assert await activations.most_bought(connection, 9, chat_id=CHAT) == ["b", "a"]
        assert await activations.most_bought(connection, 1, chat_id=CHAT) == ["b"]
        assert await activations.most_bought(connection, 9) == ["a", "b", "c", "d"]
        monkeypatch.setattr(activations, "LATELY", 4)
        assert await activations.most_bought(connection, 9) == ["c", "a", "d"]


async def test_a_cancellation_is_planned_only_for_what_waits(database: Database) -> None:
    async with database.write() as connection:
        for state in State:
            activation = await in_state(connection, state, f"q-{state}", reason="refused before")
            scheduled = await activations.schedule_cancel(
                connection, activation.id, NOW + 5, CloseReason.BUYER
            )
            assert (scheduled is not None) == (state is State.WAITING)
            if scheduled:
                assert (scheduled.cancel_at, scheduled.cancel_reason, scheduled.reason) == (
                    NOW + 5,
                    CloseReason.BUYER,
                    None,
                )


async def _history(
    connection: AsyncConnection, activation: Activation
) -> list[tuple[str | None, str]]:
    statement = (
        select(transitions.c.source, transitions.c.target)
        .where(transitions.c.activation_id == activation.id)
        .order_by(transitions.c.id)
    )
    return [(row.source, row.target) for row in await connection.execute(statement)]


async def test_an_sms_of_any_length_and_script_is_kept(database: Database) -> None:
    random = Random(1)  # noqa: S311 - a made-up text that cannot be compressed
    scripts = [(0x21, 0x7E), (0x400, 0x44F), (0x4E00, 0x9FFF), (0x1F300, 0x1F5FF)]
    async with database.write() as connection:
        activation = await in_state(connection, State.WAITING)
        for low, high in scripts:
            sms = "".join(chr(random.randint(low, high)) for _ in range(10_000))
            text = read_message(Answer(200, {"data": sms}))
            assert text
            assert await activations.add_code(connection, activation.id, text, NOW) is not None
