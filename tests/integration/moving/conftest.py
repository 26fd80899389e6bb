"""A SQLite installation that has lived, and the settings of its bot."""

import asyncio
import shutil
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.settings import Settings
from tests.integration.moving.rich import lived


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give the settings of a bot on SQLite; the file is not made yet."""
    return Settings.model_validate(
        {
            "telegram_bot_token": SecretStr("100:TEST"),
            "spotsms_api_key": SecretStr("test-key"),
            "owner_ids": "501",
            "database_url": SecretStr(f"sqlite:///{tmp_path}/bot.db"),
        }
    )


@pytest.fixture(scope="session")
def lived_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the file of an installation that has lived; it is copied, never opened."""
    path = tmp_path_factory.mktemp("lived") / "bot.db"
    asyncio.run(lived(path))
    return path


@pytest.fixture
def source(settings: Settings, lived_file: Path, tmp_path: Path) -> str:
    """Give the URL of the installation, one for each test."""
    shutil.copy(lived_file, tmp_path / "bot.db")
    return settings.database_url.get_secret_value()
