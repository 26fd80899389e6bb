"""What the owner sees of all chats: sums by day, what is open, one purchase among many."""

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain import ledger as books
from bot.domain.activation import Activation, State
from bot.domain.ledger import Entry
from bot.storage import activations, chats, ledger, readings, supervision
from bot.storage.database import Database
from bot.storage.readings import KeptReading
from bot.storage.supervision import OpenNumbers, Sought
from tests.integration.storage.helpers import BUYER, CHAT, NOW, PRICE, in_state, request

DAY = 86_400_000
TODAY = NOW - NOW % DAY


async def _booked(connection: AsyncConnection, quote: str, days: int, *entries: Entry) -> None:
    activation = await request(connection, quote, requested_at=NOW - days * DAY)
    assert activation is not None
    await ledger.record(connection, activation, *entries, at=NOW)


async def test_spending_counts_on_the_day_of_the_purchase_with_its_refunds(
    database: Database,
) -> None:
    held, taken = books.hold(CHAT, 10), books.post(10)
    async with database.write() as connection:
        await _booked(connection, "held today", 0, held)
        await _booked(connection, "taken today", 0, held, taken)
        await _booked(connection, "void today", 0, held, books.void(CHAT, 10))
        await _booked(
            connection, "late today", 0, held, books.void(CHAT, 10), books.unvoid(CHAT, 10)
        )
        await _booked(connection, "refunded", 1, held, taken, books.refund(CHAT, 10))
        await _booked(connection, "taken", 1, held, taken, books.price_difference(10, 15))
        await _booked(connection, "too old", 3, held, taken)
        await ledger.record_alone(connection, books.opening(500), at=NOW)
        spent = await supervision.spent_by_day(connection, TODAY - 2 * DAY)
    assert spent == {TODAY: 30, TODAY - DAY: 10}


async def test_open_numbers_are_counted_with_their_worth(database: Database) -> None:
    async with database.write() as connection:
        assert await supervision.open_numbers(connection) == OpenNumbers(0, 0)
        for number, state in enumerate(State):
            await in_state(connection, state, f"q{number}", chat_id=CHAT + number % 2)
        everywhere = await supervision.open_numbers(connection)
        here = await supervision.open_numbers(connection, CHAT)
        there = await supervision.open_numbers(connection, CHAT + 1)
    assert everywhere == OpenNumbers(4, 4 * PRICE)
    assert here.count + there.count == 4


async def test_the_last_reading_of_each_day_is_given(database: Database) -> None:
    async with database.write() as connection:
        for number, at in enumerate((TODAY - 2 * DAY, TODAY - 1, TODAY, NOW)):
            kept = KeptReading(at=at, micros=number, step=1, expected=0, conclusion="explained")
            assert await readings.add(connection, kept, follows=number)
        days = await readings.last_of_days(connection, TODAY - DAY)
    assert [(one.at, one.micros) for one in days] == [(NOW, 3), (TODAY - 1, 1)]


async def _three(connection: AsyncConnection) -> tuple[Activation, ...]:
    """Give Ann's, with a code of today, Öli's, whose number has no plus, and Bob's."""
    people = {BUYER: ("Ann Müller", "ann_m"), 21: ("Öli", None), 22: ("Bob 100%", "bob")}
    for user_id, (name, username) in people.items():
        await chats.remember_user(connection, user_id, name, username, NOW)
    found = [
        await in_state(connection, State.WAITING, f"q{number}", user_id=user_id, number=written)
        for number, user_id, written in (
            (1, BUYER, "+12025550123"),
            (2, 21, "3545550199"),
            (3, 22, "+12025550124"),
        )
    ]
    await activations.add_code(connection, found[0].id, "code 123456", TODAY + 5)
    return tuple(found)


@pytest.mark.parametrize(
    ("sought", "which"),
    [
        (Sought(digits="12025550123"), {0}),
        (Sought(digits="3545550199"), {1}),
        (Sought(user_id=21), {1}),
        (Sought(user_id=21, digits="12025550124"), {1, 2}),
        (Sought(name="ann"), {0}),
        (Sought(name="müller"), {0}),
        (Sought(name="@BOB"), {2}),
        (Sought(name="100%"), {2}),
        (Sought(name="%"), {2}),
        (Sought(name="_"), set()),
        (Sought(name="Öli"), {1}),
        (Sought(coded_on=TODAY), {0}),
        (Sought(coded_on=TODAY + DAY), set()),
        (Sought(user_id=10**30, activation_id=10**30), set()),
        (Sought(), set()),
    ],
)
async def test_a_purchase_is_found_by_what_is_known_of_it(
    database: Database, sought: Sought, which: set[int]
) -> None:
    async with database.write() as connection:
        three = await _three(connection)
        found = await supervision.find(connection, sought, 9)
    assert {one.id for one in found} == {three[number].id for number in which}


async def test_what_is_found_comes_in_pages_newest_first(database: Database) -> None:
    async with database.write() as connection:
        three = await _three(connection)
        of_all = Sought(digits="12025550123", user_id=22, activation_id=three[1].id)
        assert [one.id for one in await supervision.find(connection, of_all, 2)] == [
            three[2].id,
            three[1].id,
        ]
        last = await supervision.find(connection, of_all, 2, offset=2)
    assert [one.id for one in last] == [three[0].id]
