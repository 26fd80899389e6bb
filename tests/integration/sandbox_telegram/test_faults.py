"""Faults on demand, and Telegram's limits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import aiohttp
import pytest

from bot.sandbox.serve import serve
from bot.sandbox.telegram import TelegramFault, TelegramSandbox

if TYPE_CHECKING:
    from tests.integration.sandbox_telegram.conftest import Api

ANN, BOB = 1, 2


@pytest.fixture(autouse=True)
def private_chats(sandbox: TelegramSandbox) -> None:
    sandbox.open_private(ANN)
    sandbox.open_private(BOB)


async def test_a_429_says_how_long_to_wait_and_does_nothing(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sandbox.inject(TelegramFault("sendMessage", "429", retry_after=7))
    answer = await api("sendMessage", chat_id=ANN, text="x")
    assert answer == {
        "ok": False,
        "error_code": 429,
        "description": "Too Many Requests: retry after 7",
        "parameters": {"retry_after": 7},
    }
    assert sandbox.messages_to(ANN) == []
    assert (await api("sendMessage", chat_id=ANN, text="x"))["ok"]


async def test_a_fault_strikes_its_method_and_chat_alone_as_often_as_it_says(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sandbox.inject(TelegramFault("sendMessage", "5xx", chat_id=ANN, times=2))
    assert (await api("getMe"))["ok"]
    assert (await api("sendMessage", chat_id=BOB, text="x"))["ok"]
    codes = [(await api("sendMessage", chat_id=ANN, text="x")).get("error_code") for _ in range(3)]
    assert codes == [502, 502, None]


async def test_a_lasting_fault_strikes_all_until_it_is_cleared(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sandbox.inject(TelegramFault("*", "5xx", times=None, status=500))
    assert await api.refusal("getMe") == "Internal Server Error"
    assert await api.refusal("getUpdates") == "Internal Server Error"
    sandbox.clear_faults()
    assert (await api("getMe"))["ok"]


async def test_drop_does_nothing_and_drop_after_does_it_both_without_an_answer(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sandbox.inject(TelegramFault("sendMessage", "drop"))
    sandbox.inject(TelegramFault("sendMessage", "drop_after"))
    for text in ("lost", "done"):
        with pytest.raises(aiohttp.ServerDisconnectedError):
            await api("sendMessage", chat_id=ANN, text=text)
    assert [message["text"] for message in sandbox.messages_to(ANN)] == ["done"]
    assert [call.error for call in sandbox.calls] == ["no answer", "no answer"]


async def test_a_delay_answers_late_and_a_stall_never(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.inject(TelegramFault("sendMessage", "delay", seconds=0.05))
    begun = asyncio.get_running_loop().time()
    assert (await api("sendMessage", chat_id=ANN, text="x"))["ok"]
    assert asyncio.get_running_loop().time() - begun >= 0.05
    sandbox.inject(TelegramFault("sendMessage", "stall"))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(api("sendMessage", chat_id=ANN, text="y"), 0.1)
    assert [message["text"] for message in sandbox.messages_to(ANN)] == ["x"]


async def test_a_gateway_answers_html(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.inject(TelegramFault("getMe", "html"))
    async with api.session.get(f"{api.url}/bot100:TEST/getMe") as response:
        assert (response.status, response.content_type) == (502, "text/html")
        assert "Bad Gateway" in await response.text()


def test_an_unknown_kind_of_fault_is_refused() -> None:
    with pytest.raises(ValueError, match="unknown kind"):
        TelegramFault("getMe", "fire")  # type: ignore[arg-type]  # that is the point


async def test_enforced_limits_answer_429_in_one_chat_and_let_others_pass() -> None:
    sandbox = TelegramSandbox(enforce_limits=True)
    for user_id in (ANN, BOB):
        sandbox.add_user(user_id, "Somebody")
        sandbox.open_private(user_id)
    async with serve(sandbox.application()) as url, aiohttp.ClientSession() as session:

        async def send(chat_id: int) -> int:
            params = {"chat_id": chat_id, "text": "x"}
            async with session.post(f"{url}/bot100:TEST/sendMessage", json=params) as response:
                return response.status

        assert [await send(ANN) for _ in range(4)] == [200, 200, 200, 429]
        assert await send(BOB) == 200
    assert "retry after 1" in str(sandbox.calls[3].error)
