"""Logs: one handler on standard error, and nothing secret or personal passes it.

Only the loggers of this project go below WARNING: at DEBUG, python-telegram-bot, httpx, aiosqlite
and others print tokens in URLs and whole messages, codes included.
"""

import contextlib
import json
import logging
import sys
import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Literal

from bot.ops.redaction import Redaction

OWN = "bot"
QUIET = {"telegram.request": logging.CRITICAL, "apscheduler": logging.ERROR}
"""The first prints what Telegram answered even at ERROR; the second warns of a skipped beat, which
only means that another one is on its way."""

log = logging.getLogger(f"{OWN}.process")


class _Formatter(logging.Formatter):
    """Writes a record as text or as one JSON object, both without what must not be seen."""

    def __init__(self, redaction: Redaction, *, as_json: bool) -> None:
        super().__init__()
        self._redaction = redaction
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        """Give the line; a traceback makes it longer."""
        parts = {
            "time": _time(record.created),
            "level": record.levelname,
            "logger": record.name,
            "message": self._message(record),
        }
        exception = self._exception(record)
        if self._as_json:
            return json.dumps(parts | ({"exception": exception} if exception else {}))
        return " ".join(parts.values()) + (f"\n{exception}" if exception else "")

    def _message(self, record: logging.LogRecord) -> str:
        is_own = record.name.split(".", 1)[0] == OWN
        clean = self._redaction.clean if is_own else self._redaction.clean_foreign
        return clean(record.getMessage())

    def _exception(self, record: logging.LogRecord) -> str:
        parts = [
            self.formatException(record.exc_info) if record.exc_info else "",
            self.formatStack(record.stack_info) if record.stack_info else "",
        ]
        return self._redaction.clean_foreign("\n".join(part for part in parts if part))


class _Handler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to standard error; a record that cannot be written is named, never shown.

    Where nothing can be written (a full disk, a reader that has ended) it is lost without a word:
    whoever logs is in the middle of something, maybe a purchase.
    """

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's name
        """Say where the record came from."""
        error = sys.exc_info()[0]
        if error is None or not sys.stderr:
            return
        where = f"{record.pathname}:{record.lineno}"
        with contextlib.suppress(OSError, ValueError):  # the second: it is closed
            sys.stderr.write(f"a log record of {where} is lost ({error.__name__})\n")


def configure_logging(
    level: str, log_format: Literal["text", "json"], secrets: Iterable[str]
) -> None:
    """Send all logs, warnings and uncaught exceptions through one redacting handler.

    `level` is for this project's loggers; all others speak from WARNING on.
    """
    handler = _Handler()
    handler.setFormatter(_Formatter(Redaction(secrets), as_json=log_format == "json"))
    root = logging.getLogger()
    for former in list(root.handlers):
        root.removeHandler(former)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(OWN).setLevel(level)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_in_thread


def _log_uncaught(
    kind: type[BaseException], error: BaseException, traceback: TracebackType | None
) -> None:
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, traceback)
        return
    log.critical("uncaught exception", exc_info=(kind, error, traceback))


def _log_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _time(created: float) -> str:
    return datetime.fromtimestamp(created, UTC).isoformat(timespec="milliseconds")
