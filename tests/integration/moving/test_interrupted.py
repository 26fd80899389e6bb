"""A move that is killed leaves nothing behind but the wish to be run again; two bots never start.

The real command is held at a moment by a lock in PostgreSQL, and killed there.
"""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from bot.storage.database import Database, StorageError
from tests.integration.moving.rich import read

pytestmark = pytest.mark.postgres

ROOT = Path(__file__).parents[3]
HELD = 4711
HOLD_THE_COMMIT = f"""
CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_advisory_xact_lock({HELD}); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER hold AFTER INSERT ON chats DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION hold();
"""
LET_GO = "DROP TRIGGER hold ON chats; DROP FUNCTION hold()"
WAITING = (
    "SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database "
    "WHERE NOT granted AND datname = current_database()"
)


@dataclass
class Scene:
    """The file, the target, and the command that moves one into the other."""

    source: str
    target: str
    holder: asyncpg.Connection
    running: list[asyncio.subprocess.Process] = field(default_factory=list)

    async def migrate(self, *arguments: str) -> str:
        """Run the command; give what it prints."""
        process = await self.start(*arguments)
        out, _ = await process.communicate()
        assert process.returncode == 0, out.decode()
        return out.decode()

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        settings = {
            "PATH": os.environ["PATH"],
            "TELEGRAM_BOT_TOKEN": "100:TEST",
            "SPOTSMS_API_KEY": "test-key",
            "OWNER_IDS": "501",
            "DATABASE_URL": self.source,
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", "-m", "bot", "migrate"),
            *(arguments or ("--to", self.target)),
            cwd=ROOT,
            env=settings,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self.running.append(process)
        return process

    async def start_until_held(self) -> int:
        """Run the command until PostgreSQL holds it; give the server's process."""
        process = await self.start()
        while process.returncode is None:
            if held := await self.holder.fetchval(WAITING):
                return int(held)
            await asyncio.sleep(0.01)
        raise AssertionError((await process.communicate())[0].decode())

    async def kill(self) -> None:
        self.running[-1].kill()
        await self.running[-1].wait()

    async def gone(self, server_process: int) -> None:
        """Wait until the server has noticed that the command is dead."""
        alive = "SELECT 1 FROM pg_stat_activity WHERE pid = $1"
        while await self.holder.fetchval(alive, server_process):  # noqa: ASYNC110 - not this process's
            await asyncio.sleep(0.01)

    async def count(self) -> int:
        """Count the updates that the target has."""
        return int(await self.holder.fetchval("SELECT count(*) FROM inbox"))

    async def refusal(self) -> str:
        """Start a bot's database on the file; give why it does not."""
        with pytest.raises(StorageError) as caught:
            await Database(self.source).__aenter__()
        return str(caught.value)


@pytest.fixture
async def scene(source: str, blank_postgres: str) -> AsyncIterator[Scene]:
    """Give a target that has its tables, all empty, so that the test can lock them."""
    async with Database(blank_postgres):
        """The tables are made."""
    holder = await asyncpg.connect(blank_postgres)
    one = Scene(source, blank_postgres, holder)
    yield one
    for process in one.running:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.communicate()
    await holder.close()


async def test_killed_while_it_copies_nothing_is_there_and_the_next_one_moves(
    scene: Scene,
) -> None:
    before = await read(scene.source)
    async with scene.holder.transaction():
        await scene.holder.execute("LOCK TABLE transitions IN EXCLUSIVE MODE")
        server = await scene.start_until_held()
        await scene.kill()
    await scene.gone(server)
    assert await scene.count() == 0
    async with Database(scene.source):
        """The bot may go on with the file: nothing has happened."""
    assert "The ledger adds up on both sides." in await scene.migrate()
    assert await read(scene.target) == before


async def test_killed_before_the_target_has_it_the_file_waits_for_the_next_one(
    scene: Scene,
) -> None:
    before = await read(scene.source)
    await scene.holder.execute(HOLD_THE_COMMIT)
    await scene.holder.execute(f"SELECT pg_advisory_lock({HELD})")
    server = await scene.start_until_held()
    await scene.holder.execute("SELECT pg_terminate_backend($1)", server)
    await scene.gone(server)
    out, _ = await scene.running[-1].communicate()
    assert scene.running[-1].returncode == 2
    assert b"the move did not end, run it again" in out
    assert await scene.count() == 0
    assert "did not end; run `spotsms-bot migrate --to` again" in await scene.refusal()
    await scene.holder.execute(LET_GO)
    assert "The ledger adds up on both sides." in await scene.migrate()
    assert await read(scene.target) == before
    assert "was moved to" in await scene.refusal()


async def test_killed_when_the_target_has_just_got_it_the_next_one_finds_it_there(
    scene: Scene,
) -> None:
    await scene.holder.execute(HOLD_THE_COMMIT)
    await scene.holder.execute(f"SELECT pg_advisory_lock({HELD})")
    server = await scene.start_until_held()
    await scene.kill()
    await scene.holder.execute(f"SELECT pg_advisory_unlock({HELD})")
    await scene.gone(server)
    assert await scene.count() > 0
    assert "did not end" in await scene.refusal()
    assert "already, and nothing has changed since" in await scene.migrate()
    assert "was moved to" in await scene.refusal()


async def test_a_move_that_did_not_end_can_be_given_up(scene: Scene) -> None:
    before = await read(scene.source)
    await scene.holder.execute(HOLD_THE_COMMIT)
    await scene.holder.execute(f"SELECT pg_advisory_lock({HELD})")
    server = await scene.start_until_held()
    await scene.kill()
    await scene.holder.execute("SELECT pg_terminate_backend($1)", server)
    await scene.gone(server)
    await scene.migrate("--undo")
    async with Database(scene.source):
        """The bot starts."""
    assert await read(scene.source) == before
