"""A served Telegram sandbox and a plain HTTP client of its Bot API."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from bot.sandbox.serve import serve
from bot.sandbox.telegram import Check, JsonObject, TelegramSandbox

ANN, BOB = 1, 2
GROUP, FORUM = -10, -1001


class Api:
    """Calls methods over HTTP as JSON and gives the whole answer."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self.url = url
        self.session = session

    async def __call__(self, method: str, **params: object) -> JsonObject:
        path = f"{self.url}/bot100:TEST/{method}"
        async with self.session.post(path, json=params) as response:
            answer: JsonObject = await response.json()
            assert response.status == (200 if answer["ok"] else answer["error_code"])
            return answer

    async def result(self, method: str, **params: object) -> Any:  # noqa: ANN401 - depends on the method
        answer = await self(method, **params)
        assert answer["ok"], answer
        return answer["result"]

    async def refusal(self, method: str, **params: object) -> str:
        answer = await self(method, **params)
        assert not answer["ok"], answer
        return str(answer["description"])

    async def updates(self, **params: object) -> list[JsonObject]:
        """Everything that waits, confirmed at once."""
        updates: list[JsonObject] = await self.result("getUpdates", **params)
        if updates:
            await self.result("getUpdates", offset=updates[-1]["update_id"] + 1)
        return updates


@pytest.fixture
async def sandbox(telegram_check: Check) -> AsyncIterator[TelegramSandbox]:
    """Ann and Bob, who have not met the bot; every exchange is checked."""
    sandbox = TelegramSandbox(check=telegram_check)
    sandbox.add_user(ANN, "Ann", "ann")
    sandbox.add_user(BOB, "Bob")
    yield sandbox
    assert sandbox.violations == []


@pytest.fixture
async def url(sandbox: TelegramSandbox) -> AsyncIterator[str]:
    async with serve(sandbox.application()) as url:
        yield url


@pytest.fixture
async def api(url: str) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession() as session:
        yield Api(url, session)


@pytest.fixture
def group(sandbox: TelegramSandbox) -> int:
    """A group with Ann as its creator, Bob and the bot; nothing of that waits for the bot."""
    return _group(sandbox, GROUP, "group")


@pytest.fixture
def forum(sandbox: TelegramSandbox) -> int:
    """A supergroup with topics, with Ann as its creator, Bob and the bot."""
    return _group(sandbox, FORUM, "supergroup")


def _group(sandbox: TelegramSandbox, chat_id: int, kind: Any) -> int:  # noqa: ANN401 - a literal
    sandbox.add_group(chat_id, "Team", kind, is_forum=kind == "supergroup")
    sandbox.join(chat_id, ANN, "creator")
    sandbox.join(chat_id, BOB)
    sandbox.add_bot(chat_id)
    sandbox.updates.clear()
    return chat_id
