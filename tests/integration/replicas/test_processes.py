"""Real processes on one PostgreSQL database: who leads, who takes updates, who comes too late."""

import signal
import socket
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.sandbox.telegram import Check
from tests.e2e.installation import ANNA, Installation, installed
from tests.launcher import Launcher

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.parametrize("database_url", ["postgres"], indirect=True),
]

TAKEOVER_SECONDS = 15.0


class Pair:
    """Two processes of one installation; Telegram posts updates to the second alone."""

    def __init__(self, one: Installation, directory: Path, database_url: str) -> None:
        self.first, self.second = (self._side(one, directory / name) for name in "ab")
        self._ports = {id(self.first): _free_port(), id(self.second): _free_port()}
        self._database_url = database_url

    @staticmethod
    def _side(one: Installation, directory: Path) -> Installation:
        directory.mkdir()
        return replace(one, directory=directory, logs=[])

    async def start(self, side: Installation) -> None:
        """Start a replica that takes webhooks."""
        await side.start(
            database_url=self._database_url,
            webhook_url=f"http://127.0.0.1:{self._ports[id(self.second)]}/updates",
            webhook_listen=f"127.0.0.1:{self._ports[id(side)]}",
        )

    async def long_poll(self, side: Installation) -> None:
        """Start a process that long-polls."""
        await side.start(database_url=self._database_url)


@pytest.fixture
async def pair(
    tmp_path: Path, telegram_check: Check, launcher: Launcher, database_url: str
) -> AsyncIterator[Pair]:
    async with installed(tmp_path, telegram_check, launcher) as one:
        pair = Pair(one, tmp_path, database_url)
        try:
            yield pair
        finally:
            await pair.first.kill()
            await pair.second.kill()
    assert not one.telegram.violations


async def test_a_leader_that_stands_still_ends_or_dies_is_followed_by_the_other(
    pair: Pair,
) -> None:
    first, second, telegram = pair.first, pair.second, pair.first.telegram
    await pair.start(first)
    await pair.start(second)
    purchase, card = await second.buy(ANNA)

    assert first.life
    first.life.send(signal.SIGSTOP)
    first.spotsms.send_sms(purchase.number, "Code 1001")
    after = card["message_id"]
    await telegram.wait_message(ANNA, "1001", after=after, timeout=TAKEOVER_SECONDS)
    first.life.send(signal.SIGCONT)

    await second.stop()
    first.spotsms.send_sms(purchase.number, "Code 2002")
    await telegram.wait_message(ANNA, "2002", after=after, timeout=TAKEOVER_SECONDS / 2)

    await pair.start(second)
    await first.kill()
    first.spotsms.send_sms(purchase.number, "Code 3003")
    await telegram.wait_message(ANNA, "3003", after=after, timeout=TAKEOVER_SECONDS)
    for code in ("1001", "2002", "3003"):
        told = [one for one in telegram.messages_to(ANNA) if code in one["text"]]
        assert len([one for one in told if one["message_id"] > after]) == 1


async def test_a_second_process_that_long_polls_ends_with_one_line(pair: Pair) -> None:
    await pair.long_poll(pair.first)
    with pytest.raises(AssertionError, match="the bot ended"):
        await pair.long_poll(pair.second)
    assert pair.second.life
    assert await pair.second.life.wait() == 1  # the other one may end
    [line] = pair.second.log().splitlines()
    assert "CRITICAL bot.cli WEBHOOK_URL: another process takes updates" in line
    with pytest.raises(AssertionError, match="another process long-polls on this database"):
        await pair.start(pair.second)


async def test_after_a_kill_the_next_process_long_polls_and_sends_at_once(pair: Pair) -> None:
    await pair.long_poll(pair.first)
    purchase, card = await pair.first.buy(ANNA)
    await pair.first.kill()
    pair.first.spotsms.send_sms(purchase.number, "Code 4004")
    await pair.long_poll(pair.second)
    await pair.first.telegram.wait_message(ANNA, "4004", after=card["message_id"], timeout=5)
    assert await pair.second.stop() < 5.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
