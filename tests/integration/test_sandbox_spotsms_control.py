"""The SpotSMS sandbox's control over HTTP has the powers of the object in the process."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import aiohttp
import pytest

from bot.sandbox.serve import serve
from bot.sandbox.spotsms import Fault, SpotSmsSandbox

WHATSAPP = "0948"


@pytest.fixture
def sandbox() -> SpotSmsSandbox:
    return SpotSmsSandbox()


@pytest.fixture
async def http(sandbox: SpotSmsSandbox) -> AsyncIterator[aiohttp.ClientSession]:
    async with (
        serve(sandbox.application()) as url,
        aiohttp.ClientSession(base_url=url) as session,
    ):
        yield session


async def post(http: aiohttp.ClientSession, power: str, **body: object) -> tuple[int, Any]:
    async with http.post(f"/sandbox/{power}", json=body) as answer:
        return answer.status, await answer.json()


async def state(http: aiohttp.ClientSession) -> dict[str, Any]:
    async with http.get("/sandbox/state") as answer:
        described: dict[str, Any] = await answer.json()
        return described


async def test_the_state_tells_the_truth(
    sandbox: SpotSmsSandbox, http: aiohttp.ClientSession
) -> None:
    purchase = sandbox.buy(WHATSAPP, "tr")
    sandbox.send_sms(purchase.number, "123456")
    sandbox.inject(Fault("getMsg", "html"))
    described = await state(http)
    assert (described["balance"], described["charged"]) == ("49.7500", "0.2500")
    assert described["refunded"] == "0"
    [shown] = described["purchases"]
    assert (shown["number"], shown["rs_id"]) == (purchase.number, purchase.rs_id)
    assert (shown["service"], shown["country"], shown["state"]) == ("WhatsApp", "tr", "open")
    assert shown["messages"] == [{"text": "123456", "at": purchase.messages[0][0]}]
    assert [fault["kind"] for fault in described["faults"]] == ["html"]
    assert described["settings"]["number_ttl"] == 1200


async def test_the_state_shows_the_newest_purchases_first(
    sandbox: SpotSmsSandbox, http: aiohttp.ClientSession
) -> None:
    sandbox.set_stock(WHATSAPP, "us", 300)
    sandbox.set_balance("1000")
    for _ in range(201):
        sandbox.buy(WHATSAPP, "us")
    shown = [purchase["number"] for purchase in (await state(http))["purchases"]]
    assert shown == [purchase.number for purchase in sandbox.purchases[:0:-1]]


async def test_the_catalogue_lists_offers_and_the_stock_of_one(http: aiohttp.ClientSession) -> None:
    async with http.get("/sandbox/catalogue", params={"pid": WHATSAPP}) as answer:
        catalogue = await answer.json()
    signal = next(service for service in catalogue["services"] if service["name"] == "Signal")
    assert signal["offers"][0] == {
        "pid": "0411",
        "price": "0.1500",
        "used_pid": "0412",
        "gives_rs_id": True,
    }
    assert {"code": "tr", "name": "Turkey", "calling_code": 90} in catalogue["countries"]
    assert catalogue["stock"]["tr"] == 240


async def test_an_sms_is_sent_to_a_number_or_an_rs_id(
    sandbox: SpotSmsSandbox, http: aiohttp.ClientSession
) -> None:
    purchase = sandbox.buy(WHATSAPP, "us")
    assert await post(http, "sms", number=purchase.number, text="111") == (200, {"text": "111"})
    status, made_up = await post(http, "sms", rs_id=purchase.rs_id)
    assert status == 200
    assert [text for _, text in purchase.messages] == ["111", made_up["text"]]


async def test_money_stock_and_prices_are_set(
    sandbox: SpotSmsSandbox, http: aiohttp.ClientSession
) -> None:
    assert (await post(http, "balance", balance="1.50"))[0] == 200
    assert (await post(http, "stock", pid=WHATSAPP, country="us", count=1))[0] == 200
    assert (await post(http, "price", pid=WHATSAPP, price="0.30"))[0] == 200
    purchase = sandbox.buy(WHATSAPP, "us")
    assert sandbox.balance == Decimal("1.20")
    assert sandbox.catalogue.stock(WHATSAPP)["us"] == 0
    assert (await post(http, "refund", number=purchase.number))[0] == 200
    assert sandbox.refunded == Decimal("0.30")


async def test_a_number_is_made_to_expire(
    sandbox: SpotSmsSandbox, http: aiohttp.ClientSession
) -> None:
    purchase = sandbox.buy(WHATSAPP, "us")
    assert (await post(http, "expire", rs_id=purchase.rs_id))[0] == 200
    assert purchase.state == "expired"


async def test_faults_are_injected_and_cleared(
    sandbox: SpotSmsSandbox, http: aiohttp.ClientSession
) -> None:
    wanted = {"action": "getNumber", "kind": "stall", "times": None, "after_effect": True}
    assert (await post(http, "fault", **wanted))[0] == 200
    [fault] = sandbox.faults.active
    assert (fault.kind, fault.times, fault.after_effect, fault.hits) == ("stall", None, True, 0)
    async with http.delete("/sandbox/fault") as answer:
        assert answer.status == 200
    assert not sandbox.faults.active


async def test_settings_change_while_it_runs(
    sandbox: SpotSmsSandbox, http: aiohttp.ClientSession
) -> None:
    assert (await post(http, "settings", sms_after=[1, 2], keys=["other"]))[0] == 200
    assert (sandbox.sms_after, sandbox.keys) == ((1, 2), {"other"})
    assert sandbox.cancel_limit == 1200
    assert (await state(http))["settings"]["sms_after"] == [1, 2]


@pytest.mark.parametrize(
    ("power", "body", "status", "words"),
    [
        ("sms", {}, 400, "number or rs_id is missing"),
        ("sms", {"number": "+12025550123"}, 404, "+12025550123"),
        ("balance", {"balance": "lots"}, 400, "balance"),
        ("balance", {"balance": "NaN"}, 400, "balance"),
        ("stock", {"pid": "nope", "country": "us", "count": 1}, 404, "nope"),
        ("stock", {"pid": WHATSAPP, "country": "zz", "count": 1}, 404, "zz"),
        ("stock", {"pid": WHATSAPP, "country": "us", "count": -1}, 400, "count"),
        ("price", {"pid": "nope", "price": "1"}, 404, "nope"),
        ("fault", {"kind": "nonsense"}, 400, "kind"),
        ("fault", {"kind": "code"}, 400, "needs a code"),
        ("fault", {"kind": "delay", "seconds": "soon"}, 400, "seconds"),
        ("settings", {"colour": "red"}, 400, "colour"),
    ],
)
async def test_what_cannot_be_done_is_explained(
    http: aiohttp.ClientSession, power: str, body: dict[str, Any], status: int, words: str
) -> None:
    answered, explanation = await post(http, power, **body)
    assert answered == status
    assert words in explanation["error"]


async def test_a_body_that_is_no_json_is_explained(http: aiohttp.ClientSession) -> None:
    async with http.post("/sandbox/balance", data=b"{") as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://example.com", 403), ("null", 403), ("http://127.0.0.1:8080", 200)],
)
async def test_pages_of_other_sites_are_refused(
    http: aiohttp.ClientSession, origin: str, status: int
) -> None:
    async with http.get("/sandbox/state", headers={"Origin": origin}) as answer:
        assert answer.status == status


class Events:
    """What a websocket has told, in order."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket

    async def next(self, kind: str) -> dict[str, Any]:
        async with asyncio.timeout(5):
            while True:
                event: dict[str, Any] = await self._socket.receive_json()
                if event["type"] == kind:
                    return event


async def test_events_tell_the_state_at_once_and_after_every_change(
    sandbox: SpotSmsSandbox, http: aiohttp.ClientSession
) -> None:
    async with http.ws_connect("/sandbox/events") as socket:
        events = Events(socket)
        assert (await events.next("state"))["state"]["purchases"] == []
        purchase = sandbox.buy(WHATSAPP, "us")
        assert (await events.next("state"))["state"]["purchases"][0]["number"] == purchase.number
        sandbox.send_sms(purchase.number, "42")
        told = (await events.next("state"))["state"]["purchases"][0]["messages"]
        assert [message["text"] for message in told] == ["42"]


async def test_events_tell_calls_as_they_come(
    sandbox: SpotSmsSandbox, http: aiohttp.ClientSession
) -> None:
    async with http.ws_connect("/sandbox/events") as socket:
        events = Events(socket)
        await events.next("state")
        async with http.get(sandbox.url_path, params={"action": "balance", "apikey": "test-key"}):
            told = (await events.next("call"))["call"]
    assert (told["n"], told["action"], told["code"], told["fault"]) == (1, "balance", 200, None)
    assert "test-key" not in str(told)


async def test_events_tell_a_late_answer_once_more(
    sandbox: SpotSmsSandbox, http: aiohttp.ClientSession
) -> None:
    sandbox.inject(Fault("balance", "delay", seconds=0.3))
    async with http.ws_connect("/sandbox/events") as socket:
        events = Events(socket)
        await events.next("state")
        async with http.get(sandbox.url_path, params={"action": "balance", "apikey": "test-key"}):
            first, second = await events.next("call"), await events.next("call")
    assert [first["call"]["code"], second["call"]["code"]] == [None, 200]
    assert first["call"]["n"] == second["call"]["n"]


async def test_many_changes_make_few_events(
    sandbox: SpotSmsSandbox, http: aiohttp.ClientSession
) -> None:
    async with http.ws_connect("/sandbox/events") as socket:
        events = Events(socket)
        await events.next("state")
        for cents in range(100):
            sandbox.set_balance(f"0.{cents:02d}")
        seen = [(await events.next("state"))["state"]["balance"]]
        while seen[-1] != "0.99":
            seen.append((await events.next("state"))["state"]["balance"])
    assert len(seen) < 5
