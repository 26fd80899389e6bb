"""What cannot be opened is refused in one line that names the setting and no secret."""

import asyncio
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy import make_url, text

from bot.storage.database import (
    DATABASE_ERRORS,
    Database,
    StorageError,
    Unavailable,
    postgresql_transaction,
)
from bot.storage.schema import take_turn
from bot.storage.tables import REVISION


async def test_a_second_process_on_the_same_file_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    async with Database(url):
        with pytest.raises(StorageError, match="DATABASE_URL: another process"):
            await Database(url).__aenter__()
    async with Database(url):
        """It is free again."""


async def test_a_missing_folder_is_made(tmp_path: Path) -> None:
    async with Database(f"sqlite:///{tmp_path}/a/b/bot.db"):
        assert (tmp_path / "a" / "b" / "bot.db").exists()


async def test_nobody_else_may_read_what_is_made(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        async with Database(f"sqlite:///{tmp_path}/data/bot.db"):
            made = list((tmp_path / "data").iterdir())
            modes = {one.name: one.stat().st_mode & 0o777 for one in made}
    finally:
        os.umask(before)
    names = {"bot.db", "bot.db-wal", "bot.db-shm", "bot.db.lock"}
    assert modes == dict.fromkeys(names, 0o600)
    assert (tmp_path / "data").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("name", "reason"), [("text.db", "not a database"), ("folder.db", "unable to open")]
)
async def test_a_file_that_is_no_database_is_refused(
    tmp_path: Path, name: str, reason: str
) -> None:
    (tmp_path / "text.db").write_text("hello " * 1000)
    (tmp_path / "folder.db").mkdir()
    assert reason in await _refusal(f"sqlite:///{tmp_path}/{name}")


async def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    await _refusal(f"sqlite:///{tmp_path}/file/bot.db")


async def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    async with Database(url) as database, database.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "another version" in await _refusal(url)
    with sqlite3.connect(tmp_path / "bot.db") as plain:
        assert plain.execute("SELECT version_num FROM alembic_version").fetchall() == [("9999",)]
    plain.close()


@pytest.mark.parametrize("version", [None, "0001", REVISION])
async def test_a_database_of_another_program_is_refused_and_left_alone(
    tmp_path: Path, version: str | None
) -> None:
    with closing(sqlite3.connect(tmp_path / "bot.db")) as other, other:
        other.execute("CREATE TABLE users (id INTEGER)")
        if version:
            other.execute("CREATE TABLE alembic_version (version_num TEXT)")
            other.execute("INSERT INTO alembic_version VALUES (?)", (version,))
    assert "another program" in await _refusal(f"sqlite:///{tmp_path}/bot.db")
    with closing(sqlite3.connect(tmp_path / "bot.db")) as other:
        tables = {name for (name,) in other.execute("SELECT name FROM sqlite_master")}
    assert tables - {"alembic_version"} == {"users"}


async def test_a_file_that_may_not_be_written_is_refused_but_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"
    async with Database(url):
        """It is there."""
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write what is read-only
    assert "Permission denied" in await _refusal(url)
    async with Database(url, read_only=True):
        """Looking changes nothing."""


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:pa55word@127.0.0.1:1/bot",
        "postgresql://ann:pa55word@127.0.0.1:port/bot",
        "postgresql://ann:pa55word@127.0.0.1:1/bot?sslmode=sometimes",
        "postgresql://ann:pa55word@/bot?host=/nowhere",
        "postgres://ann:pa55word@127.0.0.1:1/bot?sslmode=disable",
    ],
)
async def test_a_server_that_cannot_be_reached_is_told_without_the_password(url: str) -> None:
    assert "pa55word" not in await _refusal(url)


async def test_a_server_may_come_back_while_a_bad_setting_stays_bad(tmp_path: Path) -> None:
    with pytest.raises(Unavailable):
        await Database("postgresql://ann@127.0.0.1:1/bot").__aenter__()
    (tmp_path / "file").touch()
    for bad in ("postgresql://ann@127.0.0.1:port/bot", f"sqlite:///{tmp_path}/file/bot.db"):
        with pytest.raises(StorageError) as caught:
            await Database(bad).__aenter__()
        assert not isinstance(caught.value, Unavailable)


@pytest.mark.postgres
async def test_a_query_that_gets_no_answer_fails(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.database.QUERY_SECONDS", 0.2)
    async with Database(postgres_database) as database:
        with pytest.raises(DATABASE_ERRORS):
            async with database.read() as connection:
                await connection.execute(text("SELECT pg_sleep(60)"))
        async with database.read() as connection:
            assert await connection.scalar(text("SELECT 1")) == 1


@pytest.mark.postgres
async def test_a_migration_may_wait_for_another_process_s(
    postgres_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.storage.database.QUERY_SECONDS", 0.1)
    async with postgresql_transaction(postgres_database, "DATABASE_URL") as other:
        await other.run_sync(take_turn)
        opening = asyncio.create_task(Database(postgres_database).__aenter__())
        done, _ = await asyncio.wait({opening}, timeout=0.5)
        assert not done
    await (await opening).__aexit__()


@pytest.mark.postgres
async def test_what_the_server_refuses_is_told_in_its_words(postgres: str) -> None:
    nowhere = make_url(postgres).set(database="nowhere").render_as_string(hide_password=False)
    assert 'database "nowhere" does not exist' in await _refusal(nowhere)
    nobody = make_url(postgres).set(username="nobody", password="pa55word")
    assert "nobody" in await _refusal(nobody.render_as_string(hide_password=False))


async def test_a_wrong_password_is_told_without_the_password() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        fields = b'SFATAL\0C28P01\0Mpassword authentication failed for user "ann"\0\0'
        writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        url = f"postgresql://ann:pa55word@127.0.0.1:{port}/bot?sslmode=disable"
        reason = await _refusal(url)
    assert "password authentication failed" in reason
    assert "pa55word" not in reason


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.postgres
async def test_the_short_scheme_is_understood(database_url: str) -> None:
    url = database_url.replace("postgresql://", "postgres://")
    async with Database(url) as database, database.read() as connection:
        assert await connection.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.postgres
async def test_processes_that_start_together_migrate_in_turn(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    await connection.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    await connection.close()
    databases = [Database(database_url) for _ in range(4)]
    await asyncio.gather(*(database.__aenter__() for database in databases))
    for database in databases:
        await database.__aexit__()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_sqlite_is_set_up_to_lose_nothing_and_to_refuse_writing_readers(
    database: Database,
) -> None:
    pragmas = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout", "query_only"]
    async with database.write() as writer, database.read() as reader:
        written = [await writer.scalar(text(f"PRAGMA {pragma}")) for pragma in pragmas]
        read = [await reader.scalar(text(f"PRAGMA {pragma}")) for pragma in pragmas]
    assert written == ["wal", 2, 1, 5000, 0]
    assert read == ["wal", 2, 1, 5000, 1]


async def _refusal(url: str) -> str:
    with pytest.raises(StorageError) as caught:
        await Database(url).__aenter__()
    assert caught.value.__cause__ is None
    reason = str(caught.value)
    assert reason.startswith("DATABASE_URL: ")
    assert len(reason.splitlines()) == 1
    return reason
