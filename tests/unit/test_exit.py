"""The exit status tells a supervisor whether starting again may help."""

from typing import NoReturn

import pytest

from bot import app, cli
from bot.app import PartEnded
from bot.chat.retry import TokenRefusedError
from bot.ops import StartError
from bot.storage.database import InUse, StorageError, Unavailable


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Unavailable("DATABASE_URL: the server is starting up"), 1),
        (InUse("DATABASE_URL: another process is using this file"), 1),
        (PartEnded("a part of the bot ended by itself"), 1),
        (StorageError("DATABASE_URL: unable to open"), 2),
        (StartError("OPS_LISTEN: cannot listen"), 2),
        (TokenRefusedError("TELEGRAM_BOT_TOKEN: refused"), 2),
    ],
)
def test_what_may_mend_itself_ends_with_one_and_what_is_set_wrong_with_two(
    error: Exception, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(app, "run_bot", fail)
    monkeypatch.setattr(cli, "_settings", lambda: None)
    with pytest.raises(SystemExit) as ended:
        cli.run()
    assert ended.value.code == status
