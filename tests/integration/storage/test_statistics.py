"""What was bought, what it cost, what came and how long it took, as the database counts it."""

import random
import time
from collections.abc import Iterable
from statistics import median
from typing import Any

import pytest
from sqlalchemy import insert, text

from bot.domain.activation import State
from bot.domain.ledger import Entry, hold, post, refund, void
from bot.domain.statistics import FAIR_CHANCE_SECONDS, Evidence, Tally
from bot.storage import activations, chats, ledger, statistics
from bot.storage.database import Database
from bot.storage.statistics import Group, Scope
from bot.storage.tables import activations as activations_table
from bot.storage.tables import entries as entries_table
from tests.databases import SQLITE_FIRST
from tests.integration.storage.helpers import BUYER, CHAT, NOW, PRICE, a_quote, in_state

FAIR = round(FAIR_CHANCE_SECONDS * 1000)
EVERYTHING = Scope(0)
MANY = 100_000

_NUMBERS = f"""
WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {MANY})
"""  # noqa: S608 - our own words
_ACTIVATIONS = f"""
INSERT INTO activations (
    id, quote_id, chat_id, user_id, service_id, service_name, pid, country_code, country_name,
    price, state, requested_at, lease_until, bought_at, first_code_at
)
{_NUMBERS}
SELECT
    i, 'q' || i, {CHAT}, {BUYER}, 'busy', 'Busy', '1', 'c' || (i % 5), 'Country',
    {PRICE}, 'received', {NOW}, {NOW}, {NOW},
    CASE WHEN i % 4 > 0 THEN {NOW} + (i * 7) % 600000 END
FROM numbers
"""  # noqa: S608 - our own words
_ENTRIES = f"""
INSERT INTO entries (activation_id, kind, source, target, amount, purchased_at, at)
{_NUMBERS}
SELECT i, 'post', 'holds', 'provider', {PRICE}, {NOW}, {NOW} FROM numbers
"""  # noqa: S608 - our own words

Rows = list[dict[str, Any]]


def row(number: int, state: State = State.WAITING, **values: Any) -> dict[str, Any]:  # noqa: ANN401 - any column
    quote = a_quote(f"q{number}")
    columns = {column.name for column in activations_table.columns}
    return {
        **{name: getattr(quote, name) for name in columns & set(quote.__slots__)},
        "quote_id": quote.id,
        "id": number,
        "user_id": BUYER,
        "state": state,
        "requested_at": NOW,
        "bought_at": NOW,
        "lease_until": NOW,
        "first_code_at": None,
        "closed_at": None,
        **values,
    }


async def fill(database: Database, rows: Rows, booked: Iterable[tuple[int, Entry]] = ()) -> None:
    async with database.write() as connection:
        for chat_id in {one["chat_id"] for one in rows}:
            await chats.remember_chat(connection, chat_id, "group", "Friends", NOW)
        await connection.execute(insert(activations_table), rows)
        entries = [entry_row(number, entry) for number, entry in booked]
        if entries:
            await connection.execute(insert(entries_table), entries)
        if not database.is_sqlite:
            await connection.execute(text("ANALYZE"))


def entry_row(number: int, entry: Entry) -> dict[str, Any]:
    fields = {name: getattr(entry, name) for name in entry.__slots__}
    return {"activation_id": number, "user_id": BUYER, "purchased_at": NOW, "at": NOW, **fields}


async def count(database: Database, scope: Scope, group: Group) -> list[Tally]:
    async with database.read() as connection:
        return await statistics.tallies(connection, scope, group)


async def total(database: Database, scope: Scope = EVERYTHING) -> Tally:
    [everything] = await count(database, scope, Group.ALL)
    return everything


@pytest.mark.parametrize(
    ("state", "values", "cases"),
    [
        (State.RECEIVED, {"first_code_at": NOW + 40_000}, 1),
        (State.FINISHED, {"first_code_at": NOW + 40_000, "closed_at": NOW + FAIR}, 1),
        (State.CANCELLED, {"first_code_at": NOW + 40_000, "closed_at": NOW + 1000}, 1),
        (State.CANCELLED, {"closed_at": NOW + FAIR}, 1),
        (State.EXPIRED, {"closed_at": NOW + FAIR}, 1),
        (State.CANCELLED, {"closed_at": NOW + FAIR - 1}, 0),
        (State.WAITING, {}, 0),
        (State.CANCELLING, {}, 0),
    ],
)
async def test_what_never_had_a_chance_is_no_case(
    database: Database, state: State, values: dict[str, Any], cases: int
) -> None:
    await fill(database, [row(1, state, **values)])
    counted = await total(database)
    assert counted.bought == 1
    assert counted.evidence.cases == cases
    assert counted.codes == ("first_code_at" in values)


@pytest.mark.parametrize("state", [State.DECLINED, State.UNKNOWN, State.LOST, State.REQUESTED])
async def test_a_purchase_without_a_number_is_not_counted(database: Database, state: State) -> None:
    await fill(database, [row(1, state, bought_at=None, closed_at=NOW + FAIR)])
    assert await count(database, EVERYTHING, Group.ALL) == []


async def test_money_is_what_was_posted_less_what_came_back(database: Database) -> None:
    await fill(
        database,
        [row(number) for number in range(1, 5)],
        [
            *((number, hold(CHAT, PRICE)) for number in range(1, 5)),
            *((number, post(PRICE)) for number in (1, 2, 3)),
            (3, refund(CHAT, PRICE)),
            (4, void(CHAT, PRICE)),
        ],
    )
    assert (await total(database)).spent == 2 * PRICE


async def test_a_scope_holds_one_chat_one_person_one_time(database: Database) -> None:
    rows = [row(1), row(2, user_id=21), row(3, chat_id=11), row(4, requested_at=NOW - 1)]
    await fill(database, rows)
    scopes = [
        Scope(0),
        Scope(NOW),
        Scope(0, chat_id=CHAT),
        Scope(0, user_id=21),
        Scope(NOW, chat_id=CHAT, user_id=BUYER),
    ]
    assert [(await total(database, scope)).bought for scope in scopes] == [4, 3, 3, 1, 1]


async def test_the_first_code_is_remembered_after_the_codes_were_purged(database: Database) -> None:
    async with database.write() as connection:
        activation = await in_state(connection, State.WAITING, bought_at=NOW)
        for text_, at in (("1234", NOW + 9_000), ("5678", NOW + 60_000), ("1234", NOW + 70_000)):
            await activations.add_code(connection, activation.id, text_, at)
        await activations.purge_codes(connection, NOW + 80_000)
        await ledger.record(connection, activation, hold(CHAT, PRICE), post(PRICE), at=NOW)
    assert await total(database) == Tally("", "", 1, PRICE, Evidence(1, 1, 9_000))


async def test_the_database_counts_as_one_does_by_hand(database: Database) -> None:
    chance = random.Random(7)  # noqa: S311 - no secret depends on it
    rows = [random_row(chance, number) for number in range(1, 400)]
    await fill(database, rows)
    for group, column in ((Group.SERVICE, "service_id"), (Group.COUNTRY, "country_code")):
        counted = await count(database, EVERYTHING, group)
        assert [one.bought for one in counted] == sorted(
            (one.bought for one in counted), reverse=True
        )
        found = {one.key: one.evidence for one in counted}
        assert found == {
            key: by_hand([one for one in rows if one[column] == key])
            for key in {one[column] for one in rows}
        }
    assert (await total(database)).evidence == by_hand(rows)


async def test_what_works_is_counted_over_all_chats(database: Database) -> None:
    rows = [
        row(number, State.RECEIVED, first_code_at=NOW + 30_000 + number, chat_id=CHAT + number % 2)
        for number in range(1, 6)
    ]
    rows += [row(6, State.EXPIRED, closed_at=NOW + FAIR), row(7, service_id="other")]
    await fill(database, rows)
    async with database.read() as connection:
        assert await statistics.by_country(connection, "0003", NOW) == {
            "us": Evidence(6, 5, 30_003)
        }
        assert await statistics.by_country(connection, "0003", NOW + 1) == {}


@pytest.mark.timing
@pytest.mark.parametrize("database_url", SQLITE_FIRST, indirect=True)
async def test_a_hundred_thousand_activations_are_counted_in_a_moment(database: Database) -> None:
    await fill(database, [row(0, service_id="other")])
    async with database.write() as connection:
        for statement in (_ACTIVATIONS, _ENTRIES, "ANALYZE"):
            await connection.exec_driver_sql(statement)
    started = time.monotonic()
    async with database.read() as connection:
        works = await statistics.by_country(connection, "busy", 0)
    seen = time.monotonic()
    assert (sum(one.cases for one in works.values()), len(works)) == (MANY * 3 // 4, 5)
    assert (await total(database, Scope(0, chat_id=CHAT))).spent == MANY * PRICE
    assert seen - started < 5
    assert time.monotonic() - seen < 5


def random_row(chance: random.Random, number: int) -> dict[str, Any]:
    state = chance.choice([State.WAITING, State.RECEIVED, State.CANCELLED, State.EXPIRED])
    has_code = state is State.RECEIVED or chance.random() < 0.1
    is_closed = state in {State.CANCELLED, State.EXPIRED}
    country = chance.choice(["tr", "us", "de", "fr", "is"])
    return row(
        number,
        state,
        service_id=f"s{min(3, int(chance.expovariate(1)))}",
        country_code=country,
        country_name=country.upper(),
        first_code_at=NOW + chance.randrange(1, 600_000) if has_code else None,
        closed_at=NOW + chance.randrange(0, 2 * FAIR) if is_closed else None,
    )


def by_hand(rows: Rows) -> Evidence:
    waits = [one["first_code_at"] - NOW for one in rows if one["first_code_at"]]
    silent = [
        one
        for one in rows
        if not one["first_code_at"]
        and one["state"] in {State.CANCELLED, State.EXPIRED}
        and one["closed_at"] - NOW >= FAIR
    ]
    return Evidence(len(waits) + len(silent), len(waits), round(median(waits)) if waits else None)
