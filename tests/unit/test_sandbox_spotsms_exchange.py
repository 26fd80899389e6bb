"""The SpotSMS sandbox's books: what is sold, charged, refunded and received, by a set clock."""

from collections.abc import Callable
from decimal import Decimal
from typing import Unpack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.spotsms import Exchange, Purchase, Refusal, Rules
from tests.clocks import HandSeconds

WHATSAPP, SIGNAL, VIBER = "0948", "0411", "0520"


def make(**rules: Unpack[Rules]) -> tuple[Exchange, HandSeconds]:
    clock = HandSeconds(1_000_000.0)
    rules["clock"] = clock
    return Exchange(**rules), clock


def refusal(act: Callable[[], object]) -> tuple[int, str]:
    with pytest.raises(Refusal) as caught:
        act()
    return caught.value.body["code"], caught.value.body["msg"]


def look(exchange: Exchange, purchase: Purchase) -> str:
    return exchange.read_message(purchase.number, purchase.pid, purchase.rs_id)


def test_a_sold_number_is_charged_and_leaves_the_stock() -> None:
    exchange, _ = make(balance="1.00")
    purchase = exchange.buy(WHATSAPP, "tr")
    assert purchase.number.startswith("+90")
    assert exchange.balance == Decimal("0.75")
    assert exchange.charged == Decimal("0.25")
    assert exchange.catalogue.stock(WHATSAPP)["tr"] == 239
    assert exchange.purchases == [purchase]


def test_a_number_filled_from_another_offer_costs_what_that_offer_costs() -> None:
    exchange, _ = make()
    purchase = exchange.buy(SIGNAL, "us")
    assert (purchase.asked_pid, purchase.pid) == ("0411", "0412")
    assert exchange.charged == Decimal("0.18")


def test_some_numbers_have_no_rs_id() -> None:
    exchange, _ = make()
    purchase = exchange.buy(VIBER, "us")
    assert purchase.rs_id is None
    exchange.send_sms(purchase.number, "1234")
    assert look(exchange, purchase) == "1234"


@pytest.mark.parametrize(
    ("pid", "country", "answer"),
    [
        (WHATSAPP, "fr", (404, "No numbers available")),
        (WHATSAPP, "zz", (404, "No numbers available")),
        ("nope", "us", (404, "Resource not found")),
        ("", "", (404, "Resource not found")),
    ],
)
def test_what_is_not_there_is_not_sold(pid: str, country: str, answer: tuple[int, str]) -> None:
    exchange, _ = make()
    assert refusal(lambda: exchange.buy(pid, country)) == answer
    assert exchange.charged == 0


def test_who_cannot_pay_gets_nothing() -> None:
    exchange, _ = make(balance="0.2499")
    assert refusal(lambda: exchange.buy(WHATSAPP, "us")) == (402, "Insufficient balance")
    assert exchange.catalogue.stock(WHATSAPP)["us"] == 150


def test_the_last_number_is_sold_once() -> None:
    exchange, _ = make()
    exchange.set_stock(WHATSAPP, "us", 1)
    exchange.buy(WHATSAPP, "us")
    assert refusal(lambda: exchange.buy(WHATSAPP, "us"))[0] == 404


def test_a_message_is_shown_to_who_names_number_pid_and_rs_id() -> None:
    exchange, _ = make()
    sold = exchange.buy(WHATSAPP, "us")
    assert refusal(lambda: look(exchange, sold)) == (404, "No SMS yet")
    exchange.send_sms(sold.number, "637-322")
    assert look(exchange, sold) == "637-322"
    for number, pid, rs_id in [
        (sold.number.replace("+", " "), sold.pid, sold.rs_id),
        (sold.number, "0003", sold.rs_id),
        (sold.number, sold.pid, None),
    ]:
        missing = refusal(lambda n=number, p=pid, r=rs_id: exchange.read_message(n, p, r))  # type: ignore[misc]  # mypy cannot infer a lambda with defaults
        assert missing == (404, "Resource not found")


def test_the_newest_message_is_shown_and_all_are_kept() -> None:
    exchange, clock = make()
    purchase = exchange.buy(WHATSAPP, "us")
    exchange.send_sms(purchase.number, "111111")
    clock.seconds += 30
    assert purchase.rs_id
    exchange.send_sms(purchase.rs_id, "222222")
    assert look(exchange, purchase) == "222222"
    assert purchase.messages == [(1_000_000.0, "111111"), (1_000_030.0, "222222")]


def test_looking_too_often_is_refused_and_counted() -> None:
    exchange, clock = make(min_poll_gap=10)
    purchase = exchange.buy(WHATSAPP, "us")
    assert refusal(lambda: look(exchange, purchase))[0] == 404
    clock.seconds += 9.9
    assert refusal(lambda: look(exchange, purchase)) == (409, "Too frequent")
    clock.seconds += 10
    assert refusal(lambda: look(exchange, purchase))[0] == 404
    assert purchase.polls == 3


def test_a_cancelled_number_is_refunded_once() -> None:
    exchange, _ = make(balance="1.00")
    purchase = exchange.buy(WHATSAPP, "us")
    assert purchase.rs_id
    rs_id = purchase.rs_id
    exchange.cancel(rs_id)
    assert purchase.state == "cancelled"
    assert (exchange.balance, exchange.refunded) == (Decimal(1), Decimal("0.25"))
    assert refusal(lambda: exchange.cancel(rs_id)) == (404, "Activation not found")
    assert exchange.refunded == purchase.price


@pytest.mark.parametrize(
    ("age", "answer"),
    [
        (0, (400, "Too early to cancel, try again in 121 seconds")),
        (119.5, (400, "Too early to cancel, try again in 1 seconds")),
        (901, (400, "Cancellation time limit exceeded")),
    ],
)
def test_cancelling_has_its_time(age: float, answer: tuple[int, str]) -> None:
    exchange, clock = make(cancel_min_age=120, cancel_limit=900)
    rs_id = exchange.buy(WHATSAPP, "us").rs_id
    assert rs_id
    clock.seconds += age
    assert refusal(lambda: exchange.cancel(rs_id)) == answer
    assert exchange.refunded == 0


def test_a_number_that_got_its_sms_cannot_be_cancelled() -> None:
    exchange, _ = make()
    purchase = exchange.buy(WHATSAPP, "us")
    assert purchase.rs_id
    rs_id = purchase.rs_id
    exchange.send_sms(rs_id)
    assert refusal(lambda: exchange.cancel(rs_id)) == (400, "Cannot cancel: SMS already received")


def test_an_sms_comes_by_itself_when_scheduled_and_the_number_is_open() -> None:
    exchange, clock = make(sms_after=(5, 5))
    kept, cancelled = exchange.buy(WHATSAPP, "us"), exchange.buy(WHATSAPP, "us")
    exchange.cancel(cancelled.rs_id or "")
    clock.seconds += 4.9
    assert not exchange.advance()
    clock.seconds += 60
    assert exchange.advance()
    assert [at for at, _ in kept.messages] == [1_000_005.0]
    assert not cancelled.messages


@pytest.mark.parametrize(("refund_on_expiry", "refunded"), [(False, "0"), (True, "0.25")])
def test_a_number_expires_with_or_without_its_money(refund_on_expiry: bool, refunded: str) -> None:
    exchange, clock = make(number_ttl=600, refund_on_expiry=refund_on_expiry)
    purchase = exchange.buy(WHATSAPP, "us")
    clock.seconds += 600
    exchange.advance()
    assert purchase.state == "expired"
    assert exchange.refunded == Decimal(refunded)
    assert refusal(lambda: look(exchange, purchase)) == (404, "Resource not found")


def test_an_sms_after_cancel_or_expiry_is_still_shown() -> None:
    exchange, _ = make()
    cancelled, expired = exchange.buy(WHATSAPP, "us"), exchange.buy(WHATSAPP, "us")
    exchange.cancel(cancelled.rs_id or "")
    exchange.expire(expired.number)
    for purchase in cancelled, expired:
        exchange.send_sms(purchase.number, "late")
        assert look(exchange, purchase) == "late"


def test_money_may_come_back_unasked_but_not_twice() -> None:
    exchange, _ = make(balance="1.00")
    number = exchange.buy(WHATSAPP, "us").number
    exchange.refund(number)
    assert exchange.balance == 1
    with pytest.raises(ValueError, match="refunded before"):
        exchange.refund(number)


def test_the_balance_is_shown_with_as_many_places_as_asked_for() -> None:
    assert make(balance="49.9468")[0].shown_balance() == "49.95"
    assert make(balance="49.9468", balance_places=4)[0].shown_balance() == "49.9468"


def test_an_unknown_number_cannot_receive() -> None:
    with pytest.raises(KeyError):
        make()[0].send_sms("+12025550123")


ACTS = st.lists(
    st.tuples(st.sampled_from(["buy", "cancel", "sms", "wait", "look"]), st.integers(0))
)


@given(ACTS, st.booleans())
def test_every_cent_is_explained_whatever_happens(
    acts: list[tuple[str, int]], refund_on_expiry: bool
) -> None:
    exchange, clock = make(
        balance="2.00", cancel_min_age=60, refund_on_expiry=refund_on_expiry, sms_after=(10, 2000)
    )
    pids = [WHATSAPP, SIGNAL, VIBER, "0257", "0258"]
    for act, choice in acts:
        chosen = (
            exchange.purchases[choice % len(exchange.purchases)] if exchange.purchases else None
        )
        try:
            if act == "buy":
                exchange.buy(pids[choice % len(pids)], "us")
            elif act == "wait":
                clock.seconds += choice % 700
                exchange.advance()
            elif chosen and act == "cancel":
                exchange.cancel(chosen.rs_id or "")
            elif chosen and act == "sms":
                exchange.send_sms(chosen.number)
            elif chosen:
                look(exchange, chosen)
        except Refusal:
            continue
    sold = exchange.purchases
    assert exchange.balance == 2 - exchange.charged + exchange.refunded >= 0
    assert exchange.charged == sum(purchase.price for purchase in sold)
    assert exchange.refunded == sum(purchase.price for purchase in sold if purchase.refunded)
    assert len({purchase.number for purchase in sold}) == len(sold)
