"""The demo: both sandboxes, the web page with the chat, and the real bot between them.

One origin serves it all: the page at ``/``, SpotSMS under ``/spotsms``, the Bot API under
``/telegram``. The bot is a process of its own and knows nothing of the sandbox but its URLs.
"""

import asyncio
import os
import signal
import socket
import sys
import tempfile
from asyncio.subprocess import Process
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict
from pathlib import Path

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.sandbox.personas import OWNER, PERSONAS, populate
from bot.sandbox.serve import serve
from bot.sandbox.spotsms import SpotSmsSandbox
from bot.sandbox.telegram import TelegramSandbox

DEFAULT_PORT = 8080
BOT_COMMAND = (sys.executable, "-m", "bot", "run")

_TOKEN = "100:DEMO"  # noqa: S105 - made up; only the sandbox takes it
_KEY = "demo-key"
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0
_LOG_LINES_SHOWN = 15
_MAX_BODY_BYTES = 50 * 1024 * 1024
_PAGE = Path(__file__).with_name("page")
_IMPORT_ROOT = Path(__file__).resolve().parents[2]
_INHERITED = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV", "SYSTEMROOT")


class DemoError(Exception):
    """Why the demo ended by itself; the text is for the person who started it."""


async def run_demo(port: int | None = None, bot_command: Sequence[str] = BOT_COMMAND) -> None:
    """Run until SIGINT, SIGTERM or SIGHUP; print the page's URL as soon as the bot listens.

    Args:
        port: where to serve; 0 takes a free one, None ``DEFAULT_PORT`` or else a free one.
        bot_command: what starts the bot.

    Raises:
        DemoError: the port is taken, or the bot ended or did not listen in time.
    """
    stop = _stop_signal()
    spotsms = SpotSmsSandbox(keys={_KEY})
    telegram = TelegramSandbox(token=_TOKEN, username="spotsms_demo_bot")
    populate(telegram)
    polled = asyncio.Event()
    application = build_application(spotsms, telegram, polled)
    with tempfile.TemporaryDirectory(prefix="spotsms-demo-") as name:
        log = Path(name) / "bot.log"
        async with (
            serve(application, choose_port(port)) as url,
            _bot(bot_command, url, log) as process,
        ):
            await _until(polled, stop, process, seconds=_START_SECONDS)
            if polled.is_set():
                _announce(url, log)
                await _until(stop, stop, process)


def build_application(
    spotsms: SpotSmsSandbox, telegram: TelegramSandbox, polled: asyncio.Event
) -> web.Application:
    """Give page and sandboxes as one application; the first getUpdates sets ``polled``."""

    @web.middleware
    async def notice(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path.endswith("/getUpdates"):
            polled.set()
        return await handler(request)

    application = web.Application(client_max_size=_MAX_BODY_BYTES, middlewares=[notice])
    application.add_subapp("/spotsms", spotsms.application())
    application.add_subapp("/telegram", telegram.application())
    application.router.add_get("/", _index)
    application.router.add_get("/personas.json", _personas)
    application.router.add_static("/", _PAGE)
    application.on_response_prepare.append(_forbid_caching)
    return application


async def _index(_: web.Request) -> web.FileResponse:
    return web.FileResponse(_PAGE / "index.html")


async def _personas(_: web.Request) -> web.Response:
    return web.json_response([asdict(persona) for persona in PERSONAS])


async def _forbid_caching(_: web.Request, response: web.StreamResponse) -> None:
    response.headers.setdefault("Cache-Control", "no-cache")


def choose_port(asked: int | None) -> int:
    """Give the port to serve on.

    Raises:
        DemoError: the one that was asked for is taken.
    """
    port = DEFAULT_PORT if asked is None else asked
    if _is_free(port):
        return port
    if asked is None:
        return 0
    raise DemoError(f"port {port} is taken; --port 0 finds a free one")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _stop_signal() -> asyncio.Event:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # under nohup it is
        loop.add_signal_handler(signal.SIGHUP, stop.set)
    return stop


@asynccontextmanager
async def _bot(command: Sequence[str], url: str, log: Path) -> AsyncIterator[Process]:
    """Run the bot in the log's directory, so that it sees nobody's ``.env``."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=log.parent,
            env=bot_environment(url, log.parent),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process
        if process.returncode is not None:
            raise DemoError(_obituary(process.returncode, log))
    finally:
        await _stop(process)


def bot_environment(url: str, directory: Path) -> dict[str, str]:
    """Give the bot's whole environment: settings, and little of ours."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return inherited | {
        "PYTHONPATH": str(_IMPORT_ROOT),
        "PYTHONUNBUFFERED": "1",
        "TELEGRAM_BOT_TOKEN": _TOKEN,
        "TELEGRAM_API_URL": f"{url}/telegram",
        "SPOTSMS_API_KEY": _KEY,
        "SPOTSMS_API_URL": f"{url}/spotsms{SpotSmsSandbox.url_path}",
        "OWNER_IDS": str(OWNER.user_id),
        "ACCESS": "approval",
        "DATABASE_URL": f"sqlite:///{directory / 'bot.db'}",
        "POLL_INTERVAL": "2",
        "MPLCONFIGDIR": str(directory / "matplotlib"),  # its cache too: nothing stays behind
    }


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    except TimeoutError:
        process.kill()
        await process.wait()


async def _until(
    wanted: asyncio.Event, stop: asyncio.Event, process: Process, seconds: float | None = None
) -> None:
    """Wait for an event or the stop signal, or for the bot's unwanted end.

    Raises:
        DemoError: nothing of it came within ``seconds``.
    """
    waits = [asyncio.create_task(each) for each in (wanted.wait(), stop.wait(), process.wait())]
    done, _ = await asyncio.wait(waits, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
    if not done:
        raise DemoError(f"the bot did not ask for updates within {seconds:.0f} s")


def _obituary(status: int, log: Path) -> str:
    with log.open(errors="replace") as lines:
        last = "".join(deque(lines, _LOG_LINES_SHOWN))
    return f"the bot ended with status {status}; its log ends:\n{last.rstrip()}"


def _announce(url: str, log: Path) -> None:
    sys.stdout.write(
        f"Demo: {url}/\n"
        "  You are the owner: press START in the chat, buy a number, send it an SMS on the right.\n"
        f"  Ctrl-C ends it. The bot's log until then: {log}\n"
    )
    sys.stdout.flush()
