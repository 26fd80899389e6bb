"""A SQLite installation goes to PostgreSQL whole, once, and nowhere else."""

import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from pydantic import SecretStr
from sqlalchemy import insert
from sqlalchemy.exc import DBAPIError

from bot.settings import Settings
from bot.storage import chats
from bot.storage.database import Database, StorageError
from bot.storage.tables import metadata
from bot.storage.transfer import NOT_MOVED, moved_tables
from bot.storage.updates_lock import UpdatesLock
from bot.workflows.move import move_undone, moved
from bot.workflows.shell import ShellError, verified
from tests.integration.moving.rich import BIG, LAST_CODE, least, read

pytestmark = pytest.mark.postgres

MOVED = (
    "activations", "alternatives", "changes", "chats", "codes", "entries", "inbox",
    "installation", "invites", "limits", "members", "outbox", "permissions", "quotes", "readings",
    "transitions", "users",
)  # fmt: skip


def test_of_every_table_it_is_decided_whether_it_is_moved() -> None:
    assert sorted(table.name for table in moved_tables()) == sorted(MOVED)
    assert set(metadata.tables) - set(MOVED) <= NOT_MOVED


async def test_everything_arrives_as_it_was(
    settings: Settings, source: str, blank_postgres: str
) -> None:
    lines = await moved(settings, blank_postgres)
    before, after = await read(source), await read(blank_postgres)
    assert [name for name, rows in before.items() if not rows] == []
    for name, rows in before.items():
        assert after[name] == rows
        assert f"{len(rows):>10}  {name}" in lines
    assert "The ledger adds up on both sides." in lines
    there = settings.model_copy(update={"database_url": SecretStr(blank_postgres)})
    assert await verified(there) == []


async def test_new_ids_go_on_behind_all_that_were_ever_given(
    settings: Settings, source: str, blank_postgres: str
) -> None:
    highest = {name: max(row[0] for row in rows) for name, rows in (await read(source)).items()}
    highest["codes"] = LAST_CODE
    await moved(settings, blank_postgres)
    for name in ("activations", "changes", "codes", "entries", "outbox", "readings", "transitions"):
        table = metadata.tables[name]
        references = {"activation_id": 1} if "activation_id" in table.c else {}
        values = {**references, "chat_id": 502, "source": "b", "follows": -1, "text": "new"}
        row = least(table, **{key: value for key, value in values.items() if key in table.c})
        async with Database(blank_postgres) as database, database.write() as connection:
            given = await connection.scalar(insert(table).values(row).returning(table.c.id))
        assert given == highest[name] + 1


@pytest.mark.parametrize("name", ["entries", "changes"])
async def test_what_is_booked_stays_unchangeable(
    settings: Settings, source: str, blank_postgres: str, name: str
) -> None:
    assert source
    await moved(settings, blank_postgres)
    async with Database(blank_postgres) as database:
        with pytest.raises(DBAPIError, match="append-only"):
            async with database.write() as connection:
                await connection.execute(metadata.tables[name].delete())


async def test_a_second_time_changes_nothing_and_says_so(
    settings: Settings, source: str, blank_postgres: str
) -> None:
    await moved(settings, blank_postgres)
    before, there = await read(source), await read(blank_postgres)
    [already, *_] = await moved(settings, blank_postgres)
    assert already.endswith("already, and nothing has changed since.")
    assert (await read(source), await read(blank_postgres)) == (before, there)


async def test_what_a_bot_has_used_since_is_left_alone(
    settings: Settings, source: str, blank_postgres: str
) -> None:
    assert source
    await moved(settings, blank_postgres)
    await _use(blank_postgres)
    there = await read(blank_postgres)
    assert "was used since" in await _refusal(settings, blank_postgres)
    assert await read(blank_postgres) == there


async def test_another_installation_is_left_alone(
    settings: Settings, source: str, blank_postgres: str
) -> None:
    await _use(blank_postgres)
    there, here = await read(blank_postgres), await read(source)
    assert "holds another installation" in await _refusal(settings, blank_postgres)
    assert await read(blank_postgres) == there
    assert await read(source) == here
    async with Database(source):
        """The bot still starts on it."""


async def test_an_installation_that_came_from_another_file_is_left_alone(
    settings: Settings, source: str, blank_postgres: str, tmp_path: Path
) -> None:
    assert source
    other = settings.model_copy(
        update={"database_url": SecretStr(f"sqlite:///{tmp_path}/other.db")}
    )
    async with Database(f"sqlite:///{tmp_path}/other.db"):
        """It is made."""
    await _use(f"sqlite:///{tmp_path}/other.db")
    await moved(other, blank_postgres)
    await moved(other, blank_postgres)
    assert "was used since" in await _refusal(settings, blank_postgres)


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("CREATE TABLE invoices (id int)", "tables that are not the bot's"),
        ("CREATE TABLE users (id int)", "another version"),
        ("CREATE TABLE alembic_version (version_num text)", "another version"),
    ],
)
async def test_a_database_of_something_else_is_left_alone(
    settings: Settings, source: str, blank_postgres: str, statement: str, reason: str
) -> None:
    assert source
    await _execute(blank_postgres, statement)
    assert reason in await _refusal(settings, blank_postgres)
    tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
    assert await _execute(blank_postgres, tables) == 1


async def test_tables_that_are_there_already_and_empty_are_filled(
    settings: Settings, source: str, blank_postgres: str
) -> None:
    async with Database(blank_postgres):
        """A bot was started there and did nothing."""
    await moved(settings, blank_postgres)
    assert await read(blank_postgres) == await read(source)


async def test_no_bot_starts_on_what_was_moved_until_it_is_taken_back(
    settings: Settings, source: str, blank_postgres: str
) -> None:
    before = await read(source)
    await moved(settings, blank_postgres)
    with pytest.raises(StorageError, match=r"was moved to \S+blank_\w+; set it to that, or"):
        await Database(source).__aenter__()
    assert await verified(settings) == [], "looking is allowed"
    assert "did not" not in "".join(await move_undone(settings))
    async with Database(source):
        """It starts."""
    assert (await read(source))["entries"] == before["entries"]
    with pytest.raises(ShellError, match="was not moved"):
        await move_undone(settings)


async def test_what_was_moved_goes_nowhere_else(
    settings: Settings, source: str, blank_postgres: str, postgres_database: str
) -> None:
    assert source
    await moved(settings, blank_postgres)
    assert "was moved to" in await _refusal(settings, postgres_database)


async def test_a_running_bot_is_not_moved(
    settings: Settings, source: str, blank_postgres: str
) -> None:
    async with Database(source):
        assert "another process is using" in await _refusal(settings, blank_postgres)


@pytest.mark.parametrize("alone", [True, False])
async def test_nothing_is_moved_to_where_a_bot_is_at_work(
    settings: Settings, source: str, blank_postgres: str, alone: bool
) -> None:
    async with Database(blank_postgres), UpdatesLock(blank_postgres, alone=alone):
        assert "a bot is at work on" in await _refusal(settings, blank_postgres)
    await moved(settings, blank_postgres)
    assert await read(blank_postgres) == await read(source)


async def test_a_ledger_that_was_off_is_moved_as_it_is_and_told(
    settings: Settings, source: str, blank_postgres: str
) -> None:
    async with Database(source) as database, database.write() as connection:
        stray = least(metadata.tables["entries"], source="a", target="b", amount=BIG)
        await connection.execute(insert(metadata.tables["entries"]).values(stray))
    lines = await moved(settings, blank_postgres)
    there = settings.model_copy(update={"database_url": SecretStr(blank_postgres)})
    found = await verified(there)
    assert found == await verified(settings)
    assert (
        f"The ledger has the same {len(found)} differences as before; see verify-ledger." in lines
    )


async def test_what_postgresql_cannot_hold_is_told_in_one_line_and_nothing_is_moved(
    settings: Settings, source: str, blank_postgres: str, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.db")) as plain:
        plain.execute("UPDATE users SET name = 'a' || char(0) || 'b'")
        plain.commit()
    assert "the move did not end" in await _refusal(settings, blank_postgres)
    assert (
        await _execute(blank_postgres, "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        == 0
    )
    async with Database(source):
        """The bot still starts here."""


async def test_a_file_that_is_not_there_is_not_made(
    settings: Settings, blank_postgres: str, tmp_path: Path
) -> None:
    assert "DATABASE_URL: cannot be opened: No such file" in await _refusal(
        settings, blank_postgres
    )
    assert not (tmp_path / "bot.db").exists()
    assert not (tmp_path / "bot.db.lock").exists()


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("sqlite:///other.db", "--to: not of the form"),
        ("postgresql://ann:pa55word@127.0.0.1:1/bot", "--to: cannot be opened: "),
        ("postgresql://ann:pa55word@127.0.0.1:port/bot", "--to: not of the form"),
        ("postgresql://ann@127.0.0.1:1/bot?password=pa55word&sslmode=sometimes", "--to: cannot"),
    ],
)
async def test_a_target_that_cannot_be_used_is_told_without_the_password(
    settings: Settings, to: str, reason: str
) -> None:
    async with Database(settings.database_url.get_secret_value()):
        """There is an installation."""
    refusal = await _refusal(settings, to)
    assert refusal.startswith(reason)
    assert "pa55word" not in refusal


async def test_postgresql_itself_is_not_moved(settings: Settings, blank_postgres: str) -> None:
    there = settings.model_copy(update={"database_url": SecretStr(blank_postgres)})
    assert "is PostgreSQL already" in await _refusal(there, blank_postgres)


async def _use(url: str) -> None:
    async with Database(url) as database, database.write() as connection:
        await chats.remember_chat(connection, 7, "private", "Somebody", 1)


async def _refusal(settings: Settings, to: str) -> str:
    with pytest.raises(ShellError) as caught:
        await moved(settings, to)
    assert len(str(caught.value).splitlines()) == 1
    return str(caught.value)


async def _execute(url: str, statement: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()
