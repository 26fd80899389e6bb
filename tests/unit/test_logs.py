"""Everything that is logged passes the redaction, tracebacks and warnings included."""

import io
import json
import logging
import os
import sys
import threading
import warnings
from typing import Literal

import pytest

from bot.ops import configure_logging

log = logging.getLogger("bot.test_logs")

pytestmark = pytest.mark.usefixtures("logging_as_before")

KEY = "made-up&key"
NUMBER = "+12025550123"


def configure(level: str = "DEBUG", log_format: Literal["text", "json"] = "text") -> None:
    configure_logging(level, log_format, [KEY])


def err(capsys: pytest.CaptureFixture[str]) -> str:
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def fail_twice() -> None:
    try:
        int(f"code 482913 for {NUMBER}")
    except ValueError as error:
        raise RuntimeError(f"GET ?apikey={KEY}") from error


def test_a_line_says_when_how_bad_where_and_what(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    log.info("bought %d", 3)
    assert err(capsys).rstrip().split(" ", 1)[1] == "INFO bot.test_logs bought 3"


def test_arguments_tracebacks_and_chained_exceptions_are_cleaned(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure()
    try:
        fail_twice()
    except RuntimeError:
        log.exception("failed for %s", NUMBER, extra={"key": KEY}, stack_info=True)
    text = err(capsys)
    assert "RuntimeError" in text
    assert "ValueError" in text
    assert "test_logs.py" in text
    for secret in ("482913", "2025550123", KEY):
        assert secret not in text


def test_json_lines_are_whole_objects(capsys: pytest.CaptureFixture[str]) -> None:
    configure(log_format="json")
    log.info('a "quoted" line\nand %s', KEY)
    try:
        fail_twice()
    except RuntimeError:
        log.exception("failed")
    first, second = map(json.loads, err(capsys).splitlines())
    assert first["message"] == 'a "quoted" line\nand <secret>'
    assert (first["level"], first["logger"]) == ("INFO", "bot.test_logs")
    assert "exception" not in first
    assert second["exception"].endswith("RuntimeError: GET ?apikey=<secret>")


def test_the_level_is_for_our_own_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure("INFO")
    log.debug("too much")
    log.info("just right")
    text = err(capsys)
    assert "just right" in text
    assert "too much" not in text


@pytest.mark.parametrize(
    "name",
    [
        "httpx",
        "httpcore.http11",
        "aiosqlite",
        "sqlalchemy.engine",
        "telegram.ext.ExtBot",
        "telegram.Bot",
        "asyncio",
        "apscheduler.scheduler",
        "uvicorn.error",
        "aiohttp.client",
    ],
)
def test_others_keep_quiet_below_warning_whatever_the_level(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    configure("DEBUG")
    other = logging.getLogger(name)
    other.debug("the whole answer: your code is ABCD")
    other.info("the whole answer: your code is ABCD")
    assert err(capsys) == ""
    other.warning("your code is 482913")
    assert "482913" not in err(capsys)


def test_a_broken_answer_of_telegram_is_not_printed(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    logging.getLogger("telegram.request.BaseRequest").error('invalid JSON: "%s"', "your code ABCD")
    assert err(capsys) == ""


def test_a_record_that_cannot_be_written_is_named_but_not_shown(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure()
    log.info("%d numbers", NUMBER)
    text = err(capsys)
    assert "test_logs.py" in text
    assert "2025550123" not in text
    assert "Traceback" not in text


@pytest.mark.parametrize("broken", [OSError(28, "No space left on device"), ValueError("closed")])
def test_a_log_that_cannot_be_written_disturbs_nobody(
    broken: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> int:
        raise broken

    stderr = io.StringIO()
    monkeypatch.setattr(stderr, "write", refuse)
    monkeypatch.setattr(sys, "stderr", stderr)
    configure()

    log.info("in the middle of a purchase")


def test_warnings_are_log_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"beware of {KEY}", stacklevel=1)
    text = err(capsys)
    assert "WARNING py.warnings" in text
    assert KEY not in text


def test_uncaught_exceptions_are_log_lines(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    error = ValueError(f"made-up {KEY} 482913")
    sys.excepthook(ValueError, error, None)
    thread = threading.Thread(target=lambda: os.environ[KEY])
    thread.start()
    thread.join()
    text = err(capsys)
    assert text.count("CRITICAL bot.process uncaught exception") == 2
    assert "KeyError" in text
    assert KEY not in text
    assert "482913" not in text


def test_configuring_again_replaces_the_handler(capsys: pytest.CaptureFixture[str]) -> None:
    configure()
    configure()
    log.info("once")
    assert err(capsys).count("once") == 1
