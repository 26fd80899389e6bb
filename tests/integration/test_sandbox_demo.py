"""The demo as its visitor meets it, with small programs in the bot's place."""

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from bot.sandbox.demo import DemoError, bot_environment, choose_port, run_demo
from bot.sandbox.personas import populate
from bot.sandbox.telegram import TelegramSandbox

DEMO = """
import asyncio, signal, sys
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # whatever the tests were started with
from bot.sandbox.demo import run_demo
asyncio.run(run_demo(0, [sys.executable, "-c", sys.argv[1]]))
"""
LISTENING_BOT = """
import os, pathlib, time, urllib.request
pathlib.Path({pid_file!r}).write_text(str(os.getpid()))
api = os.environ["TELEGRAM_API_URL"] + "/bot" + os.environ["TELEGRAM_BOT_TOKEN"]
urllib.request.urlopen(api + "/getUpdates?timeout=30").read()
time.sleep(60)
"""


@asynccontextmanager
async def demo_with(bot: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", DEMO, bot, stdout=PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def url_of(process: asyncio.subprocess.Process) -> str:
    assert process.stdout is not None
    line = (await asyncio.wait_for(process.stdout.readline(), 30)).decode()
    assert re.fullmatch(r"Demo: http://127\.0\.0\.1:\d+/\n", line)
    return line.split()[1]


async def test_its_first_line_is_the_address_of_a_page_with_all_its_parts(tmp_path: Path) -> None:
    bot = LISTENING_BOT.format(pid_file=str(tmp_path / "pid"))
    async with demo_with(bot) as process, aiohttp.ClientSession() as http:
        url = await url_of(process)
        wanted, seen = ["index.html"], set[str]()
        while wanted:
            name = wanted.pop()
            seen.add(name)
            async with http.get(url + name) as answer:
                assert answer.status == 200, name
                text = await answer.text()
            parts = re.findall(r'"(?:\./)?([\w-]+\.(?:js|css))"', text)
            wanted += set(parts) - seen
        async with http.get(url + "telegram/sandbox/world") as answer:
            people = [user["first_name"] for user in (await answer.json())["users"]]
        async with http.get(url + "spotsms/sandbox/state") as answer:
            balance = (await answer.json())["balance"]
    assert {"main.js", "chatview.js", "theme.css"} <= seen
    assert people == ["Olivia", "Umar", "Greta", "Milo"]
    assert balance == "50.00"


def test_it_begins_with_a_group_of_each_role_in_which_the_bot_is_an_admin() -> None:
    telegram = TelegramSandbox()
    populate(telegram)
    groups = [chat for chat in telegram.chats.values() if chat.kind == "supergroup"]
    roles = [
        {member.user.first_name: member.status for member in chat.members.values()}
        for chat in groups
    ]
    assert roles[0] == {
        "Olivia": "creator",
        "Greta": "administrator",
        "Milo": "member",
        "SpotSMS": "administrator",
    }
    assert "Olivia" not in roles[1]
    assert all("Umar" not in people for people in roles)


def test_what_the_bot_keeps_for_its_pictures_goes_with_the_demo(tmp_path: Path) -> None:
    script = "import matplotlib as m; print(m.get_configdir(), m.get_cachedir(), sep='\\n')"
    environment = bot_environment("http://127.0.0.1", tmp_path)
    told = subprocess.check_output([sys.executable, "-c", script], env=environment, text=True)  # noqa: S603 - ours
    assert all(Path(place).is_relative_to(tmp_path) for place in told.splitlines())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
async def test_the_stop_signal_ends_it_and_its_bot(tmp_path: Path, number: signal.Signals) -> None:
    pid_file = tmp_path / "pid"
    async with demo_with(LISTENING_BOT.format(pid_file=str(pid_file))) as process:
        await url_of(process)
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), 10) == 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid_file.read_text()), 0)


async def test_a_bot_that_dies_ends_it_with_the_bots_last_words() -> None:
    dying = [sys.executable, "-c", "raise SystemExit('SPOTSMS_API_KEY: missing')"]
    with pytest.raises(DemoError, match="status 1") as ended:
        await run_demo(0, dying)
    assert "SPOTSMS_API_KEY: missing" in str(ended.value)


def test_a_port_that_is_taken_is_refused_only_if_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        taken: int = server.getsockname()[1]
        with pytest.raises(DemoError, match=f"port {taken} is taken"):
            choose_port(taken)
        monkeypatch.setattr("bot.sandbox.demo.DEFAULT_PORT", taken)
        assert choose_port(None) == 0
