"""From `/buy` to the card."""

import time
from decimal import Decimal
from pathlib import Path

import pytest

from bot.sandbox.spotsms import Fault
from bot.sandbox.spotsms.catalogue import Offer, Service
from bot.sandbox.telegram import TelegramFault
from tests.integration.chat.conftest import Running
from tests.integration.chat.helpers import ANN, Stage, data_of, digits, words_on
from tests.integration.chat.past import remember, with_code


async def test_a_walk_by_buttons_ends_in_a_number(stage: Stage) -> None:
    stage.spotsms.set_stock("0003", "tr", 9_999)
    await stage.say(ANN, "/start")
    await stage.press(ANN, "Buy a number")
    await stage.see_button(ANN, "Microsoft")
    await stage.press(ANN, "Microsoft")
    await stage.see_button(ANN, "Turkey · 9999")
    await stage.press(ANN, "Turkey")
    await stage.see_button(ANN, "Confirm")
    await stage.press(ANN, "Confirm")
    await stage.see_button(ANN, "Cancel")
    assert [sold.country for sold in stage.spotsms.purchases] == ["tr"]


async def test_service_and_country_are_understood_in_spite_of_typos(stage: Stage) -> None:
    quote = await stage.say(ANN, "/buy whatsap turky")
    assert "WhatsApp · 🇹🇷 Turkey" in quote["text"]
    assert "Confirm · $0.25" in words_on(quote)


async def test_the_country_may_be_written_first_or_as_a_code(stage: Stage) -> None:
    assert "WhatsApp · 🇹🇷 Turkey" in (await stage.say(ANN, "/buy turkey whatsapp"))["text"]
    assert "WhatsApp · 🇹🇷 Turkey" in (await stage.say(ANN, "/buy whatsapp tr"))["text"]


async def test_countries_without_stock_are_not_offered(stage: Stage) -> None:
    stage.spotsms.set_stock("0003", "tr", 9_999)
    countries = await stage.say(ANN, "/buy microsoft")
    assert words_on(countries).startswith("🇹🇷 Turkey · 9999 |")
    assert "France" not in words_on(countries)


@pytest.mark.parametrize(
    "typed", ["/buy whatsapp france", "/buy frace whatsapp", "/buy whatsapp fr"]
)
async def test_a_sold_out_country_is_named_with_a_way_to_the_others(
    stage: Stage, typed: str
) -> None:
    told = await stage.say(ANN, typed)
    assert "There are no numbers for WhatsApp in France at present" in told["text"]
    await stage.press(ANN, "Another country")
    await stage.see(ANN, "Which country")


async def test_a_sold_out_country_is_named_while_its_service_is_open(stage: Stage) -> None:
    await stage.say(ANN, "/buy whatsapp")
    assert "no numbers for WhatsApp in France" in (await stage.say(ANN, "france"))["text"]
    assert "no numbers for WhatsApp in Antarctica" in (await stage.say(ANN, "antarctica"))["text"]
    assert "WhatsApp · 🇹🇷 Turkey" in (await stage.say(ANN, "turkey"))["text"]


async def test_what_is_sold_out_is_not_taken_for_what_is_called_alike(stage: Stage) -> None:
    stage.spotsms.set_stock("0948", "ne", 0)
    stage.spotsms.set_stock("0948", "ng", 99)
    told = await stage.say(ANN, "/buy whatsapp niger")
    assert "no numbers for WhatsApp in Niger " in told["text"]


async def test_an_unknown_country_is_said_to_be_one_above_those_there_are(stage: Stage) -> None:
    stage.spotsms.set_stock("0948", "tr", 99_999)
    told = await stage.say(ANN, "/buy whatsapp xyzland")
    assert "I know no country like “xyzland”" in told["text"]
    assert words_on(told).startswith("🇹🇷 Turkey")


async def test_a_country_alone_is_answered_with_how_to_name_the_service(stage: Stage) -> None:
    told = await stage.say(ANN, "/buy turkey")
    assert "🇹🇷 Turkey is a country. Name the service first" in told["text"]
    assert "/buy whatsapp turkey" in told["text"]
    assert "Microsoft" in words_on(told)


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("usa", "United States"),
        ("uk", "United Kingdom"),
        ("uae", "United Arab Emirates"),
        ("holland", "Netherlands"),
        ("🇹🇷", "Turkey"),
    ],
)
async def test_a_country_is_taken_at_once_by_its_common_name_or_flag(
    stage: Stage, typed: str, country: str
) -> None:
    for code in ("gb", "ae", "nl"):
        stage.spotsms.set_stock("0948", code, 9)
    assert f"{country}\nPrice" in (await stage.say(ANN, f"/buy whatsapp {typed}"))["text"]
    assert f"{country}\nPrice" in (await stage.say(ANN, f"{typed} whatsapp"))["text"]


async def test_services_of_one_name_are_told_apart_by_price_and_never_picked_by_chance(
    stage: Stage,
) -> None:
    double = Service("9999", "WhatsApp", (Offer("9999", Decimal("0.31"), "9999"),))
    stage.spotsms.catalogue.services["9999"] = double
    for typed in ("/buy whatsapp", "/buy whatsapp turkey", "/buy whatsap"):
        told = await stage.say(ANN, typed)
        assert "WhatsApp · $0.25 |" in words_on(told)
        assert "WhatsApp · $0.31 |" in words_on(told)
    await stage.press(ANN, "WhatsApp · $0.25")
    await stage.see(ANN, "WhatsApp · $0.25 per number")


async def test_any_text_in_private_is_a_search(stage: Stage) -> None:
    countries = await stage.say(ANN, "Microsoft")
    assert "Microsoft" in countries["text"]
    quote = await stage.say(ANN, "icelnd")
    assert "Microsoft · 🇮🇸 Iceland" in quote["text"]


async def test_a_text_that_means_nothing_is_answered_with_a_way_on(stage: Stage) -> None:
    answer = await stage.say(ANN, "xyzzyplugh")
    assert "Nothing found" in answer["text"]
    await stage.press(ANN, "Back")
    await stage.see(ANN, "Which service")


async def test_a_service_with_several_offers_asks_which(stage: Stage) -> None:
    offers = await stage.say(ANN, "/buy telegram turkey")
    assert "$0.45" in words_on(offers)
    await stage.press(ANN, "$0.61")
    quote = await stage.see(ANN, "Price: $0.61")
    await stage.press(ANN, "Back")
    assert "several offers" in (await stage.see(ANN, "several offers"))["text"]
    assert stage.now(quote)["message_id"] == offers["message_id"]


async def test_a_confirmed_quote_becomes_the_card_with_the_number(stage: Stage) -> None:
    card = await stage.buy()
    (purchase,) = stage.spotsms.purchases
    assert digits(purchase.number) in digits(card["text"])
    assert "Cancel" in words_on(card)


async def test_taps_on_confirm_after_the_first_buy_nothing(stage: Stage) -> None:
    quote = await stage.quote()
    data = data_of(quote, "Confirm")
    presses = [stage.telegram.press(ANN, ANN, quote["message_id"], data) for _ in range(5)]
    answers = [(await press.answered()).text for press in presses]
    assert answers[0] == "Buying…"
    assert all(answer.startswith("Already confirmed") for answer in answers[1:])
    await stage.see_button(ANN, "Cancel")
    assert len(stage.spotsms.calls_of("getNumber")) == 1


@pytest.mark.parametrize(("button", "answer"), [("Back", "Which country?"), ("Close", None)])
async def test_a_press_behind_the_confirmation_leaves_the_card_alone(
    stage: Stage, button: str, answer: str | None
) -> None:
    """While Telegram still shows the quote: its other buttons are a tap away."""
    quote = await stage.quote()
    stage.telegram.inject(TelegramFault("answerCallbackQuery", "delay", seconds=2))
    stage.telegram.press(ANN, ANN, quote["message_id"], data_of(quote, "Confirm"))
    late = stage.telegram.press(ANN, ANN, quote["message_id"], data_of(quote, button))
    card = await stage.see_button(ANN, "Cancel and refund")
    await late.answered()
    if answer:
        assert (await stage.see(ANN, answer))["message_id"] != card["message_id"]
    await stage.say(ANN, "/help")
    assert "Cancel and refund" in words_on(stage.now(card))


async def test_a_risen_price_must_be_confirmed_again(stage: Stage) -> None:
    quote = await stage.quote()
    stage.spotsms.set_price("0003", "0.1234")
    await stage.press(ANN, "Confirm")
    risen = await stage.see(ANN, "risen to $0.1234")
    assert risen["message_id"] == quote["message_id"]
    assert not stage.spotsms.purchases
    await stage.press(ANN, "Confirm · $0.1234")
    await stage.see_button(ANN, "Cancel")
    assert [str(sold.price) for sold in stage.spotsms.purchases] == ["0.1234"]


async def test_a_purchase_beyond_the_daily_limit_is_refused_and_says_what_is_left(
    run: Running,
) -> None:
    async with run(daily_limit="0.05") as stage:
        await stage.quote()
        await stage.press(ANN, "Confirm")
        refused = await stage.see(ANN, "daily limit of $0.05")
        assert "$0.05 is left" in refused["text"]
        assert not stage.spotsms.calls_of("getNumber")


async def test_too_many_open_numbers_are_refused(run: Running) -> None:
    async with run(max_active_per_user=1) as stage:
        await stage.buy()
        await stage.quote()
        await stage.press(ANN, "Confirm")
        await stage.see(ANN, "too many open numbers")
        assert len(stage.spotsms.purchases) == 1


@pytest.mark.timing
async def test_a_slow_price_check_is_answered_at_once_and_told_in_the_message(
    run: Running,
) -> None:
    async with run(spotsms_timeout=2.5) as stage:
        quote = await stage.quote()
        stage.spotsms.inject(Fault(action="services", kind="stall", times=None))
        began = time.monotonic()
        answer = await stage.press(ANN, "Confirm")
        assert answer.text == "One moment…"
        assert time.monotonic() - began < 2
        told = await stage.see(ANN, "does not tell the price")
        assert told["message_id"] == quote["message_id"]
        assert not stage.spotsms.calls_of("getNumber")


async def test_a_fresh_quote_of_what_is_not_sold_any_more_is_not_called_expired(
    stage: Stage,
) -> None:
    quote = await stage.quote()
    del stage.spotsms.catalogue.services["0003"]
    await stage.press(ANN, "Confirm")
    told = await stage.see(ANN, "This offer is not available any more, and nothing was bought.")
    assert told["message_id"] == quote["message_id"]


async def test_a_provider_that_is_down_leaves_a_way_to_try_again(stage: Stage) -> None:
    stage.spotsms.inject(Fault(action="services", kind="http500", times=None))
    assert "does not answer" in (await stage.say(ANN, "/buy"))["text"]
    stage.spotsms.clear_faults()
    await stage.press(ANN, "Try again")
    await stage.see(ANN, "Which service")


async def test_a_country_that_was_sold_out_meanwhile_leads_to_the_others(stage: Stage) -> None:
    stage.spotsms.set_stock("0003", "tr", 9_999)
    quote = await stage.quote()
    await stage.press(ANN, "Back")
    countries = await stage.see(ANN, "Which country")
    assert countries["message_id"] == quote["message_id"]
    await stage.forge(ANN, countries, data_of(countries, "Turkey").replace(":tr", ":fr"))
    await stage.see(ANN, "no numbers for Microsoft in France")
    await stage.press(ANN, "Another country")
    await stage.see_button(ANN, "Turkey")


async def test_a_country_that_is_not_listed_any_more_leads_back_to_the_others(
    stage: Stage,
) -> None:
    stage.spotsms.set_stock("0003", "tr", 9_999)
    countries = await stage.say(ANN, "/buy microsoft")
    gone = data_of(countries, "Turkey").replace(":tr", ":zz")
    assert "not sold any more" in (await stage.forge(ANN, countries, gone)).text


async def test_to_buy_again_what_is_sold_out_says_so(run: Running, tmp_path: Path) -> None:
    await remember(tmp_path, [with_code(1)])
    async with run() as stage:
        stage.spotsms.set_stock("0003", "is", 0)
        await stage.say(ANN, "/history")
        await stage.press(ANN, "#1")
        await stage.see_button(ANN, "Buy again")
        await stage.press(ANN, "Buy again")
        await stage.see(ANN, "no numbers for Microsoft in Iceland")
        await stage.press(ANN, "Another country")
        await stage.see(ANN, "Which country")


async def test_buy_again_leads_straight_to_a_quote(stage: Stage) -> None:
    card = await stage.buy()
    await stage.press(ANN, "Cancel")
    await stage.see(ANN, "Refunded $0.0882")
    await stage.press(ANN, "Buy again")
    quote = await stage.see(ANN, "Price: $0.0882", after=card["message_id"])
    assert "Microsoft · 🇮🇸 Iceland" in quote["text"]


async def test_what_a_chat_buys_most_is_listed_first(stage: Stage) -> None:
    await stage.buy()
    services = await stage.say(ANN, "/buy")
    assert words_on(services).startswith("Microsoft |")


async def test_close_ends_the_dialogue(stage: Stage) -> None:
    services = await stage.say(ANN, "/buy")
    await stage.press(ANN, "Close")
    closed = await stage.see(ANN, "Closed")
    assert closed["message_id"] == services["message_id"]
    assert not words_on(closed)


async def test_search_in_private_asks_for_a_word_in_place(stage: Stage) -> None:
    services = await stage.say(ANN, "/buy")
    await stage.press(ANN, "Search")
    asked = await stage.see(ANN, "Which service?")
    assert asked["message_id"] == services["message_id"]
    assert "Microsoft" in (await stage.say(ANN, "mircosoft"))["text"]
