"""Starts the real bot quickly and often: imported once, forked for each life.

Reads one JSON object per line (`environment`, `directory`, `log`) and answers with the child's
process id. The child is the bot as `python -m bot run` starts it, without the second of imports.
"""

import json
import os
import signal
import sys
from typing import Any


def main() -> None:
    """Serve until the input ends."""
    import bot.app  # noqa: F401 - imported here so that no child has to
    from bot.cli import main as command_line

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        process = os.fork()
        if process == 0:
            _become_the_bot(order)
            command_line()
            os._exit(0)
        sys.stdout.write(f"{process}\n")
        sys.stdout.flush()


def _become_the_bot(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["directory"])
    log = os.open(order["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for wanted, given in ((0, nothing), (1, log), (2, log)):
        os.dup2(given, wanted)
    sys.argv = ["spotsms-bot", "run"]


if __name__ == "__main__":
    main()
