"""Every command of `spotsms-bot` (= `python -m bot`)."""

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine
from importlib.metadata import version
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from bot.settings import Settings

LAST_STANDARD_FILE = 2

log = logging.getLogger(__name__)

app = typer.Typer(
    help="SpotSMS numbers in Telegram chats. Settings: environment or .env, see .env.example.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it with the option alone
    if wanted:
        typer.echo(version("spotsms-bot"))
        raise typer.Exit


@app.callback()
def _commands(
    *,
    _: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    """Keep `run` a command of its own."""


@app.command()
def run() -> None:
    """Run the bot until SIGTERM or Ctrl-C."""
    settings = _settings()
    from bot.app import FATAL, PASSING, run_bot

    try:
        with asyncio.Runner(loop_factory=_fastest_loop()) as runner:
            runner.run(run_bot(settings))
    except FATAL as error:
        log.critical("%s", error)
        sys.exit(1 if isinstance(error, PASSING) else 2)
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def check() -> None:
    """Check the settings and say nothing if they are good."""
    from bot.settings import misspelt

    _settings()
    for line in misspelt():
        typer.echo(f"spotsms-bot: {line}", err=True)


@app.command("verify-ledger")
def verify_ledger() -> None:
    """Recompute the ledger from nothing, also while the bot runs; exit with 1 if it differs."""
    from bot.workflows.shell import verified

    lines = _do(verified(_settings()))
    if lines:
        typer.echo("\n".join(lines))
        sys.exit(1)
    typer.echo("The ledger adds up.")


@app.command()
def reconcile(
    charged: Annotated[
        int | None, typer.Option(min=1, help="Settle this purchase: it was charged.")
    ] = None,
    not_charged: Annotated[
        int | None, typer.Option(min=1, help="Settle this purchase: it was not.")
    ] = None,
    refund_lost: Annotated[
        int | None, typer.Option(min=1, help="Book this number's refund as a loss.")
    ] = None,
) -> None:
    """List unknown outcomes and refunds due, or settle one while the bot is stopped."""
    from bot.workflows.shell import refund_given_up, settled, unknown_outcomes

    if bool(charged) + bool(not_charged) + bool(refund_lost) > 1:
        _fail("--charged, --not-charged and --refund-lost: give one of them")
    settings = _settings()
    if refund_lost:
        lines = _do(refund_given_up(settings, refund_lost))
    elif activation_id := charged or not_charged:
        lines = _do(settled(settings, activation_id, charged=bool(charged)))
    else:
        lines = _do(unknown_outcomes(settings))
    typer.echo("\n".join(lines))


@app.command()
def migrate(
    to: Annotated[str, typer.Option(metavar="URL", help="Where to: postgresql://…")] = "",
    *,
    undo: Annotated[bool, typer.Option("--undo", help="Use the SQLite file again.")] = False,
) -> None:
    """Move the stopped bot's SQLite installation to PostgreSQL; safe to run again."""
    from bot.workflows.move import move_undone, moved

    if bool(to) == undo:
        _fail("--to and --undo: give one of them")
    settings = _settings()
    lines = _do(move_undone(settings) if undo else moved(settings, to))
    typer.echo("\n".join(lines))


def _fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Give uvloop's event loop where the extra `fast` is installed, else None: Python's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


def _settings() -> "Settings":
    from bot.settings import SettingsError, load_settings

    try:
        return load_settings()
    except SettingsError as error:
        _fail(str(error))


def _do(work: Coroutine[Any, Any, list[str]]) -> list[str]:
    from bot.workflows.shell import ShellError

    try:
        return asyncio.run(work)
    except ShellError as error:
        _fail(str(error))


def _fail(line: str) -> NoReturn:
    sys.stderr.write(f"spotsms-bot: {line}\n")
    sys.exit(2)


def _open_what_is_closed() -> None:
    """Give standard input, output and error that were closed (`2>&-`) somewhere to lead to.

    A connection or a file would get their numbers, and uvloop aborts when it closes such a one.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= LAST_STANDARD_FILE:
        pass
    os.close(number)


def _let_go_of_broken_output() -> None:
    """Forget what cannot be written any more: Python would end with 120 and hide the status."""
    try:
        sys.stderr.flush()
    except (AttributeError, OSError):
        sys.stderr = None  # as Python has it where there is none


def main() -> None:
    """Run the command line."""
    _open_what_is_closed()
    try:
        app()
    finally:
        _let_go_of_broken_output()
