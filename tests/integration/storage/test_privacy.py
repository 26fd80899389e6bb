"""What is erased when somebody wants to be forgotten, and what the books keep."""

from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import State
from bot.domain.ledger import hold, post
from bot.domain.notice import Notice, NoticeKind, card, code
from bot.storage import activations, chats, ledger, outbox, privacy
from bot.storage.database import Database
from bot.storage.privacy import Erased
from bot.storage.tables import activations as activations_table
from bot.storage.tables import metadata, permissions
from bot.storage.tables import outbox as outbox_table
from tests.integration.storage.helpers import BUYER, CHAT, NOW, PRICE, a_quote, in_state

NAME, SMS, NUMBER = "Annabel Example", "Your code is 471100", "+12025550171"
GROUP, OTHER = -77, 21


async def live(connection: AsyncConnection) -> None:
    """Let somebody leave traces everywhere: buy, be told, ask, be named by an admin."""
    await chats.remember_chat(connection, BUYER, "private", NAME, NOW)
    await chats.remember_user(connection, BUYER, NAME, "annabel", NOW)
    finished = await in_state(connection, State.FINISHED, "q1", number=NUMBER, closed_at=NOW)
    await ledger.record(connection, finished, hold(CHAT, PRICE), post(PRICE), at=NOW)
    code_id = await activations.add_code(connection, finished.id, SMS, NOW)
    assert code_id is not None
    await activations.add_quote(connection, a_quote("q2"))
    asked = {"name": NAME, "username": "annabel", "user_id": BUYER}
    told = [
        card(finished),
        code(finished, code_id),
        Notice(key=f"request:{BUYER}:1:5", chat_id=1, kind=NoticeKind.ACCESS_REQUEST, facts=asked),
    ]
    for notice in told:
        await outbox.enqueue(connection, notice, NOW)
    await connection.execute(outbox_table.update().values(status=outbox.SENT))
    await connection.execute(
        insert(permissions).values(
            chat_id=CHAT, kind="member", key=str(BUYER), name=NAME, allowed=False
        )
    )


async def everything(connection: AsyncConnection) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for table in metadata.sorted_tables:
        rows = await connection.execute(select(table))
        found[table.name] = [dict(row._mapping) for row in rows]
    return found


async def test_nothing_personal_is_left_and_the_books_stay(database: Database) -> None:
    async with database.write() as connection:
        await live(connection)
        before = await everything(connection)
        for trace in (NAME, "annabel", SMS, NUMBER):
            assert trace in str(before)
        erased = await privacy.forget(connection, BUYER, NOW)
        after = await everything(connection)
    assert erased == Erased(codes=1, numbers=1, messages=3)
    for trace in (NAME, "annabel", SMS, "471100", NUMBER):
        assert trace not in str(after)
    assert after["entries"] == before["entries"]
    assert after["transitions"] == before["transitions"]
    [activation] = after["activations"]
    assert activation == {**before["activations"][0], "number": None}


async def test_others_keep_what_is_theirs(database: Database) -> None:
    async with database.write() as connection:
        theirs = await in_state(
            connection, State.FINISHED, "q9", user_id=OTHER, number="+1999", closed_at=NOW
        )
        await activations.add_code(connection, theirs.id, "their code", NOW)
        await outbox.enqueue(connection, card(theirs), NOW)
        await connection.execute(outbox_table.update().values(status=outbox.SENT))
        assert await privacy.forget(connection, BUYER, NOW) == Erased(0, 0, 0)
        assert await activations.codes_of(connection, [theirs.id])


@pytest.mark.parametrize(
    ("state", "values", "is_in_use"),
    [
        (State.REQUESTED, {}, True),
        (State.WAITING, {}, True),
        (State.CANCELLING, {}, True),
        (State.RECEIVED, {"next_poll_at": NOW}, True),
        (State.CANCELLED, {"next_poll_at": NOW}, True),
        (State.UNKNOWN, {}, False),
        (State.FINISHED, {}, False),
        (State.DECLINED, {}, False),
        (State.LOST, {}, False),
    ],
)
async def test_what_may_still_bring_a_code_is_in_use_and_keeps_its_number(
    database: Database, state: State, values: dict[str, Any], is_in_use: bool
) -> None:
    async with database.write() as connection:
        activation = await in_state(connection, state, number=NUMBER, **values)
        found = await privacy.in_use(connection, BUYER)
        assert [one.id for one in found] == ([activation.id] if is_in_use else [])
        await privacy.forget(connection, BUYER, NOW)
        kept = await connection.scalar(select(activations_table.c.number))
        assert (kept == NUMBER) == (is_in_use or state is State.UNKNOWN)


async def test_what_is_still_to_be_told_is_told(database: Database) -> None:
    async with database.write() as connection:
        finished = await in_state(connection, State.FINISHED, closed_at=NOW)
        await outbox.enqueue(connection, card(finished), NOW)
        await privacy.forget(connection, BUYER, NOW)
        assert await outbox.count(connection, outbox.PENDING) == 1


async def test_old_numbers_go_and_open_ones_stay(database: Database) -> None:
    async with database.write() as connection:
        closed = await in_state(connection, State.EXPIRED, "q1", number="+11", closed_at=NOW)
        waiting = await in_state(connection, State.WAITING, "q2", number="+12", next_poll_at=NOW)
        assert await privacy.purge_numbers(connection, NOW) == 0
        assert await privacy.purge_numbers(connection, NOW + 1) == 1
        for activation, number in ((closed, None), (waiting, "+12")):
            present = await activations.get(connection, activation.id)
            assert present is not None
            assert present.number == number
