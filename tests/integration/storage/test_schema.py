"""The schema in a real database is the one that the code is written against."""

from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Executable, create_engine, delete, inspect, text, update
from sqlalchemy.exc import DBAPIError

from bot.domain.activation import State
from bot.domain.ledger import hold
from bot.storage import activations, inbox, ledger
from bot.storage import changes as log_of_changes
from bot.storage.changes import Change
from bot.storage.database import Database
from bot.storage.migrate import config, migrate
from bot.storage.tables import REVISION, changes, entries, metadata
from tests.integration.storage.helpers import BUYER, CHAT, NOW, PRICE, in_state


async def test_the_migrations_make_what_the_tables_describe(database: Database) -> None:
    async with database.read() as connection:
        assert await connection.run_sync(_differences) == []


def test_the_newest_migration_is_the_one_that_the_tables_name() -> None:
    assert ScriptDirectory.from_config(config()).get_current_head() == REVISION


async def test_rules_and_partial_indexes_are_migrated_too(tmp_path: Path) -> None:
    """Alembic's comparison does not look at them."""
    described = create_engine(f"sqlite:///{tmp_path}/described.db")
    with described.begin() as connection:
        metadata.create_all(connection)
        wanted = _rules(connection)
    described.dispose()
    url = f"sqlite:///{tmp_path}/migrated.db"
    async with Database(url) as database, database.read() as reader:
        migrated = await reader.run_sync(_rules)
    assert migrated == wanted
    assert wanted["checks"]["entries"]
    assert any("rs_id IS NOT NULL" in index for index in wanted["indexes"])


async def test_a_database_is_found_as_it_was_left(database_url: str) -> None:
    async with Database(database_url) as database, database.write() as connection:
        left = await in_state(connection, State.WAITING)
    async with Database(database_url) as database, database.read() as connection:
        assert await connection.run_sync(_differences) == []
        assert await activations.get(connection, left.id) == left


async def test_an_installation_from_before_replicas_goes_on_with_what_waits(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/bot.db")
    with engine.begin() as connection:
        migrate(connection, "0001")
        row = text(
            "INSERT INTO inbox (update_id, body, status, received_at) VALUES (:id, '', :is, 1)"
        )
        waiting = [{"id": update_id, "is": "waiting"} for update_id in (7, 5)]
        connection.execute(row, [*waiting, {"id": 4, "is": "handled"}])
    engine.dispose()
    async with Database(f"sqlite:///{tmp_path}/bot.db") as database:
        async with database.read() as connection:
            assert await connection.run_sync(_differences) == []
            (first, lane), (second, same) = await inbox.waiting(connection)
        assert (first, second) == (5, 7)
        assert lane == same
        async with database.write() as connection:
            await in_state(connection, State.WAITING)


@pytest.mark.parametrize("statement", [update(changes).values(actor_id=1), delete(changes)])
async def test_what_is_logged_can_be_neither_changed_nor_erased(
    database: Database, statement: Executable
) -> None:
    change = Change(at=NOW, actor_id=BUYER, chat_id=CHAT, action="pause")
    async with database.write() as connection:
        await log_of_changes.add(connection, change)
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.write() as connection:
            await connection.execute(statement)
    async with database.read() as connection:
        assert await log_of_changes.newest(connection, limit=10) == [change]


@pytest.mark.parametrize("statement", [update(entries).values(amount=1), delete(entries)])
async def test_what_is_booked_can_be_neither_changed_nor_erased(
    database: Database, statement: Executable
) -> None:
    async with database.write() as connection:
        activation = await in_state(connection, State.REQUESTED)
        await ledger.record(connection, activation, hold(CHAT, PRICE), at=NOW)
    with pytest.raises(DBAPIError, match="append-only"):
        async with database.write() as connection:
            await connection.execute(statement)
    async with database.read() as connection:
        assert await ledger.spent(connection, CHAT, NOW) == PRICE


def _differences(connection: Connection) -> list[Any]:
    return list(compare_metadata(MigrationContext.configure(connection), metadata))


def _rules(connection: Connection) -> dict[str, Any]:
    inspector = inspect(connection)
    checks = {name: inspector.get_check_constraints(name) for name in metadata.tables}
    indexes = text("SELECT sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
    counting = text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
    return {
        "checks": {name: sorted(found, key=str) for name, found in checks.items()},
        "indexes": sorted(connection.scalars(indexes)),
        "ids that never come back": list(connection.scalars(counting)),
    }
