"""The SpotSMS sandbox over HTTP: it answers as spotsms-api.txt says, and fails as it is told to."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from decimal import Decimal
from typing import Any

import httpx
import pytest

from bot.sandbox.serve import serve
from bot.sandbox.spotsms import FAULT_KINDS, Fault, FaultKind, SpotSmsSandbox

Get = Callable[..., Awaitable[httpx.Response]]
WHATSAPP = "0948"
TLS = ssl.create_default_context()  # unused; building one for each client takes longest


def make_client() -> httpx.AsyncClient:
    return httpx.AsyncClient(trust_env=False, verify=TLS)


@pytest.fixture
def sandbox() -> SpotSmsSandbox:
    return SpotSmsSandbox()


@pytest.fixture
async def get(sandbox: SpotSmsSandbox) -> AsyncIterator[Get]:
    async with serve(sandbox.application()) as url, make_client() as client:

        async def send(action: str, **params: str) -> httpx.Response:
            query = {"action": action, "apikey": "test-key"} | params
            return await client.get(url + sandbox.url_path, params=query)

        yield send


async def buy(get: Get, pid: str = WHATSAPP) -> dict[str, Any]:
    answer: dict[str, Any] = (await get("getNumber", pid=pid, cuy="us", num="1")).json()
    return answer


async def look(get: Get, bought: dict[str, Any]) -> dict[str, Any]:
    ask = {"pn": bought["data"], "pid": bought["pidUsed"], "rsid": bought.get("rsId", "")}
    answer: dict[str, Any] = (await get("getMsg", **ask)).json()
    return answer


async def test_services_are_listed_as_documented(get: Get) -> None:
    answer = (await get("services")).json()
    assert answer["code"] == 200
    assert {
        "id": "0003",
        "name": "Microsoft",
        "price": "0.0882",
        "operators": [{"pid": "0003", "price": "0.0882"}],
    } in answer["data"]
    uber = next(service for service in answer["data"] if service["name"] == "Uber")
    assert uber == {"id": "0630", "name": "Uber", "price": "0.1000"}


async def test_countries_are_listed_as_documented(get: Get) -> None:
    answer = (await get("countries", pid="0003")).json()
    assert answer["code"] == 200
    assert {
        "code": "us",
        "name": "United States",
        "count": 150,
        "flag": "https://flagcdn.com/w80/us.png",
    } in answer["data"]
    assert 0 in [country["count"] for country in answer["data"]]


async def test_a_service_id_lists_the_countries_of_its_first_offer(
    sandbox: SpotSmsSandbox, get: Get
) -> None:
    service = next(
        service
        for service in sandbox.catalogue.services.values()
        if service.id not in [offer.pid for offer in service.offers]
    )
    first = service.offers[0].pid
    assert (await get("countries", pid=service.id)).json() == (
        await get("countries", pid=first)
    ).json()


async def test_a_number_is_bought_its_sms_read_and_the_balance_shows_it(
    sandbox: SpotSmsSandbox, get: Get
) -> None:
    bought = await buy(get)
    assert bought["code"] == 200
    assert bought["pidUsed"] == WHATSAPP
    assert await look(get, bought) == {"code": 404, "msg": "No SMS yet"}
    sandbox.send_sms(bought["rsId"], "123456")
    assert await look(get, bought) == {"code": 200, "data": "123456"}
    assert (await get("balance")).json() == {"code": 200, "balance": "49.75"}
    assert sandbox.purchases[0].polls == 2


async def test_a_cancelled_number_gives_the_money_back(get: Get) -> None:
    bought = await buy(get)
    assert (await get("cancelRsActivation", rsid=bought["rsId"])).json()["code"] == 200
    assert (await get("balance")).json()["balance"] == "50.00"
    assert (await get("cancelRsActivation", rsid=bought["rsId"])).json()["code"] == 404


async def test_a_number_without_rs_id_is_polled_without(sandbox: SpotSmsSandbox, get: Get) -> None:
    bought = await buy(get, pid="0520")
    assert "rsId" not in bought
    sandbox.send_sms(bought["data"], "4321")
    assert (await look(get, bought))["data"] == "4321"


async def test_an_unescaped_plus_does_not_find_the_number(get: Get) -> None:
    bought = await buy(get)
    with_space = bought | {"data": bought["data"].replace("+", " ")}
    assert await look(get, with_space) == {"code": 404, "msg": "Resource not found"}


@pytest.mark.parametrize("key", ["", "wrong"])
async def test_a_wrong_key_gets_nothing_done(sandbox: SpotSmsSandbox, get: Get, key: str) -> None:
    answer = await get("getNumber", pid=WHATSAPP, cuy="us", num="1", apikey=key)
    assert answer.json() == {"code": 401, "msg": "Invalid or missing API key"}
    assert not sandbox.purchases


async def test_a_key_may_be_withdrawn(sandbox: SpotSmsSandbox, get: Get) -> None:
    sandbox.keys.clear()
    assert (await get("balance")).json()["code"] == 401


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"action": "nonsense"}, 404),
        ({"action": "getNumber"}, 404),
        ({"action": "getNumber", "pid": WHATSAPP, "cuy": "us", "num": "2"}, 400),
        ({"action": "getMsg"}, 404),
        ({"action": "cancelRsActivation"}, 404),
        ({"action": "countries"}, 404),
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(
    sandbox: SpotSmsSandbox, get: Get, params: dict[str, str], code: int
) -> None:
    assert (await get(**params)).json()["code"] == code
    assert not sandbox.purchases


@pytest.mark.parametrize(("mirror", "status"), [(False, 200), (True, 404)])
async def test_the_http_status_mirrors_the_code_only_if_asked_to(
    sandbox: SpotSmsSandbox, get: Get, mirror: bool, status: int
) -> None:
    sandbox.mirror_status = mirror
    assert (await get("getMsg")).status_code == status


async def test_calls_are_logged_without_the_key(sandbox: SpotSmsSandbox, get: Get) -> None:
    await buy(get)
    await get("balance")
    first, second = sandbox.calls
    assert first.params == {"action": "getNumber", "pid": WHATSAPP, "cuy": "us", "num": "1"}
    assert (first.n, first.action, first.code, first.fault) == (1, "getNumber", 200, None)
    assert second.connection == first.connection
    assert sandbox.calls_of("balance") == [second]


async def test_two_connections_are_told_apart(sandbox: SpotSmsSandbox) -> None:
    async with serve(sandbox.application()) as url:
        for _ in range(2):
            async with make_client() as client:
                await client.get(url + sandbox.url_path)
    assert len({call.connection for call in sandbox.calls}) == 2


async def test_a_scheduled_sms_arrives_while_nobody_looks() -> None:
    sandbox = SpotSmsSandbox(sms_after=(0.01, 0.02))
    async with serve(sandbox.application()):
        purchase = sandbox.buy(WHATSAPP, "us")
        assert await sandbox.wait_for(lambda: purchase.messages)


async def test_waiting_for_what_does_not_happen_ends(sandbox: SpotSmsSandbox) -> None:
    with pytest.raises(TimeoutError):
        await sandbox.wait_for(lambda: sandbox.purchases, timeout=0.01)


# Faults: what the caller sees, and what was done.

ERRORS: dict[str, type[Exception]] = {
    "stall": httpx.RemoteProtocolError,
    "reset": httpx.ReadError,
    "drop": httpx.RemoteProtocolError,
    "cut": httpx.RemoteProtocolError,
    "cut_headers": httpx.RemoteProtocolError,
}


def make_fault(kind: FaultKind, *, after_effect: bool) -> Fault:
    return Fault("getNumber", kind, seconds=0.01, after_effect=after_effect, code=906)


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("kind", FAULT_KINDS)
async def test_a_fault_strikes_before_or_after_the_money_moved(
    sandbox: SpotSmsSandbox, get: Get, kind: FaultKind, after_effect: bool
) -> None:
    known = await buy(get)
    fault = sandbox.inject(make_fault(kind, after_effect=after_effect))
    if kind in ERRORS:
        with pytest.raises(ERRORS[kind]):
            await buy(get)
    else:
        await get("getNumber", pid=WHATSAPP, cuy="us", num="1")
    charged_again = after_effect or kind == "delay"
    assert sandbox.charged == Decimal("0.25") * (1 + charged_again)
    assert len(sandbox.purchases) == 1 + charged_again
    assert (fault.hits, sandbox.calls[-1].fault) == (1, kind)
    assert (await buy(get))["rsId"] != known["rsId"]


@pytest.mark.parametrize(
    ("kind", "seen"),
    [
        ("delay", '{"code": 200, "data": "+1'),
        ("html", "<!DOCTYPE html>"),
        ("http500", "Internal Server Error"),
        ("code", '{"code": 906, "msg": "No numbers"}'),
        ("no_number", '{"code": 200}'),
        ("huge", "AAAA"),
        ("half_json", '{"code": 200, "data"'),
    ],
)
async def test_a_fault_answers_in_its_own_way(
    sandbox: SpotSmsSandbox, get: Get, kind: FaultKind, seen: str
) -> None:
    sandbox.inject(make_fault(kind, after_effect=True))
    answer = await get("getNumber", pid=WHATSAPP, cuy="us", num="1")
    assert answer.text.startswith(seen)
    assert answer.status_code == (500 if kind == "http500" else 200)


async def test_half_json_and_garbage_cannot_be_decoded(sandbox: SpotSmsSandbox, get: Get) -> None:
    for kind in ("half_json", "garbage", "empty", "huge", "html"):
        sandbox.inject(make_fault(kind, after_effect=True))
        answer = await get("getNumber", pid=WHATSAPP, cuy="us", num="1")
        with pytest.raises(ValueError, match=r"."):
            answer.json()


async def test_the_huge_answer_is_larger_than_a_megabyte(sandbox: SpotSmsSandbox, get: Get) -> None:
    sandbox.inject(Fault("balance", "huge"))
    assert len((await get("balance")).content) > 1 << 20


async def test_a_redirect_leads_back_to_the_same_request(sandbox: SpotSmsSandbox, get: Get) -> None:
    sandbox.inject(Fault("balance", "redirect"))
    answer = await get("balance")
    assert answer.status_code == 302
    assert answer.headers["Location"] == answer.request.url.raw_path.decode()


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_known_rs_id_is_given_out_again(
    sandbox: SpotSmsSandbox, get: Get, after_effect: bool
) -> None:
    known = await buy(get)
    sandbox.inject(make_fault("known_rsid", after_effect=after_effect))
    answer = await buy(get)
    assert answer["rsId"] == known["rsId"]
    assert (answer["data"] == known["data"]) is not after_effect


async def test_a_fault_strikes_its_action_as_often_as_told(
    sandbox: SpotSmsSandbox, get: Get
) -> None:
    sandbox.inject(Fault("balance", "code", times=2, code=401))
    assert (await get("getMsg")).json()["code"] == 404
    codes = [(await get("balance")).json()["code"] for _ in range(3)]
    assert codes == [401, 401, 200]


async def test_a_fault_without_end_strikes_until_it_is_cleared(
    sandbox: SpotSmsSandbox, get: Get
) -> None:
    sandbox.inject(Fault("*", "code", times=None, code=500))
    for _ in range(3):
        assert (await get("balance")).json()["code"] == 500
    sandbox.clear_faults()
    assert (await get("balance")).json()["code"] == 200


async def test_a_fault_may_be_left_to_chance(sandbox: SpotSmsSandbox, get: Get) -> None:
    fault = sandbox.inject(Fault("*", "code", times=None, code=500, probability=0.5))
    codes = [(await get("balance")).json()["code"] for _ in range(60)]
    assert codes.count(500) == fault.hits
    assert 10 < fault.hits < 50


async def test_a_stalled_purchase_is_charged_while_the_caller_waits(
    sandbox: SpotSmsSandbox, get: Get
) -> None:
    sandbox.inject(Fault("getNumber", "stall", after_effect=True))
    waiting = asyncio.create_task(buy(get))
    await sandbox.wait_for(lambda: sandbox.purchases)
    assert not waiting.done()
    waiting.cancel()


async def test_a_slow_purchase_is_made_though_the_caller_has_gone(
    sandbox: SpotSmsSandbox, get: Get
) -> None:
    sandbox.inject(Fault("getNumber", "delay", seconds=0.1))
    waiting = asyncio.create_task(buy(get))
    await sandbox.wait_for(lambda: sandbox.calls)
    waiting.cancel()
    assert not sandbox.purchases
    assert await sandbox.wait_for(lambda: sandbox.charged) == Decimal("0.25")


async def test_the_server_stops_at_once_though_a_handler_stalls(sandbox: SpotSmsSandbox) -> None:
    sandbox.inject(Fault("*", "stall"))
    async with make_client() as client:
        async with serve(sandbox.application()) as url:
            waiting = asyncio.create_task(client.get(url + sandbox.url_path))
            await sandbox.wait_for(lambda: sandbox.calls)
            leaving = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - leaving < 1
        with pytest.raises(httpx.HTTPError):
            await waiting


@pytest.mark.parametrize("fields", [{"kind": "nonsense"}, {"kind": "code"}])
def test_a_fault_that_cannot_be_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="kind"):
        Fault(**fields)
