"""From `/buy` to the card."""

from tests.integration.chat.helpers import ANN, Stage, words_on


async def test_a_walk_by_buttons_ends_in_a_number(stage: Stage) -> None:
    await stage.say(ANN, "/start")
    await stage.press(ANN, "Buy a number")
    await stage.see(ANN, "Which service")
    await stage.say(ANN, "viber")
    countries = await stage.see(ANN, "Which country")
    assert "France" not in words_on(countries)


async def test_service_and_country_are_understood_in_spite_of_typos(stage: Stage) -> None:
    await stage.say(ANN, "/buy whatsap turky")
    quote = await stage.see(ANN, "WhatsApp · 🇹🇷 Turkey")
    assert "Confirm · $0.25" in words_on(quote)


async def test_a_confirmed_quote_becomes_the_card_with_the_number(stage: Stage) -> None:
    card = await stage.buy()
    (purchase,) = stage.spotsms.purchases
    assert purchase.number.removeprefix("+") in "".join(filter(str.isdigit, card["text"]))
    assert "Cancel" in words_on(card)
