"""A group with rules, on either database, against SpotSMS on loopback."""

from collections.abc import AsyncIterator

import pytest

from bot.provider import SpotSms
from bot.sandbox.serve import serve
from bot.sandbox.spotsms import SpotSmsSandbox
from bot.storage.database import Database
from tests.integration.governance.team import Team
from tests.integration.reconcile.shop import KEY


@pytest.fixture
async def team(database: Database) -> AsyncIterator[Team]:
    """Give an approved group of people who buy."""
    sandbox = SpotSmsSandbox(keys={KEY}, balance="50.00")
    sandbox.set_price("0948", "0.25")
    async with (
        serve(sandbox.application()) as url,
        SpotSms(url + sandbox.url_path, KEY, timeout=20) as provider,
    ):
        team = Team(database, sandbox, provider)
        await team.found()
        yield team
