"""Fixtures for all tests."""

import asyncio
import logging
import os
import shutil
import sys
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from hypothesis import settings
from pydantic import BaseModel, TypeAdapter
from sqlalchemy import make_url

from bot.storage.database import Database
from bot.storage.tables import metadata
from tests.databases import BOTH
from tests.launcher import Launcher
from tests.postgres_server import postgres_server

if TYPE_CHECKING:
    from bot.sandbox.telegram import Check, Exchange

# A new database takes a hundred times longer; what is booked can be erased only this way.
_APPEND_ONLY = ("entries", "changes")
_EMPTY = ";".join(
    [
        *(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in _APPEND_ONLY),
        *(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)),  # noqa: S608 - our own names
        *(f"ALTER TABLE {table} ENABLE TRIGGER USER" for table in _APPEND_ONLY),
    ]
)


LONG = {"crashes", "moving", "replicas", "simulation"}
"""Folders whose tests take long."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let each of several processes begin with its share of what takes long.

    xdist gives each an equal part of the list, in one piece.
    """
    processes = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if processes > 1:
        total = len(items)
        long = [item for item in items if item.path.parent.name in LONG]
        others = [item for item in items if item.path.parent.name not in LONG]
        items.clear()
        for one in range(processes):
            items += long[one::processes]
            room = total * (one + 1) // processes - len(items)
            items += others[:room]
            del others[:room]


# A busy machine is slow: that is no failure of what is tested. Where changes are judged (CI), the
# examples are the same for everybody; at a desk new ones are tried each time.
settings.register_profile("suite", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Give the URL of a PostgreSQL server on which databases may be made."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
    else:
        with postgres_server() as url:
            yield url


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> Iterator[str]:
    """Give the URL of a database with the present schema, one for each test process."""
    name = f"test_{uuid4().hex}"
    url = make_url(postgres).set(database=name).render_as_string(hide_password=False)
    _run(postgres, f"CREATE DATABASE {name}")
    asyncio.run(_open_once(url))
    yield url
    _run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def blank_postgres(postgres: str) -> Iterator[str]:
    """Give the URL of a database in which there is nothing at all."""
    name = f"blank_{uuid4().hex}"
    _run(postgres, f"CREATE DATABASE {name}")
    yield make_url(postgres).set(database=name).render_as_string(hide_password=False)
    _run(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def new_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a SQLite file with the present schema; it is copied, never opened."""
    path = tmp_path_factory.mktemp("new") / "bot.db"
    asyncio.run(_open_once(f"sqlite:///{path}"))
    return path


@pytest.fixture
def sqlite_url(new_file: Path, tmp_path: Path) -> str:
    """Give the URL of an empty SQLite database: copying one is quicker than making it."""
    path = tmp_path / "bot.db"
    if not path.exists():  # a test may have written what the bot is to find
        shutil.copy(new_file, path)
    return f"sqlite:///{path}"


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of an empty database, once of either kind."""
    if request.param == "sqlite":
        file: str = request.getfixturevalue("sqlite_url")
        return file
    url: str = request.getfixturevalue("postgres_database")
    _run(url, _EMPTY)
    return url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Give an open database, once of either kind."""
    async with Database(database_url) as database:
        yield database


@pytest.fixture(scope="session")
def launcher() -> Iterator[Launcher]:
    """Give what starts the real process, one for each test process."""
    one = Launcher()
    yield one
    one.close()


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    """Undo afterwards what `configure_logging` does to the whole process."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level, sys.excepthook, threading.excepthook)
    yield
    root.handlers[:], level, sys.excepthook, threading.excepthook = before
    root.setLevel(level)
    logging.captureWarnings(capture=False)
    logging.getLogger("bot").setLevel(logging.NOTSET)
    logging.getLogger("telegram.request").setLevel(logging.NOTSET)


@pytest.fixture(scope="session")
def telegram_check() -> "Check":
    """Compares every call and every answer with aiogram's models of the Bot API.

    For ``TelegramSandbox(check=…)``. Raises ``ValueError`` for missing fields, wrong types and
    fields that the Bot API does not have, however deep they are.
    """
    import aiogram.methods
    from aiogram.types import BufferedInputFile

    def compare(exchange: "Exchange") -> None:
        name = exchange.method[0].upper() + exchange.method[1:]
        method: type[aiogram.methods.TelegramMethod[Any]] = getattr(aiogram.methods, name)
        uploads = {
            field: BufferedInputFile(file.content, file.name)
            for field, file in exchange.files.items()
            if field in method.model_fields
        }
        _refuse_unknown(method.model_validate(uploads | exchange.params), exchange.method)
        if exchange.ok:
            result = TypeAdapter(method.__returning__).validate_python(exchange.result)
            _refuse_unknown(result, f"answer of {exchange.method}")

    return compare


def _refuse_unknown(value: object, where: str) -> None:
    if isinstance(value, BaseModel):
        if value.model_extra:
            raise ValueError(f"{where}: unknown fields {sorted(value.model_extra)}")
        for name in value.model_fields_set:
            _refuse_unknown(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for one in value:
            _refuse_unknown(one, where)


def _run(url: str, statement: str) -> None:
    """Run a statement that no transaction can hold."""

    async def run() -> None:
        connection = await asyncpg.connect(url)
        await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


async def _open_once(url: str) -> None:
    async with Database(url):
        pass
