"""A bad setting stops the start with one line that names it and never shows its value."""

import os
import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.settings import Settings, SettingsError, load_settings, misspelt, parse_listen

GOOD = {"TELEGRAM_BOT_TOKEN": "100:TEST", "SPOTSMS_API_KEY": "test-key", "OWNER_IDS": "7"}
NAMES = tuple(name.upper() for name in Settings.model_fields)

MARK = "2468"
"""Stands in bad values, so that a message which shows the value is found out."""

BAD_NUMBERS = (
    "   ",
    "NaN",
    "inf",
    "-inf",
    "-2468",
    "2468_0",
    "2468e0",
    "0x2468",
    "2468.",
    "24,68",
    "٢٤٦٨",
    "2468\n2468",
    "$2468",
    "2468 seconds",
    "true",
    "2468" * 100,
)
NUMBERS = (
    "SPOTSMS_TIMEOUT",
    "SPOTSMS_MAX_RPS",
    "POLL_INTERVAL",
    "POLL_FLOOR",
    "ACTIVATION_TTL",
    "CANCEL_MIN_AGE",
    "DAILY_LIMIT",
    "LOW_BALANCE",
    "MAX_ACTIVE_PER_USER",
    "RETENTION_DAYS",
)
BAD_URLS = (
    "2468",
    "   ",
    "ftp://host/2468",
    "https://",
    "https:///2468",
    "https://host:2468000",
    "https://host:٢٤٦٨",
    "https://host:0",
    "https://[::1",
    "https://ho st/2468",
    "https://host/2468\nhttps://host",
    "https://hóst2468/",
)
BAD_LISTENS = (
    "2468",
    "   ",
    "localhost:",
    "localhost:-1",
    "localhost:246800",
    "localhost:٢٤٦٨",
    "a..b:2468",
    "two words:2468",
    "[::1:2468",
    "::1:2468",
    f"{'a' * 64}:2468",
    "localhost:2468\n",
)
BAD = [
    *[(name, value) for name in NUMBERS for value in BAD_NUMBERS],
    *[(name, "0") for name in ("SPOTSMS_TIMEOUT", "SPOTSMS_MAX_RPS", "ACTIVATION_TTL")],
    *[(name, "0") for name in ("MAX_ACTIVE_PER_USER", "RETENTION_DAYS")],
    *[(name, "2468.5") for name in ("MAX_ACTIVE_PER_USER", "RETENTION_DAYS")],
    ("POLL_INTERVAL", "0.09"),
    ("POLL_INTERVAL", "3601"),
    ("POLL_FLOOR", "0.09"),
    ("POLL_FLOOR", "10.1"),
    ("SPOTSMS_TIMEOUT", "86401"),
    ("DAILY_LIMIT", "1000000"),
    ("MAX_ACTIVE_PER_USER", "100001"),
    ("RETENTION_DAYS", "36501"),
    *[
        ("TELEGRAM_BOT_TOKEN", value)
        for value in ("2468", ":2468", "2468:", "100:TE 2468", "١٠٠:TEST", "100:TEST\n", " ")  # noqa: RUF001
    ],
    *[("SPOTSMS_API_KEY", value) for value in (" ", "2468 2468", "2468\n", "kéy2468", "\udcff")],
    *[
        (name, value)
        for name in ("TELEGRAM_API_URL", "SPOTSMS_API_URL", "WEBHOOK_URL")
        for value in (*BAD_URLS, "https://host/?2468", "https://host/#2468")
    ],
    *[("TELEGRAM_PROXY", value) for value in (*BAD_URLS, "socks5://host:2468")],
    *[(name, value) for name in ("WEBHOOK_LISTEN", "OPS_LISTEN") for value in BAD_LISTENS],
    *[
        ("OWNER_IDS", value)
        for value in ("me", "-2468", "0", "2468;2469", "2468.0", "٢٤٦٨", "24" * 9, "2468\n2469,x")
    ],
    *[
        ("DATABASE_URL", value)
        for value in (
            "2468",
            " ",
            "mysql://u:2468@host/name",
            "sqlite://",
            "sqlite:///",
            "sqlite:///:memory:",
            "sqlite:///2468.db?mode=ro",
            "postgresql://u:2468@host:port/name",
            "postgresql://u:2468@[host/name",
        )
    ],
    *[("ACCESS", value) for value in ("2468", "Approval", " ", "open\n")],
    *[("DEFAULT_LANGUAGE", value) for value in ("2468", "tlh", "EN")],
    *[("WEBHOOK_SECRET", value) for value in ("24 68", "2468\n", "é2468", "2468" * 65)],
    *[("LOG_LEVEL", value) for value in ("2468", "TRACE", "10")],
    *[("LOG_FORMAT", value) for value in ("2468", "xml")],
]


@pytest.fixture(autouse=True)
def _only_good_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)


def complaint() -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings()
    error = caught.value
    shown_with_it = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    assert shown_with_it is None, "a traceback would show the value"
    return str(error)


@pytest.mark.parametrize(("name", "value"), BAD)
def test_a_bad_value_is_refused_by_its_name_without_showing_it(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)

    line = complaint()

    assert line.startswith(f"{name}: ")
    assert len(line) > len(f"{name}: ")
    assert "\n" not in line
    assert MARK not in line


@pytest.mark.parametrize("name", ["TELEGRAM_BOT_TOKEN", "SPOTSMS_API_KEY"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_needed_value_that_is_missing_or_empty_is_called_missing(
    name: str, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name)
    if value is not None:
        monkeypatch.setenv(name, value)

    assert complaint() == f"{name}: missing"


@pytest.mark.parametrize("value", ["", " ", ",", " , "])
def test_approval_without_an_owner_names_the_owners(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OWNER_IDS", value)

    assert complaint() == "OWNER_IDS: needed while ACCESS is approval"


def test_open_access_needs_no_owner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OWNER_IDS")
    monkeypatch.setenv("ACCESS", "open")

    assert load_settings().owner_ids == ()


@given(
    name=st.sampled_from(NAMES),
    value=st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40),
)
@example(name="DATABASE_URL", value="sqlite:///a\ud7ff")
def test_whatever_is_written_is_taken_or_refused_in_one_line(name: str, value: str) -> None:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        load_settings()
    except SettingsError as error:
        line = str(error)
        assert line.startswith((f"{name}: ", "OWNER_IDS: "))
        assert line.splitlines() == [line]
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def test_empty_values_mean_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    before = load_settings()
    for name in set(NAMES) - set(GOOD):
        monkeypatch.setenv(name, "")

    assert load_settings() == before


def test_values_keep_what_was_written(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "OWNER_IDS": " 7, 8 ,9,7",
        "DAILY_LIMIT": "2.50",
        "POLL_INTERVAL": "0.2",
        "POLL_FLOOR": "0.1",
        "DATABASE_URL": "postgresql://user:made-up@host:5432/name?sslmode=require",
        "TELEGRAM_PROXY": "http://user:made-up@proxy:3128",
        "OPS_LISTEN": "[::1]:9090",
    }.items():
        monkeypatch.setenv(name, value)

    settings = load_settings()

    assert settings.owner_ids == (7, 8, 9)
    assert settings.daily_limit == Decimal("2.50")
    assert (settings.poll_interval, settings.poll_floor) == (0.2, 0.1)
    assert settings.database_url.get_secret_value().endswith("sslmode=require")


def test_secrets_are_not_in_the_settings_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:made-up@host/name")
    monkeypatch.setenv("TELEGRAM_PROXY", "http://user:made-up@proxy:3128")
    monkeypatch.setenv("WEBHOOK_SECRET", "made-up")

    text = repr(load_settings())

    assert "made-up" not in text
    assert "TEST" not in text
    assert "test-key" not in text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_env_file_is_read_and_the_environment_goes_first(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPOTSMS_API_KEY")
    monkeypatch.setenv("DAILY_LIMIT", "1")
    text = 'SPOTSMS_API_KEY="key of the file"\nSPOTSMS_API_KEY=file-key # mine\nDAILY_LIMIT=2\n'
    Path(".env").write_text(text, encoding=encoding)

    settings = load_settings()

    assert settings.spotsms_api_key.get_secret_value() == "file-key"
    assert settings.daily_limit == 1


@pytest.mark.parametrize("is_uncommented", [False, True])
def test_the_example_works_once_three_values_are_filled_in(
    is_uncommented: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    example = (Path(__file__).parents[2] / ".env.example").read_text()
    expected = load_settings()
    for name, value in GOOD.items():
        monkeypatch.delenv(name)
        example = example.replace(f"\n{name}=\n", f"\n{name}={value}\n")
    if is_uncommented:
        example = re.sub(r"^#([A-Z_]+=)", r"\1", example, flags=re.MULTILINE)
    Path(".env").write_text(example)

    assert load_settings() == expected


@pytest.mark.parametrize("line", ["DAILY LIMIT=2468", "DAILY_LIMIT", "export DAILY_LIMIT", "=2468"])
def test_a_line_of_the_env_file_that_cannot_be_read_is_named(line: str) -> None:
    Path(".env").write_text(f"ACCESS=open\n{line}\n# a comment\n\n")

    assert complaint() == ".env: line 2 is not NAME=value"


@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_a_dollar_in_the_env_file_is_a_dollar(quote: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SPOTSMS_API_KEY")
    Path(".env").write_text(f"SPOTSMS_API_KEY={quote}a$b${{HOME}}c{quote}\n")

    assert load_settings().spotsms_api_key.get_secret_value() == "a$b${HOME}c"


@pytest.mark.parametrize("name", ["DAILY_LIMITS", "DAYLY_LIMIT", "daily_limt"])
@pytest.mark.parametrize("in_file", [False, True])
def test_a_misspelt_name_is_told_with_the_one_that_is_meant(
    name: str, in_file: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if in_file:
        Path(".env").write_text(f"{name}=2468\n")
    else:
        monkeypatch.setenv(name, MARK)

    [line] = misspelt()

    assert line == f"{name}: no setting has this name; it is ignored. Is DAILY_LIMIT meant?"


def test_what_others_read_from_the_env_file_is_not_misspelt() -> None:
    Path(".env").write_text("DOMAIN=bot.example\nPOSTGRES_PASSWORD=2468\nDaily_Limit=2\n")

    assert list(misspelt()) == []
    assert load_settings().daily_limit == 2


def test_an_env_file_that_is_no_text_is_named() -> None:
    Path(".env").write_bytes(b"ACCESS=\xff\xfe2468\n")

    assert complaint() == ".env: cannot be read (UnicodeDecodeError)"


def test_an_env_file_with_a_bad_value_names_the_variable() -> None:
    Path(".env").write_text("POLL_INTERVAL=2468s\n")

    assert complaint() == "POLL_INTERVAL: not a number such as 10 or 0.5"


@pytest.mark.parametrize(
    ("listen", "parts"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:0", ("::1", 0)),
        (":65535", ("", 65_535)),
        ("bot.internal:80", ("bot.internal", 80)),
    ],
)
def test_an_address_to_listen_on_is_host_and_port(listen: str, parts: tuple[str, int]) -> None:
    assert parse_listen(listen) == parts


def test_without_a_secret_webhooks_get_one_that_stays_and_hides_the_token(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = load_settings().webhook_token
    assert made == load_settings().webhook_token
    assert "TEST" not in made

    monkeypatch.setenv("TELEGRAM_BOT_TOKEN", "100:OTHER")
    assert load_settings().webhook_token != made

    monkeypatch.setenv("WEBHOOK_SECRET", "made-up")
    assert load_settings().webhook_token == "made-up"
