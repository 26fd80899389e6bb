"""``python -m bot.sandbox``: the demo."""

import asyncio
import sys
from typing import Annotated

import typer

from bot.sandbox.demo import DEFAULT_PORT, DemoError, run_demo


def main(
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65_535,
            help=f"Where to serve the page; 0 takes a free port. [default: {DEFAULT_PORT} if free]",
        ),
    ] = None,
) -> None:
    """Try the bot in a web page, between made-up ends of SpotSMS and Telegram."""
    try:
        asyncio.run(run_demo(port))
    except DemoError as error:
        sys.stderr.write(f"The demo has ended: {error}\n")
        raise typer.Exit(1) from None


if __name__ == "__main__":
    typer.run(main)
