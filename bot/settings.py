"""Every setting, once: read from the environment or `.env`, checked before anything starts."""

import hashlib
import os
import re
from collections.abc import Iterator
from decimal import Decimal
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from dotenv.parser import Binding, parse_stream
from pydantic import (
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

ENV_FILE = Path(".env")
ENV_ENCODING = "utf-8-sig"  # some editors begin the file with a byte order mark
MISSPELT = 0.8
"""How much of a name must be that of a setting, from 0 to 1, for it to be meant."""


def _is_written_plainly(value: object) -> object:
    """Refuse what Python reads as a number and a person does not: `1_0`, `1e3`, `nan`."""
    if isinstance(value, str) and not re.fullmatch(r"-?\d+(\.\d+)?", value.strip(), re.ASCII):
        raise ValueError("not a number such as 10 or 0.5")
    return value


Plain = BeforeValidator(_is_written_plainly)
Seconds = Annotated[float, Plain, Field(gt=0, le=86_400)]
SecondsOrZero = Annotated[float, Plain, Field(ge=0, le=86_400)]
Interval = Annotated[float, Plain, Field(ge=0.1, le=3600)]
Rate = Annotated[float, Plain, Field(gt=0, le=100_000)]
Dollars = Annotated[Decimal, Plain, Field(ge=0, lt=1_000_000)]
Count = Annotated[int, Plain, Field(ge=1, le=100_000)]
Days = Annotated[int, Plain, Field(ge=1, le=36_500)]


class SettingsError(Exception):
    """A setting is missing or bad; the text is one line that names it and never its value."""


class Access(StrEnum):
    """Who may use the bot: chats that the owner approved, or everybody."""

    APPROVAL = "approval"
    OPEN = "open"


class Settings(BaseSettings):
    """The settings of one installation. Durations are seconds, amounts are US dollars."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore")

    telegram_bot_token: SecretStr
    telegram_api_url: str = "https://api.telegram.org"
    telegram_proxy: SecretStr | None = None
    spotsms_api_key: SecretStr
    spotsms_api_url: str = "https://spotsms.com/api-data.php"
    spotsms_timeout: Seconds = 20.0
    spotsms_max_rps: Rate = 1200.0
    owner_ids: Annotated[tuple[int, ...], NoDecode] = ()
    access: Access = Access.APPROVAL
    database_url: SecretStr = SecretStr("sqlite:///data/bot.db")
    poll_interval: Interval = 10.0
    poll_floor: Interval | None = None
    activation_ttl: Seconds = 1200.0
    cancel_min_age: SecondsOrZero = 0.0
    daily_limit: Dollars = Decimal(10)
    low_balance: Dollars = Decimal(5)
    max_active_per_user: Count = 5
    retention_days: Days = 30
    default_language: Literal["en"] = "en"
    webhook_url: str | None = None
    webhook_listen: str = "127.0.0.1:8080"
    webhook_secret: SecretStr | None = None
    ops_listen: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - it would expand `$`
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no secrets in files
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Give where values come from, the first goes first."""
        written = {name.lower(): value for name, value in read_env_file().items() if value}
        return init_settings, env_settings, InitSettingsSource(settings_cls, written)

    @field_validator("log_level", mode="before")
    @classmethod
    def _in_capitals(cls, value: object) -> object:
        return value.upper() if isinstance(value, str) else value

    @field_validator("telegram_bot_token")
    @classmethod
    def _looks_like_a_token(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"\d+:[\w-]+", value.get_secret_value(), re.ASCII):
            raise ValueError("not of the form that @BotFather gives (digits, a colon, letters)")
        return value

    @field_validator("spotsms_api_key")
    @classmethod
    def _looks_like_a_key(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"[!-~]+", value.get_secret_value()):
            raise ValueError("holds a blank or a character that no key has")
        return value

    @field_validator("telegram_api_url", "spotsms_api_url", "webhook_url")
    @classmethod
    def _is_a_url(cls, value: str | None) -> str | None:
        if value is not None and (not _is_web_address(value) or "?" in value or "#" in value):
            raise ValueError("not a URL such as https://host/path")
        return value

    @field_validator("telegram_proxy")
    @classmethod
    def _is_a_proxy(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not _is_web_address(value.get_secret_value()):
            raise ValueError("not a URL such as http://host:port")
        return value

    @field_validator("owner_ids", mode="before")
    @classmethod
    def _split_by_comma(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not all(re.fullmatch(r"[1-9]\d{0,15}", part, re.ASCII) for part in parts):
            raise ValueError("not Telegram user ids (positive numbers) with commas between them")
        return list(dict.fromkeys(parts))

    @field_validator("database_url")
    @classmethod
    def _is_a_known_database(cls, value: SecretStr) -> SecretStr:
        url = value.get_secret_value()
        is_file = re.fullmatch(r"sqlite:///(?!:memory:)[^\s?#][^?#]*", url)
        if not is_file and not is_postgresql(url):
            raise ValueError("neither sqlite:///path nor postgresql://user@host/name")
        return value

    @field_validator("webhook_listen", "ops_listen")
    @classmethod
    def _is_host_and_port(cls, value: str | None) -> str | None:
        if value is not None:
            parse_listen(value)
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _is_a_secret_that_telegram_takes(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not re.fullmatch(r"[A-Za-z0-9_-]{1,256}", value.get_secret_value()):
            raise ValueError("1 to 256 of A-Z, a-z, 0-9, _ and - (Bot API setWebhook)")
        return value

    @model_validator(mode="after")
    def _somebody_can_approve(self) -> Self:
        if self.access is Access.APPROVAL and not self.owner_ids:
            raise ValueError("OWNER_IDS: needed while ACCESS is approval")
        return self

    @model_validator(mode="after")
    def _floor_is_no_slower_than_the_interval(self) -> Self:
        if self.poll_floor is not None and self.poll_floor > self.poll_interval:
            raise ValueError("POLL_FLOOR: more than POLL_INTERVAL")
        return self

    @property
    def webhook_token(self) -> str:
        """Give the secret that Telegram sends with each webhook: as set, or made from the token."""
        if self.webhook_secret:
            return self.webhook_secret.get_secret_value()
        token = self.telegram_bot_token.get_secret_value()
        return hashlib.sha256(f"webhook:{token}".encode()).hexdigest()


HIGHEST_PORT = 65_535
_LABEL = "[A-Za-z0-9_-]{1,63}"
_LISTEN = re.compile(
    rf"(\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<name>{_LABEL}(\.{_LABEL})*)?):(?P<port>[0-9]{{1,5}})"
)


def parse_listen(value: str) -> tuple[str, int]:
    """Split `host:port` (`127.0.0.1:8080`, `[::1]:8080`, `:8080`).

    Raises:
        ValueError: no port from 0 to 65535 behind the last colon.
    """
    found = _LISTEN.fullmatch(value)
    if not found or int(found["port"]) > HIGHEST_PORT:
        raise ValueError("not of the form host:port")
    return found["ipv6"] or found["name"] or "", int(found["port"])


def is_postgresql(url: str) -> bool:
    """Tell whether it is the URL of a PostgreSQL database."""
    return _has_scheme(url, "postgresql", "postgres")


def load_settings() -> Settings:
    """Read the settings from the environment and `.env`.

    Raises:
        SettingsError: one of them is missing or bad.
    """
    try:
        return Settings()
    except ValidationError as error:
        raise SettingsError(_first_problem(error)) from None
    except (OSError, UnicodeError) as error:
        raise SettingsError(f".env: cannot be read ({type(error).__name__})") from None


def read_env_file() -> dict[str, str]:
    """Give what stands in `.env`, by name and as it stands; nothing where there is none.

    Raises:
        SettingsError: a line cannot be read: skipped, it could be a limit.
        OSError, UnicodeError: the file cannot be read.
    """
    if not ENV_FILE.is_file():
        return {}
    with ENV_FILE.open(encoding=ENV_ENCODING) as lines:
        return dict(_pair(binding) for binding in parse_stream(lines) if not _says_nothing(binding))


def misspelt() -> Iterator[str]:
    """Give a line for each name in `.env` or the environment that looks like one of ours.

    Raises:
        SettingsError, OSError, UnicodeError: as `read_env_file`.
    """
    ours = [name.upper() for name in Settings.model_fields]
    for name in {**os.environ, **read_env_file()}:
        close = get_close_matches(name.upper(), ours, n=1, cutoff=MISSPELT)
        if close and name.upper() not in ours:
            yield f"{name}: no setting has this name; it is ignored. Is {close[0]} meant?"


def _says_nothing(binding: Binding) -> bool:
    """Tell whether it is a comment or an empty line."""
    return binding.key is None and not binding.error


def _pair(binding: Binding) -> tuple[str, str]:
    if binding.error or binding.key is None or binding.value is None:
        raise SettingsError(f".env: line {binding.original.line} is not NAME=value")
    return binding.key, binding.value


def _is_web_address(url: str) -> bool:
    return _has_scheme(url, "http", "https") and bool(urlsplit(url).hostname)


def _has_scheme(url: str, *schemes: str) -> bool:
    """Tell whether it is a URL of one of these schemes, with a port that exists, if any."""
    if not re.fullmatch(r"[!-~]+", url):
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and port != 0


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    text = problem["msg"].removeprefix("Value error, ").splitlines()[0]
    if not problem["loc"]:
        return text
    name = str(problem["loc"][0]).upper()
    return f"{name}: missing" if problem["type"] == "missing" else f"{name}: {text}"
