"""The provider client against a SpotSMS on loopback: its documented life, and its faults."""

from collections.abc import AsyncIterator

import pytest

from bot.provider import (
    Balance,
    Declined,
    InsufficientBalance,
    NoNumbers,
    NotFound,
    OutcomeUnknown,
    SpotSms,
    TooEarly,
    TooFrequent,
    Unauthorized,
)
from bot.sandbox.serve import serve
from bot.sandbox.spotsms import Fault, FaultKind, SpotSmsSandbox

PATIENCE = 10.0  # seconds; what takes longer fails the test
SOON = 0.2  # seconds; how long a silent provider is waited for

MISLEADING: list[FaultKind] = [
    *("reset", "drop", "cut", "cut_headers", "half_json", "html", "empty", "http500"),
    *("garbage", "huge", "redirect", "no_number", "stall"),
]


@pytest.fixture(params=[False, True], ids=["body codes", "http statuses"])
async def sandbox(request: pytest.FixtureRequest) -> SpotSmsSandbox:
    return SpotSmsSandbox(balance="5.00", mirror_status=request.param)


@pytest.fixture
async def client(sandbox: SpotSmsSandbox) -> AsyncIterator[SpotSms]:
    async with (
        serve(sandbox.application()) as url,
        SpotSms(url + sandbox.url_path, "test-key", timeout=PATIENCE) as opened,
    ):
        yield opened


async def an_offer(client: SpotSms) -> tuple[str, str]:
    """Give the pid of an offer that can be paid for, and a country that has numbers."""
    for service in await client.services():
        stocked = [one for one in await client.countries(service.cheapest.pid) if one.count]
        if stocked:
            return service.cheapest.pid, stocked[0].code
    raise AssertionError("the sandbox sells nothing")


async def test_a_number_is_bought_gets_its_code_and_is_paid_once(
    sandbox: SpotSmsSandbox, client: SpotSms
) -> None:
    pid, country = await an_offer(client)
    bought = await client.get_number(pid, country, deadline=PATIENCE)
    assert [sold.number for sold in sandbox.purchases] == [bought.number]
    assert (bought.rs_id, bought.pid_used) == (
        sandbox.purchases[0].rs_id,
        sandbox.purchases[0].pid,
    )
    assert await client.get_message(bought.number, bought.pid_used, bought.rs_id) is None
    sandbox.send_sms(bought.number, "Your code is 637-322")
    message = await client.get_message(bought.number, bought.pid_used, bought.rs_id)
    assert message == "Your code is 637-322"
    left = await client.balance()
    assert left.step == 10_000
    assert abs(left.micros - int(sandbox.balance * 1_000_000)) < left.step


async def test_the_whole_catalogue_can_be_read(sandbox: SpotSmsSandbox, client: SpotSms) -> None:
    services = await client.services()
    assert [service.id for service in services] == list(sandbox.catalogue.services)
    assert any(len(service.offers) > 1 for service in services)
    countries = await client.countries(services[0].id)
    assert len({country.code for country in countries}) == len(countries) > 1


async def test_a_cancelled_number_is_refunded(sandbox: SpotSmsSandbox, client: SpotSms) -> None:
    sold = sandbox.buy(*await an_offer(client))
    assert sold.rs_id
    await client.cancel(sold.rs_id)
    assert sold.state == "cancelled"
    assert await client.balance() == Balance(5_000_000, 10_000)


async def test_a_cancel_may_come_too_early_or_too_late(
    sandbox: SpotSmsSandbox, client: SpotSms
) -> None:
    offer = await an_offer(client)
    sandbox.cancel_min_age = 120.0
    young = sandbox.buy(*offer)
    assert young.rs_id
    with pytest.raises(TooEarly) as early:
        await client.cancel(young.rs_id)
    assert early.value.retry_after is not None
    assert 110 <= early.value.retry_after <= 121

    sandbox.cancel_min_age = sandbox.cancel_limit = 0.0
    with pytest.raises(Declined) as late:
        await client.cancel(young.rs_id)
    assert not isinstance(late.value, TooEarly)
    with pytest.raises(NotFound):
        await client.cancel("no-such-activation")
    assert young.state == "open"


async def test_a_purchase_is_refused_for_a_reason(sandbox: SpotSmsSandbox, client: SpotSms) -> None:
    pid, country = await an_offer(client)
    sandbox.set_balance("0.00")
    with pytest.raises(InsufficientBalance):
        await client.get_number(pid, country, deadline=PATIENCE)
    sandbox.set_stock(pid, country, 0)
    with pytest.raises(NoNumbers):
        await client.get_number(pid, country, deadline=PATIENCE)
    sandbox.inject(Fault("getNumber", "code", code=409))
    with pytest.raises(TooFrequent):
        await client.get_number(pid, country, deadline=PATIENCE)
    assert sandbox.purchases == []


async def test_a_wrong_key_is_told_from_everything_else(
    sandbox: SpotSmsSandbox, client: SpotSms
) -> None:
    sandbox.keys.clear()
    for call in (
        client.services(),
        client.countries("0003"),
        client.balance(),
        client.get_number("0003", "us", deadline=PATIENCE),
        client.get_message("+12025550123", "0003", "act-1"),
        client.cancel("act-1"),
    ):
        with pytest.raises(Unauthorized):
            await call


async def test_polls_that_come_too_often_are_told_so(
    sandbox: SpotSmsSandbox, client: SpotSms
) -> None:
    sold = sandbox.buy(*await an_offer(client))
    sandbox.min_poll_gap = 60.0
    await client.get_message(sold.number, sold.pid, sold.rs_id)
    with pytest.raises(TooFrequent):
        await client.get_message(sold.number, sold.pid, sold.rs_id)


@pytest.mark.parametrize("code", [404, 906, 908, 402, 777])
async def test_a_poll_waits_on_and_logs_a_code_that_nobody_documented_once(
    code: int, sandbox: SpotSmsSandbox, client: SpotSms, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.mirror_status = False  # 777 is no HTTP status
    sandbox.inject(Fault("getMsg", "code", code=code, times=None))
    for _ in range(3):
        assert await client.get_message("+12025550123", "0003", "act-1") is None
    assert len(caplog.records) == (0 if code in {404, 906, 908} else 1)


@pytest.mark.parametrize("charged", [False, True], ids=["not charged", "charged"])
@pytest.mark.parametrize("kind", MISLEADING)
async def test_a_purchase_whose_answer_is_lost_is_unknown_and_was_asked_for_once(
    kind: FaultKind, charged: bool, sandbox: SpotSmsSandbox, client: SpotSms
) -> None:
    pid, country = await an_offer(client)
    sandbox.inject(Fault("getNumber", kind, after_effect=charged, times=None))
    with pytest.raises(OutcomeUnknown):
        await client.get_number(pid, country, deadline=SOON if kind == "stall" else PATIENCE)
    assert len(sandbox.calls_of("getNumber")) == 1
    assert len(sandbox.purchases) == charged


@pytest.mark.parametrize("code", [500, 502])
async def test_a_server_error_leaves_the_outcome_unknown(
    code: int, sandbox: SpotSmsSandbox, client: SpotSms
) -> None:
    pid, country = await an_offer(client)
    sandbox.inject(Fault("getNumber", "code", code=code, after_effect=True))
    with pytest.raises(OutcomeUnknown):
        await client.get_number(pid, country, deadline=PATIENCE)
    assert len(sandbox.purchases) == 1


async def test_a_lost_cancel_can_be_asked_for_again(
    sandbox: SpotSmsSandbox, client: SpotSms
) -> None:
    sold = sandbox.buy(*await an_offer(client))
    assert sold.rs_id
    sandbox.inject(Fault("cancelRsActivation", "drop"))
    with pytest.raises(OutcomeUnknown):
        await client.cancel(sold.rs_id)
    assert sold.state == "open"
    await client.cancel(sold.rs_id)
    assert sandbox.refunded == sandbox.charged
