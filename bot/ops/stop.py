"""The signals that ask the process to end."""

import asyncio
import signal

DEADLY_TWICE = (signal.SIGTERM, signal.SIGINT)
SAME_SECONDS = 1.0
"""What `make run` and its group are sent comes to the bot twice, and is one wish."""


def stop_signal() -> asyncio.Event:
    """Give an event that the first SIGTERM, SIGINT or SIGHUP sets.

    A second SIGTERM or SIGINT kills, if it is not the first one's echo. SIGHUP never does: a
    terminal that closes may send several. It stays ignored where it was (`nohup`).
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def _on_signal() -> None:
        if not stop.is_set():
            loop.call_later(SAME_SECONDS, _let_kill)
        stop.set()

    def _let_kill() -> None:
        for number in DEADLY_TWICE:
            loop.remove_signal_handler(number)

    for number in DEADLY_TWICE:
        loop.add_signal_handler(number, _on_signal)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        loop.add_signal_handler(signal.SIGHUP, _on_signal)
    return stop
