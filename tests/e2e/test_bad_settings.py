"""The real process with a bad setting: one line that names it, and an end."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = {
    "TELEGRAM_BOT_TOKEN": "100:TEST",
    "TELEGRAM_API_URL": "http://127.0.0.1:9",
    "SPOTSMS_API_KEY": "test-key",
    "OWNER_IDS": "7",
}
ROOT = Path(__file__).parents[2]


def run_with(directory: Path, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | settings
    return subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "bot", *arguments],
        cwd=directory,
        env=environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


UNREADABLE = [
    ({}, "TELEGRAM_BOT_TOKEN: missing"),
    (GOOD | {"OWNER_IDS": ""}, "OWNER_IDS: needed while ACCESS is approval"),
    (GOOD | {"POLL_INTERVAL": "2468s"}, "POLL_INTERVAL: not a number such as 10 or 0.5"),
]
UNUSABLE = [
    (GOOD | {"DATABASE_URL": "sqlite:////proc/2468/bot.db"}, "DATABASE_URL: "),
    (GOOD | {"OPS_LISTEN": "192.0.2.1:2468"}, "OPS_LISTEN: "),
]


@pytest.mark.parametrize(("settings", "line"), UNREADABLE)
def test_a_bad_setting_ends_the_start_with_one_line_that_names_it(
    settings: dict[str, str], line: str, tmp_path: Path
) -> None:
    ended = run_with(tmp_path, "run", **settings)

    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.startswith(f"spotsms-bot: {line}")
    assert ended.stderr.count("\n") == 1
    assert "2468s" not in ended.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("settings", "line"), UNUSABLE)
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_what_the_start_fails_at_is_one_line_of_the_log_that_names_the_setting(
    settings: dict[str, str], line: str, log_format: str, tmp_path: Path
) -> None:
    ended = run_with(tmp_path, "run", LOG_FORMAT=log_format, **settings)

    assert ended.returncode > 0
    assert ended.stdout == ""
    [logged] = ended.stderr.splitlines()
    if log_format == "json":
        record = json.loads(logged)
        assert record["level"] == "CRITICAL"
        assert record["message"].startswith(line)
    else:
        assert f"CRITICAL bot.cli {line}" in logged
    assert not {path.name for path in tmp_path.iterdir()} - {"data"}


def test_the_settings_can_be_checked_without_a_start(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("\n".join(f"{name}={value}" for name, value in GOOD.items()))

    assert run_with(tmp_path, "check").returncode == 0
    assert run_with(tmp_path, "check", ACCESS="2468").stderr.startswith("spotsms-bot: ACCESS: ")


def test_a_check_tells_of_a_misspelt_name(tmp_path: Path) -> None:
    checked = run_with(tmp_path, "check", DAILY_LIMITS="1", **GOOD)

    assert checked.returncode == 0
    assert checked.stderr.startswith("spotsms-bot: DAILY_LIMITS: no setting has this name")


def test_the_exit_status_is_true_where_nothing_can_be_written(tmp_path: Path) -> None:
    for broken in ("2>/dev/full", ">&- 2>&-"):
        command = f'exec "$0" -m bot run {broken}'
        settings = GOOD | {"OPS_LISTEN": "192.0.2.1:2468", "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(  # noqa: S603 - our own program
            ["/bin/sh", "-c", command, sys.executable],
            cwd=tmp_path,
            env=settings,
            timeout=30,
            check=False,
        )
        assert ended.returncode == 2, broken
