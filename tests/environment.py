"""What a real bot between two stand-ins finds in its environment."""

import os
from pathlib import Path

ROOT = Path(__file__).parents[1]
TOKEN, KEY, OWNER = "100:TEST-not-a-token", "test-key-of-nobody", 501


def bot_environment(telegram_url: str, spotsms_url: str, **settings: object) -> dict[str, str]:
    """Give the settings of a bot between two stand-ins; those named come on top."""
    own = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "TELEGRAM_BOT_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram_url,
        "SPOTSMS_API_KEY": KEY,
        "SPOTSMS_API_URL": f"{spotsms_url}/api-data.php",
        "OWNER_IDS": str(OWNER),
        "ACCESS": "open",
        "DATABASE_URL": "sqlite:///bot.db",
    }
    return own | {name.upper(): str(value) for name, value in settings.items()}
