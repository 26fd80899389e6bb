"""What people read says what is so, names what it is about, and survives every name."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat import listings, markup, texts, toasts
from bot.chat.insight.proof import proof_of
from bot.domain.activation import Activation, CloseReason, State
from bot.domain.catalogue import Country, Offer, Service
from bot.domain.chat import ChatAccess, Scope
from bot.sandbox.telegram.entities import parse_html, units
from bot.storage.history import Step
from bot.workflows.cancel import Cancelling
from bot.workflows.history import Proof
from bot.workflows.overview import Account, Allowance
from tests.samples import GROUP, MINUTE, NOW, QUOTE, TURKEY, WAITING, WHATSAPP, view

ACCOUNT = Account(
    allowances=(
        Allowance(Scope.OWNER, "daily", 10_000_000, 2_500_000),
        Allowance(Scope.MEMBER, "open_at_once", 5, 1),
    ),
    spent=2_000_000,
    held=500_000,
)


def shown(html: str) -> str:
    """Give a text as Telegram shows it; broken HTML fails."""
    text = parse_html(html)[0]
    assert 0 < units(text) <= 4096
    return text


def test_a_quote_names_service_country_and_exact_price() -> None:
    text = shown(texts.quote(QUOTE))
    for words in ("WhatsApp", "🇹🇷 Turkey", "Price: $0.0882", "Confirm"):
        assert words in text


def test_what_comes_from_outside_turns_no_words_of_ours_around() -> None:
    assert markup.name("Ann\u202e\u2066") == "Ann"
    assert markup.name("\u202e") == "?"
    assert markup.escape("\u2067Bob\u2069 <") == "Bob &lt;"


def test_a_risen_price_is_named_and_asks_for_another_confirmation() -> None:
    text = shown(texts.price_rose(replace(QUOTE, price=900_000)))
    assert "The price has risen to $0.90." in text
    assert "confirm again" in text


def test_prices_that_differ_are_shown_as_a_lower_bound() -> None:
    assert "from $0.0882" in shown(texts.countries(WHATSAPP, 0, 1))
    single = Service("1", "Viber", (Offer("1", 100_000),))
    assert "· $0.10 per number" in shown(texts.countries(single, 0, 1))


def test_pages_are_counted_where_there_are_several() -> None:
    assert "Page 2 of 3" in shown(texts.services(1, 3))
    assert "Page" not in shown(texts.services(0, 1))


def test_an_empty_stock_says_no_numbers_and_what_to_do() -> None:
    assert "no numbers for WhatsApp in Turkey" in shown(texts.no_numbers(WHATSAPP, "Turkey"))
    assert "another service" in shown(texts.no_numbers(WHATSAPP))


def test_a_balance_shows_what_is_left_spent_and_held() -> None:
    text = shown(listings.balance(ACCOUNT))
    for words in (
        "Balance",
        "Left: $7.50 of $10.00",
        "Spent: $2.00",
        "Held",
        "$0.50",
        "Your open numbers: 1 of 5",
    ):
        assert words in text
    assert "SpotSMS" not in text
    assert "SpotSMS balance: $49.95" in shown(listings.balance(ACCOUNT, 49_950_000))


def test_open_numbers_show_what_they_wait_for() -> None:
    text = shown(listings.numbers([view()], NOW, with_codes=True))
    assert "+12025550123" in text
    assert "ends in 20 min" in text


def test_a_planned_cancellation_is_listed_with_its_time() -> None:
    planned = view(cancel_reason=CloseReason.BUYER, cancel_at=NOW + 2 * MINUTE)
    text = shown(listings.numbers([planned], NOW, with_codes=True))
    assert "Will be cancelled in 2 min, unless the SMS arrives first" in text
    assert "Waiting" not in text


def test_numbers_left_out_are_counted_and_lead_to_the_history() -> None:
    assert "… and 5 more: /history" in listings.numbers([view()], NOW, with_codes=True, left_out=5)


def test_who_may_not_buy_is_not_sent_to_do_so() -> None:
    assert "/buy" not in listings.numbers([], NOW, with_codes=True, may_buy=False)


def test_the_history_says_expired_of_what_ran_out() -> None:
    old = view(state=State.CANCELLED, refunded=88_200, cancel_reason=CloseReason.EXPIRY)
    text = shown(listings.history([old], 0, with_codes=True))
    assert "expired" in text
    assert "cancelled" not in text


def test_codes_are_listed_only_where_they_may_be_seen() -> None:
    received = [view("Code 4711", state=State.RECEIVED)]
    assert "4711" in shown(listings.numbers(received, NOW, with_codes=True))
    assert "4711" in shown(listings.history(received, 0, with_codes=True))
    assert "4711" not in listings.numbers(received, NOW, with_codes=False)
    assert "4711" not in listings.history(received, 0, with_codes=False)


def test_history_shows_id_number_time_price_and_refund() -> None:
    old = view(state=State.CANCELLED, refunded=88_200)
    text = shown(listings.history([old], 1, with_codes=True))
    for words in ("page 2", "#7", "+12025550123", "2026", "$0.0882", "Refund: $0.0882"):
        assert words in text


def test_a_list_too_long_for_a_message_says_what_it_leaves_out() -> None:
    long = [view(service_name="x" * 100, country_name="y" * 100)] * 20
    assert "… and " in shown(listings.numbers(long, NOW, with_codes=True))
    assert "… and " not in shown(listings.numbers([view("1234")] * 20, NOW, with_codes=True))


def test_empty_lists_say_how_to_begin() -> None:
    assert "/buy" in listings.numbers([], NOW, with_codes=True)
    assert "/buy" in listings.history([], 0, with_codes=True)


@pytest.mark.parametrize(("at", "words"), [(None, "Cancelling"), (NOW + 2 * MINUTE, "in 2 min")])
def test_a_cancellation_says_when(at: int | None, words: str) -> None:
    assert words in shown(listings.cancelling(Cancelling(WAITING, at), NOW))
    assert words in toasts.cancelling(Cancelling(WAITING, at), NOW)


@pytest.mark.parametrize("state", list(State))
def test_every_state_can_be_told_in_a_line(state: State) -> None:
    there = replace(WAITING, state=state)
    for answer in (toasts.standing(there), toasts.not_cancellable(there)):
        assert 0 < len(answer) <= 200
    assert shown(listings.not_cancellable(there))


def test_a_number_that_is_being_cancelled_is_not_said_to_be_closed() -> None:
    told = listings.why_not_cancellable(replace(WAITING, state=State.CANCELLING))
    assert told.startswith("This number is being cancelled already.")


@settings(deadline=None)
@given(st.text(min_size=1, max_size=2000))
def test_a_revealed_code_fits_into_an_alert(text: str) -> None:
    assert units(toasts.code(text)) <= 200


def test_a_revealed_code_stands_before_its_sms() -> None:
    whole = "Your code is 637-322. " + "Do not share it. " * 30
    assert toasts.code(whole).startswith("Code: 637-322\n\nYour code")
    assert toasts.code("123456") == "123456"


@pytest.mark.parametrize(
    ("promise", "word"),
    [
        (texts.help_text, "Cancel"),
        (texts.help_text, "refund"),
        (texts.help_text, "expired"),
        (texts.provider_down, "Nothing was bought"),
        (texts.price_unknown, "Nothing was bought"),
        (texts.quote_gone, "has expired, and nothing was bought"),
        (texts.offer_gone, "not available any more, and nothing was bought"),
        (toasts.button_gone, "no longer works"),
    ],
)
def test_texts_use_the_words_people_look_for(promise: Callable[[], str], word: str) -> None:
    assert word in promise()


@pytest.mark.parametrize("command", list(texts.COMMANDS))
def test_help_names_every_command_of_the_menu(command: str) -> None:
    assert f"/{command}" in texts.help_text()


@pytest.mark.parametrize("command", list(texts.ADMIN_COMMANDS))
def test_help_in_a_group_names_what_its_admins_can_do(command: str) -> None:
    assert f"/{command}" in texts.help_text(in_group=True)
    assert f"/{command}" not in texts.help_text()


ANYTHING = st.text(max_size=5000)


@settings(deadline=None)
@given(name=ANYTHING, country=ANYTHING, query=ANYTHING, sms=ANYTHING)
def test_no_name_from_outside_breaks_a_text(name: str, country: str, query: str, sms: str) -> None:
    service = Service("1", name, WHATSAPP.offers)
    there = Country(country, country, 1)
    hostile = view(sms, sms + "x", service_name=name, country_name=country, country_code=country)
    group: Activation = replace(hostile.activation, chat_id=GROUP)
    for html in (
        texts.start(name, in_group=True),
        texts.countries(service, 0, 1),
        texts.offers(service, there),
        texts.quote(replace(QUOTE, service_name=name, country_name=country)),
        texts.search_countries(service),
        texts.found(query, service),
        texts.nothing_found(query),
        texts.no_numbers(service, country),
        texts.request_decided(name, ChatAccess.SUSPENDED),
        listings.numbers([hostile] * 20, NOW, with_codes=True),
        listings.history([hostile] * 8, 0, with_codes=True),
        proof_of(Proof(hostile, (Step("waiting", sms, NOW),) * 30), with_codes=True).html,
        listings.not_cancellable(group),
    ):
        shown(html)


@pytest.mark.parametrize(
    ("number", "read", "pasted"),
    [
        ("+12025550123", "+1 202-555-0123", "+12025550123"),
        ("12025550123", "+1 202-555-0123", "+12025550123"),
        ("+447700900123", "+44 7700 900123", "+447700900123"),
        ("n/a", "n/a", "n/a"),
    ],
)
def test_a_number_is_read_with_gaps_and_pasted_without(number: str, read: str, pasted: str) -> None:
    assert markup.phone(number) == read
    assert markup.e164(number) == pasted


@pytest.mark.parametrize(
    ("milliseconds", "words"),
    [
        (0, "1 s"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (3_600_000, "1 h"),
        (-5_400_000, "1 h 30 min"),
    ],
)
def test_spans_of_time_are_short(milliseconds: int, words: str) -> None:
    assert markup.plain_distance(milliseconds) == words


@given(st.text(max_size=100), st.integers(1, 60))
def test_a_cut_text_is_never_longer_than_asked_for(text: str, most: int) -> None:
    assert units(markup.cut(text, most)) <= most


def test_a_country_without_a_flag_is_named_all_the_same() -> None:
    assert texts.flag_and_name(TURKEY) == "🇹🇷 Turkey"
    assert texts.flag_and_name(Country("any", "Anywhere", 1)) == "Anywhere"
