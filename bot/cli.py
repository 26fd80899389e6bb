"""Every command of `spotsms-bot` (= `python -m bot`)."""

import asyncio
import sys

import typer

app = typer.Typer(
    help="SpotSMS numbers in Telegram chats. Settings: environment or .env, see .env.example.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def _commands() -> None:
    """Keep `run` a command of its own."""


@app.command()
def run() -> None:
    """Run the bot until SIGTERM or Ctrl-C."""
    from bot.settings import SettingsError, load_settings

    try:
        settings = load_settings()
    except SettingsError as error:
        _fail(str(error))
    from bot.app import FATAL, run_bot

    try:
        asyncio.run(run_bot(settings))
    except FATAL as error:
        _fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def check() -> None:
    """Check the settings and say nothing if they are good."""
    from bot.settings import SettingsError, load_settings

    try:
        load_settings()
    except SettingsError as error:
        _fail(str(error))


def _fail(line: str) -> None:
    sys.stderr.write(f"spotsms-bot: {line}\n")
    sys.exit(2)


def main() -> None:
    """Run the command line."""
    app()
