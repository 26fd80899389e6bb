"""A bot that was moved from SQLite to PostgreSQL goes on where it was."""

import asyncio
import sys

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.e2e.installation import ANNA, BORIS, Installation, digits

pytestmark = pytest.mark.postgres


async def test_a_moved_bot_goes_on_with_open_numbers_old_buttons_and_new_ids(
    installation: Installation, blank_postgres: str
) -> None:
    telegram, spotsms = installation.telegram, installation.spotsms
    await installation.start()
    watched, card = await installation.buy(ANNA)
    given_back, old_card = await installation.buy(BORIS)
    old_quote = await installation.quote(ANNA)
    await installation.stop()

    status, said = await _migrate(installation, blank_postgres)
    assert (status, "The ledger adds up on both sides." in said) == (0, True), said
    status, said = await _command(installation, "run")
    assert (status, said.count("\n")) == (2, 1)
    assert "was moved to" in said

    spotsms.send_sms(watched.number, "Code 31073")
    await installation.start(database_url=blank_postgres)
    await telegram.wait_message(ANNA, "31073", after=card["message_id"])
    telegram.press_button(BORIS, BORIS, "cancel", old_card["message_id"])
    await spotsms.wait_for(lambda: given_back.refunded)
    await installation.confirm(ANNA, old_quote)
    await spotsms.wait_for(lambda: len(spotsms.purchases) == 3)
    await installation.card(old_quote, digits(spotsms.purchases[-1].number))
    assert await _ids(blank_postgres) == [1, 2, 3]
    await installation.stop()


async def _migrate(installation: Installation, to: str) -> tuple[int, str]:
    return await _command(installation, "migrate", "--to", to)


async def _command(installation: Installation, *arguments: str) -> tuple[int, str]:
    """Run a command of the shell; give its exit status and all that it says."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "bot", *arguments),
        cwd=installation.directory,
        env=installation.environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, said.decode()


async def _ids(url: str) -> list[int]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT id FROM activations ORDER BY id")
    await connection.close()
    return [row["id"] for row in rows]
