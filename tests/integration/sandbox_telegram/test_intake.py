"""How updates reach the bot: long poll and webhook."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp
from aiohttp import web

from bot.sandbox.serve import serve

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.sandbox.telegram import JsonObject, TelegramSandbox
    from tests.integration.sandbox_telegram.conftest import Api

ANN = 1


async def _texts(api: Api, **params: object) -> list[str]:
    updates = await api.result("getUpdates", **params)
    return [update["message"]["text"] for update in updates]


async def test_updates_come_again_until_an_offset_confirms_them(
    api: Api, sandbox: TelegramSandbox
) -> None:
    for text in "abc":
        sandbox.say(ANN, ANN, text)
    assert await _texts(api, limit=2) == ["a", "b"]
    first = (await api.result("getUpdates"))[0]["update_id"]
    assert await _texts(api, offset=first + 1) == ["b", "c"]
    assert await _texts(api, offset=-1) == ["c"]
    assert await _texts(api) == ["c"]
    assert await _texts(api, offset=first + 3) == []


async def test_a_long_poll_ends_when_something_comes(api: Api, sandbox: TelegramSandbox) -> None:
    poll = asyncio.create_task(api.result("getUpdates", timeout=30))
    await sandbox.wait_for(lambda: sandbox.updates.polled)
    sandbox.say(ANN, ANN, "hello")
    (update,) = await asyncio.wait_for(poll, 5)
    assert update["message"]["text"] == "hello"


async def test_a_second_consumer_ends_the_first(api: Api, sandbox: TelegramSandbox) -> None:
    first = asyncio.create_task(api("getUpdates", timeout=30))
    await sandbox.wait_for(lambda: sandbox.updates.polled)
    assert await api.result("getUpdates") == []
    answer = await asyncio.wait_for(first, 5)
    assert answer["error_code"] == 409
    assert answer["description"] == (
        "Conflict: terminated by other getUpdates request; "
        "make sure that only one bot instance is running"
    )


async def test_kinds_that_were_not_asked_for_do_not_come(
    api: Api, sandbox: TelegramSandbox
) -> None:
    await api.result("getUpdates", allowed_updates=["callback_query"])
    sandbox.say(ANN, ANN, "unseen")
    assert await api.updates() == []
    await api.result("getUpdates", allowed_updates=[])
    sandbox.say(ANN, ANN, "seen")
    assert len(await api.updates()) == 1


async def test_a_confirmed_update_can_be_delivered_again(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sandbox.say(ANN, ANN, "once")
    (update,) = await api.updates()
    sandbox.redeliver(update["update_id"])
    assert await api.result("getUpdates", offset=update["update_id"] + 1) == [update]
    assert await api.result("getUpdates", offset=update["update_id"] + 1) == []


async def test_a_consumer_that_died_while_polling_loses_nothing(
    api: Api, sandbox: TelegramSandbox
) -> None:
    sandbox.say(ANN, ANN, "once")
    (update,) = await api.updates()
    async with aiohttp.ClientSession() as session:
        path = f"{api.url}/bot100:TEST/getUpdates"
        poll = asyncio.create_task(session.post(path, json={"timeout": 30}).__aenter__())
        await sandbox.wait_for(lambda: sandbox.updates.polled)
        poll.cancel()
    await api.result("getMe")
    sandbox.redeliver(update["update_id"])
    assert await api.result("getUpdates", timeout=5) == [update]


async def test_a_raw_update_is_given_as_it_is(sandbox: TelegramSandbox, url: str) -> None:
    update_id = sandbox.feed({"message": {"text": 5}})
    sandbox.say(ANN, ANN, "next")
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{url}/bot100:TEST/getUpdates") as response,
    ):
        raw, said = (await response.json())["result"]
    assert raw == {"update_id": update_id, "message": {"text": 5}}
    assert said["update_id"] == update_id + 1


class Receiver:
    """A bot's webhook that answers with the given statuses, then with 200."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: asyncio.Queue[tuple[str | None, JsonObject]] = asyncio.Queue()

    async def receive(self, request: web.Request) -> web.Response:
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.got.put_nowait((secret, await request.json()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)

    @asynccontextmanager
    async def serve(self) -> AsyncIterator[str]:
        application = web.Application()
        application.router.add_post("/hook", self.receive)
        async with serve(application) as url:
            yield f"{url}/hook"


async def test_a_webhook_gets_updates_with_its_secret(api: Api, sandbox: TelegramSandbox) -> None:
    receiver = Receiver()
    async with receiver.serve() as url:
        sandbox.say(ANN, ANN, "before")
        await api.result("setWebhook", url=url, secret_token="s3cret_-")
        sandbox.say(ANN, ANN, "after")
        got = [await asyncio.wait_for(receiver.got.get(), 5) for _ in range(2)]
        assert [secret for secret, _ in got] == ["s3cret_-", "s3cret_-"]
        assert [update["message"]["text"] for _, update in got] == ["before", "after"]
        assert (await api.result("getWebhookInfo"))["url"] == url
        assert await api.refusal("getUpdates") == (
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first"
        )
        await api.result("deleteWebhook")
        assert await api.result("getUpdates") == []


async def test_a_failed_delivery_is_repeated(api: Api, sandbox: TelegramSandbox) -> None:
    receiver = Receiver(500, 503)
    async with receiver.serve() as url:
        await api.result("setWebhook", url=url)
        sandbox.say(ANN, ANN, "hello")
        got = [await asyncio.wait_for(receiver.got.get(), 5) for _ in range(3)]
        assert len({update["update_id"] for _, update in got}) == 1
        info = await api.result("getWebhookInfo")
        assert info["last_error_message"] == (
            "Wrong response from the webhook: 503 Service Unavailable"
        )


async def test_a_webhook_that_is_down_gets_its_updates_when_it_is_up(
    api: Api, sandbox: TelegramSandbox
) -> None:
    async with Receiver().serve() as url:
        port = int(url.split(":")[2].split("/")[0])
    await api.result("setWebhook", url=url)
    sandbox.say(ANN, ANN, "hello")
    await sandbox.wait_for(lambda: sandbox.webhook.failure)
    receiver = Receiver()
    application = web.Application()
    application.router.add_post("/hook", receiver.receive)
    async with serve(application, port):
        _, update = await asyncio.wait_for(receiver.got.get(), 5)
    assert update["message"]["text"] == "hello"


async def test_a_webhook_ends_an_open_long_poll(api: Api, sandbox: TelegramSandbox) -> None:
    poll = asyncio.create_task(api("getUpdates", timeout=30))
    await sandbox.wait_for(lambda: sandbox.updates.polled)
    async with Receiver().serve() as url:
        await api.result("setWebhook", url=url)
        answer = await asyncio.wait_for(poll, 5)
        assert answer["description"] == "Conflict: terminated by setWebhook request"


async def test_a_bad_webhook_is_refused(api: Api) -> None:
    assert await api.refusal("setWebhook", url="http://example.org/") == (
        "Bad Request: bad webhook: An HTTPS URL must be provided for webhook"
    )
    assert "unallowed characters" in await api.refusal(
        "setWebhook", url="https://example.org/", secret_token="a b"
    )


async def test_pending_updates_can_be_dropped(api: Api, sandbox: TelegramSandbox) -> None:
    sandbox.say(ANN, ANN, "old")
    await api.result("deleteWebhook", drop_pending_updates=True)
    assert await api.updates() == []
