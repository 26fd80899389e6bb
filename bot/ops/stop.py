"""The signals that ask the process to end."""

import asyncio
import contextlib
import signal


def stop_signal() -> asyncio.Event:
    """Give an event that the first signal sets; the second one kills."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def _on_signal() -> None:
        stop.set()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(number, _on_signal)
    return stop
