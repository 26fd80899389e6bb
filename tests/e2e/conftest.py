"""The fixture of all tests that run the real process."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.sandbox.telegram import Check
from tests.e2e.installation import Installation, installed
from tests.environment import KEY, TOKEN
from tests.launcher import Launcher


@pytest.fixture
async def installation(
    tmp_path: Path, telegram_check: Check, launcher: Launcher
) -> AsyncIterator[Installation]:
    """Give an installation; at the end nothing may have broken the Bot API's rules or leaked."""
    async with installed(tmp_path, telegram_check, launcher) as one:
        yield one
        log = one.log()
        violations = list(one.telegram.violations)
    assert not violations, violations
    assert "Traceback" not in log, log
    for secret in (TOKEN, KEY, *(purchase.number for purchase in one.spotsms.purchases)):
        assert secret not in log
        assert secret.lstrip("+") not in log
