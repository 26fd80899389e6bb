"""What nobody answered for is settled by the balance or by the owner, and the ledger adds up."""

import asyncio
import shutil
import sqlite3
import sys
from pathlib import Path

from bot.sandbox.spotsms import Fault
from tests.e2e.installation import ANNA, Installation, Message, has_button
from tests.environment import OWNER

PATIENCE = 30


async def shell(installation: Installation, *words: str, database: Path | None = None) -> str:
    """Run a command of `spotsms-bot`; give its exit code and all that it wrote."""
    changed = {"DATABASE_URL": f"sqlite:///{database}"} if database else {}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", *words),
        cwd=installation.directory,
        env=installation.environment | changed,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    return f"{process.returncode} {output.decode()}"


async def opened(installation: Installation) -> None:
    """Start with an owner who can be told things, and a ledger that knows the balance."""
    await installation.start(spotsms_timeout=1.5)
    installation.telegram.say(OWNER, OWNER, "/start")
    await installation.telegram.wait_message(OWNER)
    async with asyncio.timeout(PATIENCE):
        while not installation.rows("select id from readings"):  # noqa: ASYNC110 - in another process
            await asyncio.sleep(0.05)


async def lose_the_answer(installation: Installation, *, charged: bool) -> Message:
    fault = Fault(action="getNumber", kind="drop", after_effect=charged)
    installation.spotsms.inject(fault)
    quote = await installation.quote(ANNA)
    await installation.confirm(ANNA, quote)
    return await installation.card(quote, "unknown")


async def seen(installation: Installation, chat: int, words: str) -> Message:
    return await installation.telegram.wait_message(chat, words, timeout=PATIENCE)


async def test_the_balance_settles_a_lost_answer_and_the_ledger_is_verified_beside_the_bot(
    installation: Installation,
) -> None:
    await opened(installation)
    await lose_the_answer(installation, charged=True)
    await seen(installation, ANNA, "charged for it, but no number came")
    await seen(installation, OWNER, "balance says that it was charged")
    assert (await shell(installation, "verify-ledger")).startswith("0 The ledger adds up.")
    await installation.stop()
    copy = installation.directory / "copy.db"
    shutil.copy(installation.directory / "bot.db", copy)
    with sqlite3.connect(copy) as connection:
        connection.execute("DROP TRIGGER entries_refuse_update")
        connection.execute("UPDATE entries SET amount = amount + 1 WHERE kind = 'loss'")
    connection.close()
    found = await shell(installation, "verify-ledger", database=copy)
    assert found.startswith("1 activation 1: entry ")
    assert "account losses: " in found


async def test_the_owner_settles_by_buttons_and_from_the_shell_what_the_balance_does_not_tell(
    installation: Installation,
) -> None:
    await opened(installation)
    first = await lose_the_answer(installation, charged=True)
    await lose_the_answer(installation, charged=False)
    asked = await installation.telegram.wait_message(
        OWNER, lambda message: has_button(message, "it was charged"), timeout=PATIENCE
    )
    assert "Balance before: $50.00" in asked["text"]
    assert "Anna" in asked["text"]
    refused = await shell(installation, "reconcile", "--charged", "1")
    assert refused.startswith("2 ")
    assert "another process is using this file" in refused

    installation.spotsms.inject(Fault(action="balance", kind="http500", times=None))
    await press(installation, OWNER, "it was charged", asked)
    sure = await installation.card(asked, "booked as your loss")
    await press(installation, OWNER, "yes", sure)
    await installation.card(asked, "it was charged")
    await installation.card(first, "Your money is back")
    await installation.stop()

    [(lost,)] = installation.rows("select id from activations where state = 'lost'")
    [(unknown,)] = installation.rows("select id from activations where state = 'unknown'")
    listed = await shell(installation, "reconcile")
    assert f"{unknown}  $" in listed
    assert f"{lost}  $" not in listed
    settled = await shell(installation, "reconcile", "--not-charged", str(unknown))
    assert settled.startswith(f"0 Purchase {unknown}: not charged")
    nothing = await shell(installation, "reconcile", "--refund-lost", str(lost))
    assert nothing.startswith(f"2 spotsms-bot: no refund of number {lost} is due")
    assert (await shell(installation, "verify-ledger")).startswith("0 ")


async def press(installation: Installation, user: int, words: str, message: Message) -> None:
    pressed = installation.telegram.press_button(
        user, message["chat"]["id"], words, message["message_id"]
    )
    await pressed.answered()
