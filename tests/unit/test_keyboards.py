"""What can be pressed: everything has its button, nothing is a dead end, Telegram takes it all."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from bot.chat import keyboards
from bot.chat.buttons import (
    CancelNumber,
    Confirm,
    DecideAccess,
    Dismiss,
    PickCountry,
    PickOffer,
    ShowCountries,
    ShowMenu,
    ShowNumber,
    ShowServices,
)
from bot.chat.codec import Button, decode, encode, matches
from bot.chat.insight.history import purchases
from bot.domain.activation import CloseReason, State
from bot.domain.catalogue import Country, Offer, Service
from bot.domain.statistics import Evidence
from bot.sandbox.telegram.keyboards import check_markup
from tests.samples import ANNA, GROUP, QUOTE, TURKEY, WHATSAPP, view

MANY = [Service(f"{number:04}", f"Service {number}", (Offer("1", 1),)) for number in range(40)]


def keys(keyboard: InlineKeyboardMarkup) -> list[InlineKeyboardButton]:
    return [button for row in keyboard.inline_keyboard for button in row]


def labels(keyboard: InlineKeyboardMarkup) -> list[str]:
    return [button.text for button in keys(keyboard)]


def behind(keyboard: InlineKeyboardMarkup, words: str) -> Button | None:
    """Give what the button with these words carries."""
    [data] = [button.callback_data for button in keys(keyboard) if words in button.text]
    return decode(data)


def test_services_fill_pages_of_sixteen_in_two_columns() -> None:
    keyboard = keyboards.services_page(MANY, 0, ANNA)
    assert labels(keyboard)[:16] == [f"Service {number}" for number in range(16)]
    assert [len(row) for row in keyboard.inline_keyboard[:8]] == [2] * 8


def test_pages_lead_on_and_back_and_end() -> None:
    first, middle, last = (keyboards.services_page(MANY, page, ANNA) for page in range(3))
    assert behind(first, "▶") == ShowServices(ANNA, 1)
    assert "◀" not in labels(first)
    assert behind(middle, "◀") == ShowServices(ANNA, 0)
    assert behind(middle, "▶") == ShowServices(ANNA, 2)
    assert "▶" not in labels(last)


def test_a_page_too_far_is_the_last_one() -> None:
    assert keyboards.services_page(MANY, 99, ANNA) == keyboards.services_page(MANY, 2, ANNA)
    assert keyboards.services_page([], 5, ANNA) == keyboards.services_page([], 0, ANNA)


def test_a_long_name_has_its_own_row() -> None:
    long = Service("long", "A service with quite a long name", (Offer("1", 1),))
    keyboard = keyboards.services_page([MANY[0], long, MANY[1], MANY[2]], 0, ANNA)
    assert [len(row) for row in keyboard.inline_keyboard[:3]] == [1, 1, 2]


def test_a_country_shows_flag_and_stock_and_belongs_to_its_service() -> None:
    keyboard = keyboards.countries_page(WHATSAPP, [TURKEY], {}, 0, ANNA)
    assert labels(keyboard)[0] == "🇹🇷 Turkey · 150"
    assert behind(keyboard, "Turkey") == PickCountry(ANNA, "0948", "tr")


@pytest.mark.parametrize(
    ("evidence", "told"),
    [
        (Evidence(25, 23, 40_000), " · 92% · 40s"),
        (Evidence(5, 5, 125_000), " · 100% · 2m 5s"),
        (Evidence(5, 0), " · 0%"),
        (Evidence(4, 4, 60_000), " · 51\N{EN DASH}100% · 1m"),
        (Evidence(1, 0), " · 0\N{EN DASH}79%"),
        (Evidence(), ""),
    ],
)
def test_a_country_tells_how_well_it_works_and_how_sure_that_is(
    evidence: Evidence, told: str
) -> None:
    keyboard = keyboards.countries_page(WHATSAPP, [TURKEY], {"tr": evidence}, 0, ANNA)
    assert labels(keyboard)[0] == f"🇹🇷 Turkey · 150{told}"


def test_each_offer_shows_its_price() -> None:
    keyboard = keyboards.offers(WHATSAPP, TURKEY, ANNA)
    assert behind(keyboard, "$0.0882") == PickOffer(ANNA, "0948", "tr", "0948")
    assert behind(keyboard, "$0.12") == PickOffer(ANNA, "0948", "tr", "0949")


def test_confirming_names_the_price_and_carries_the_quote_alone() -> None:
    keyboard = keyboards.quote(QUOTE)
    assert behind(keyboard, "Confirm · $0.0882") == Confirm(QUOTE.id)
    assert keys(keyboard)[0].style == "success"


def test_back_from_a_quote_leads_to_where_one_came_from() -> None:
    assert behind(keyboards.quote(QUOTE), "Back") == ShowCountries(ANNA, "0948")
    several = keyboards.quote(QUOTE, several_offers=True)
    assert behind(several, "Back") == PickCountry(ANNA, "0948", "tr")
    anonymous = keyboards.quote(replace(QUOTE, user_id=None))
    assert behind(anonymous, "Close") == Dismiss(0)


@pytest.mark.parametrize(
    "keyboard",
    [
        keyboards.services_found([], ANNA),
        keyboards.countries_page(WHATSAPP, [], {}, 0, ANNA),
        keyboards.countries_found(WHATSAPP, [], {}, ANNA),
        keyboards.offers(WHATSAPP, TURKEY, ANNA),
        keyboards.quote(QUOTE),
        keyboards.retry(ShowServices(ANNA), ANNA, ShowServices(ANNA)),
        keyboards.back(ShowServices(ANNA), ANNA),
    ],
)
def test_no_step_of_the_dialogue_is_a_dead_end(keyboard: InlineKeyboardMarkup) -> None:
    assert [button.text for button in keyboard.inline_keyboard[-1]] == ["« Back", "✖ Close"]


def test_only_numbers_that_can_be_cancelled_have_a_cancel_button() -> None:
    waiting, without_id = view(id=1), view(id=2, rs_id=None)
    received = view("1234", id=3, state=State.RECEIVED)
    keyboard = keyboards.numbers([waiting, without_id, received], ANNA)
    pressed = [decode(button.callback_data) for button in keys(keyboard)]
    assert [one for one in pressed if isinstance(one, CancelNumber)] == [CancelNumber(1)]
    assert [one for one in pressed if isinstance(one, ShowNumber)] == [
        ShowNumber(1),
        ShowNumber(2),
        ShowNumber(3),
    ]


def test_a_number_is_named_by_its_last_digits_on_both_its_buttons() -> None:
    keyboard = keyboards.numbers([view()], ANNA)
    assert [button.text for button in keyboard.inline_keyboard[0]] == [
        "WhatsApp …0123",
        "Cancel …0123",
    ]


def test_a_cancellation_that_is_planned_is_not_offered_again() -> None:
    planned = view(cancel_reason=CloseReason.BUYER)
    assert "Cancel" not in " ".join(labels(keyboards.numbers([planned], ANNA)))


def test_the_list_of_numbers_leads_back_and_offers_to_buy_only_who_may() -> None:
    assert behind(keyboards.numbers([], ANNA), "Back") == ShowMenu(ANNA)
    assert "🛒 Buy" in labels(keyboards.numbers([], ANNA))
    assert "🛒 Buy" not in labels(keyboards.numbers([], ANNA, may_buy=False))


def test_a_card_offers_codes_to_copy_only_where_they_may_be_seen() -> None:
    received = view("4711", state=State.RECEIVED, chat_id=GROUP)
    assert "📋 Copy 4711" in labels(keyboards.received_card(received, with_codes=True))
    assert "📋 Copy 4711" not in labels(keyboards.received_card(received, with_codes=False))


def test_an_owner_s_decision_names_the_chat() -> None:
    keyboard = keyboards.decide_access(GROUP)
    assert behind(keyboard, "Approve") == DecideAccess(GROUP, True)
    assert behind(keyboard, "Deny") == DecideAccess(GROUP, False)


def test_a_search_prompt_is_for_the_one_who_asked() -> None:
    prompt = keyboards.search_prompt("WhatsApp " * 20)
    assert prompt.selective
    assert prompt.input_field_placeholder
    assert len(prompt.input_field_placeholder) <= 64


ANYTHING = st.text(max_size=120)


@settings(deadline=None)
@given(
    name=ANYTHING,
    service_id=ANYTHING,
    country=st.builds(Country, ANYTHING, ANYTHING, st.integers(1, 10**9)),
    offers=st.lists(st.builds(Offer, ANYTHING, st.integers(0, 10**12)), min_size=1, max_size=150),
    owner=st.integers(0, 2**52),
)
def test_telegram_takes_whatever_the_provider_calls_things(
    name: str, service_id: str, country: Country, offers: list[Offer], owner: int
) -> None:
    service = Service(service_id, name, tuple(offers))
    made = [
        keyboards.services_page([service] * 17, 1, owner),
        keyboards.countries_page(service, [country] * 40, {}, 1, owner),
        keyboards.countries_found(service, [country] * 40, {}, owner),
        keyboards.offers(service, country, owner),
        keyboards.numbers([view(service_name=name)] * 30, owner),
        InlineKeyboardMarkup(purchases([view(service_name=name)] * 8)),
    ]
    for keyboard in made:
        assert check_markup(keyboard.to_dict())
        assert all(row for row in keyboard.inline_keyboard)
        for button in keys(keyboard):
            pressed = decode(button.callback_data)
            assert pressed is not None
            assert encode(pressed) == button.callback_data
    picked = decode(keys(made[2])[0].callback_data)
    assert isinstance(picked, PickCountry)
    assert matches(picked.service, service_id)
    assert matches(picked.country, country.code)
