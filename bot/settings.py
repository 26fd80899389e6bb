"""Every setting, once: read from the environment or `.env`, checked before anything starts."""

import hashlib
import re
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Dollars = Annotated[Decimal, Field(ge=0, lt=1_000_000, allow_inf_nan=False)]


class SettingsError(Exception):
    """A setting is missing or bad; the text is one line that names it and never its value."""


class Access(StrEnum):
    """Who may use the bot: chats that the owner approved, or everybody."""

    APPROVAL = "approval"
    OPEN = "open"


class Settings(BaseSettings):
    """The settings of one installation. Durations are seconds, amounts are US dollars."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", env_ignore_empty=True, extra="ignore"
    )

    telegram_bot_token: SecretStr
    telegram_api_url: str = "https://api.telegram.org"
    telegram_proxy: SecretStr | None = None
    spotsms_api_key: SecretStr
    spotsms_api_url: str = "https://spotsms.com/api-data.php"
    spotsms_timeout: Seconds = 20.0
    spotsms_max_rps: Annotated[float, Field(gt=0, le=100_000, allow_inf_nan=False)] = 1000.0
    owner_ids: Annotated[tuple[int, ...], NoDecode] = ()
    access: Access = Access.APPROVAL
    database_url: SecretStr = SecretStr("sqlite:///data/bot.db")
    poll_interval: Annotated[float, Field(ge=0.1, le=3600, allow_inf_nan=False)] = 10.0
    activation_ttl: Seconds = 1200.0
    cancel_min_age: Annotated[float, Field(ge=0, le=86_400, allow_inf_nan=False)] = 0.0
    daily_limit: Dollars = Decimal(10)
    low_balance: Dollars = Decimal(5)
    max_active_per_user: Annotated[int, Field(ge=1, le=100_000)] = 5
    retention_days: Annotated[int, Field(ge=1, le=36_500)] = 30
    default_language: Literal["en"] = "en"
    webhook_url: str | None = None
    webhook_listen: str = "127.0.0.1:8080"
    webhook_secret: SecretStr | None = None
    ops_listen: str | None = None
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["text", "json"] = "text"

    @field_validator("telegram_bot_token")
    @classmethod
    def _looks_like_a_token(cls, value: SecretStr) -> SecretStr:
        if not re.fullmatch(r"\d+:[\w-]+", value.get_secret_value(), re.ASCII):
            raise ValueError("not of the form that @BotFather gives (digits, a colon, letters)")
        return value

    @field_validator("spotsms_api_key")
    @classmethod
    def _has_a_key(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().strip():
            raise ValueError("empty")
        return value

    @field_validator("telegram_api_url", "spotsms_api_url", "webhook_url")
    @classmethod
    def _is_a_url(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"https?://[^\s/?#]+[^\s?#]*", value):
            raise ValueError("not an http(s) URL")
        return value

    @field_validator("owner_ids", mode="before")
    @classmethod
    def _split_by_comma(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        parts = [part.strip() for part in value.split(",") if part.strip()]
        if not all(re.fullmatch(r"[1-9]\d{0,18}", part, re.ASCII) for part in parts):
            raise ValueError("not Telegram user ids (positive numbers) with commas between them")
        return parts

    @field_validator("database_url")
    @classmethod
    def _is_a_known_database(cls, value: SecretStr) -> SecretStr:
        if not re.match(r"(sqlite:///.|postgres(ql)?://.)", value.get_secret_value()):
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

    @property
    def webhook_token(self) -> str:
        """Give the secret that Telegram sends with each webhook: as set, or made from the token."""
        if self.webhook_secret:
            return self.webhook_secret.get_secret_value()
        token = self.telegram_bot_token.get_secret_value()
        return hashlib.sha256(f"webhook:{token}".encode()).hexdigest()


def parse_listen(value: str) -> tuple[str, int]:
    """Split `host:port` (`127.0.0.1:8080`, `[::1]:8080`, `:8080`).

    Raises:
        ValueError: no port from 0 to 65535 behind the last colon.
    """
    host, colon, port = value.rpartition(":")
    if not colon or not re.fullmatch(r"\d{1,5}", port, re.ASCII) or int(port) > 65_535:  # noqa: PLR2004 - the highest port there is
        raise ValueError("not of the form host:port")
    return host.strip("[]"), int(port)


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


def _first_problem(error: ValidationError) -> str:
    problem = error.errors(include_input=False, include_url=False)[0]
    text = problem["msg"].removeprefix("Value error, ").splitlines()[0]
    if not problem["loc"]:
        return text
    name = str(problem["loc"][0]).upper()
    return f"{name}: missing" if problem["type"] == "missing" else f"{name}: {text}"
