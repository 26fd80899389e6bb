"""What the provider client does when connections and answers go wrong, over raw sockets."""

import asyncio
import contextlib
import logging
import socket
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from bot.provider import (
    BoughtNumber,
    NotSent,
    OutcomeUnknown,
    ProviderError,
    SpotSms,
    TooFrequent,
)
from bot.provider.transport import NEVER_SENT, exchange, reading_client
from tests.raw_server import (
    FAULTS,
    PATIENCE,
    SOON,
    RawServer,
    ok,
    raw_server,
    replies,
    stall_in_the_body,
)

KEY = "test-key-7f3a"
NUMBER = "+12025550123"


Call = Callable[[SpotSms], Awaitable[object]]
READINGS: dict[str, Call] = {
    "services": lambda client: client.services(),
    "countries": lambda client: client.countries("0003"),
    "balance": lambda client: client.balance(),
    "getMsg": lambda client: client.get_message(NUMBER, "0003", "act-1"),
}
SPENDINGS: dict[str, Call] = {
    "getNumber": lambda client: client.get_number("0003", "us", deadline=SOON),
    "cancelRsActivation": lambda client: client.cancel("act-1"),
}
CALLS = READINGS | SPENDINGS
PATIENT_CALLS = CALLS | {
    "getNumber": lambda client: client.get_number("0003", "us", deadline=PATIENCE)
}


@pytest.fixture
async def server() -> AsyncIterator[RawServer]:
    async with raw_server() as raw:
        raw.url += "/api-data.php"
        yield raw


@pytest.fixture
async def client(server: RawServer) -> AsyncIterator[SpotSms]:
    async with SpotSms(server.url, KEY, timeout=PATIENCE) as opened:
        yield opened


@pytest.fixture
async def hasty(server: RawServer) -> AsyncIterator[SpotSms]:
    async with SpotSms(server.url, KEY, timeout=SOON) as opened:
        yield opened


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", SPENDINGS)
async def test_money_is_asked_for_once_whatever_goes_wrong(
    call: str, fault: str, server: RawServer, hasty: SpotSms
) -> None:
    server.answer = FAULTS[fault]
    with pytest.raises(OutcomeUnknown):
        await SPENDINGS[call](hasty)
    assert (len(server.targets), server.connections) == (1, 1)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", READINGS)
async def test_a_reading_that_goes_wrong_raises_one_of_our_errors(
    call: str, fault: str, server: RawServer, hasty: SpotSms
) -> None:
    server.answer = FAULTS[fault]
    with pytest.raises(OutcomeUnknown):
        await READINGS[call](hasty)
    assert server.targets


async def test_every_purchase_has_a_connection_of_its_own(
    server: RawServer, client: SpotSms
) -> None:
    for count in (1, 2, 3):
        await client.get_number("0003", "us", deadline=PATIENCE)
        assert (len(server.targets), server.connections) == (count, count)
    await asyncio.gather(*(client.get_number("0003", "us", deadline=PATIENCE) for _ in range(20)))
    assert (len(server.targets), server.connections) == (23, 23)


@pytest.mark.parametrize("fault", ["fin", "reset"])
async def test_readings_are_sent_again_when_their_connection_dies_and_purchases_are_not(
    fault: str, server: RawServer, client: SpotSms
) -> None:
    """The reason for two transports: over aiohttp a purchase would have been made twice."""
    await client.balance()
    server.answer = FAULTS[fault]
    with pytest.raises(OutcomeUnknown):
        await client.balance()
    assert len(server.targets) == 1 + 2

    server.answer = ok
    await client.get_number("0003", "us", deadline=PATIENCE)
    server.answer = FAULTS[fault]
    with pytest.raises(OutcomeUnknown):
        await client.get_number("0003", "us", deadline=PATIENCE)
    assert len(server.targets) == 3 + 1 + 1


async def test_over_aiohttp_a_request_that_arrived_looks_as_if_it_had_not(
    server: RawServer,
) -> None:
    """Why `NEVER_SENT` may be believed of plain httpx alone."""
    server.answer = FAULTS["fin"]
    async with reading_client(connections=1) as over_aiohttp:
        with pytest.raises(NotSent):
            await exchange(
                over_aiohttp, server.url, seconds=PATIENCE, max_bytes=9, never_sent=NEVER_SENT
            )
    assert server.targets


async def test_a_refused_connection_is_not_sent(unused_tcp_port: int) -> None:
    async with SpotSms(f"http://127.0.0.1:{unused_tcp_port}/", KEY, timeout=PATIENCE) as client:
        with pytest.raises(NotSent):
            await client.get_number("0003", "us", deadline=PATIENCE)
        with pytest.raises(OutcomeUnknown):
            await client.balance()


async def test_a_connection_that_does_not_come_about_in_time_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, contextlib.ExitStack() as stack:
        for _ in range(2):  # what the backlog takes; the next one is never accepted
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}/"
        async with SpotSms(url, KEY, timeout=SOON) as client:
            with pytest.raises(NotSent):
                await client.get_number("0003", "us", deadline=PATIENCE)


async def test_a_failed_tls_handshake_is_not_sent() -> None:
    async def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"no TLS here")
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as listener:
        url = f"https://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
        async with SpotSms(url, KEY, timeout=PATIENCE) as client:
            with pytest.raises(NotSent):
                await client.get_number("0003", "us", deadline=PATIENCE)


@pytest.mark.parametrize("url", ["", "127.0.0.1", "ftp://127.0.0.1/", "http://[", "http://a:b/"])
async def test_an_address_that_makes_no_sense_is_not_sent(url: str) -> None:
    async with SpotSms(url, KEY, timeout=PATIENCE) as client:
        with pytest.raises(NotSent):
            await client.get_number("0003", "us", deadline=PATIENCE)
        with pytest.raises(ProviderError):
            await client.balance()


@pytest.mark.parametrize("text", ["\ud800", "x" * 70_000])
async def test_what_fits_into_no_address_is_not_sent(
    text: str, server: RawServer, client: SpotSms
) -> None:
    calls: list[Awaitable[object]] = [
        client.get_number(text, "us", deadline=PATIENCE),
        client.get_number("0003", text, deadline=PATIENCE),
        client.get_message(text, "0003", None),
        client.countries(text),
        client.cancel(text),
    ]
    for call in calls:
        with pytest.raises(NotSent):
            await call
    assert server.targets == []


@pytest.mark.parametrize(
    "text", [NUMBER, "1 (2)", "a&apikey=b", "#", "%2B", "%", ";", "ключ", "\x00", "=?/\\", "😀"]
)
async def test_what_is_asked_arrives_as_it_was_meant(
    text: str, server: RawServer, client: SpotSms
) -> None:
    await client.get_message(text, text, text)
    await client.get_number(text, text, deadline=PATIENCE)
    message, purchase = (httpx.URL(target).params for target in server.targets)
    both = {"pid": text, "apikey": KEY}
    assert dict(message) == both | {"action": "getMsg", "pn": text, "rsid": text}
    assert dict(purchase) == both | {"action": "getNumber", "cuy": text, "num": "1"}


async def test_a_query_in_the_address_is_kept(server: RawServer) -> None:
    async with SpotSms(f"{server.url}?lang=en", KEY, timeout=PATIENCE) as client:
        await client.balance()
    assert server.targets[0].startswith("/api-data.php?lang=en&action=balance&")


async def test_a_late_answer_within_the_deadline_counts(server: RawServer, hasty: SpotSms) -> None:
    async def late(raw: RawServer, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(2 * SOON)  # longer than the client's own timeout
        await ok(raw, writer)

    server.answer = late
    bought = await hasty.get_number("0003", "us", deadline=PATIENCE)
    assert bought == BoughtNumber(NUMBER, "act-1", "0003")


async def test_a_catalogue_may_be_longer_than_other_answers(
    server: RawServer, client: SpotSms
) -> None:
    items = ",".join(f'{{"id":"{i}","name":"{"x" * 300}","price":"1"}}' for i in range(4_000))
    server.answer = replies(f'{{"code":200,"data":[{items}]}}'.encode())
    assert len(await client.services()) == 4_000
    with pytest.raises(OutcomeUnknown):
        await client.countries("0003")


@pytest.mark.parametrize(
    "name", ["services", "countries", "getMsg", "getNumber", "cancelRsActivation"]
)
async def test_others_go_on_while_a_large_answer_is_read(
    name: str, server: RawServer, client: SpotSms
) -> None:
    code = 200 if name in READINGS else 404
    server.answer = replies(f'{{"code":{code},"data":[{"1," * 400_000}1]}}'.encode())
    asking = asyncio.create_task(_ended(PATIENT_CALLS[name](client)))
    begin = turn = time.perf_counter()
    longest = 0.0
    while not asking.done():
        await asyncio.sleep(0)
        longest = max(longest, time.perf_counter() - turn)
        turn = time.perf_counter()
    assert longest < (turn - begin) / 2


async def test_too_many_requests_is_understood_whatever_comes_with_it(
    server: RawServer, client: SpotSms
) -> None:
    server.answer = replies(b"<html>slow down</html>", "429 Too Many", "Retry-After: 7")
    with pytest.raises(TooFrequent) as reading:
        await client.get_message(NUMBER, "0003", None)
    assert reading.value.retry_after == 7.0
    with pytest.raises(OutcomeUnknown):  # a page of HTML is no word about a purchase
        await client.get_number("0003", "us", deadline=PATIENCE)


async def test_a_cancelled_task_stays_cancelled_and_hangs_up(
    server: RawServer, client: SpotSms
) -> None:
    server.answer = stall_in_the_body
    task = asyncio.create_task(client.get_number("0003", "us", deadline=PATIENCE))
    await server.asked.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await server.all_left()


async def test_proxies_of_the_environment_are_not_used(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with SpotSms(server.url, KEY, timeout=PATIENCE) as client:
        await client.balance()
        await client.get_number("0003", "us", deadline=PATIENCE)
    assert len(server.targets) == 2


@pytest.mark.parametrize("fault", ["ok", "fin", "reset", "stall", "bad header", "html", "redirect"])
async def test_neither_key_nor_number_is_in_any_log_line_or_traceback(
    fault: str, server: RawServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer = FAULTS.get(fault, ok)
    async with SpotSms(server.url, KEY, timeout=SOON) as client:
        for name, call in CALLS.items():
            try:
                await call(client)
            except ProviderError as error:
                logging.getLogger("test").exception("%s failed", name)
                shown = "".join(traceback.format_exception(error))
                assert KEY not in shown
    assert KEY not in caplog.text
    assert NUMBER[1:] not in caplog.text


async def _ended(call: Awaitable[object]) -> None:
    with contextlib.suppress(ProviderError):
        await call
