"""What a typed text is taken for."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.catalogue import Country, Offer, Service
from bot.domain.search import clear_choice, guesses, search_countries, search_services


def _service(name: str) -> Service:
    return Service(name.lower(), name, (Offer(name.lower(), 100_000),))


SERVICES = [_service(name) for name in ("WhatsApp", "WhatsApp Business", "Google Voice", "Line")]
COUNTRIES = [
    Country("tr", "Turkey", 5),
    Country("tm", "Turkmenistan", 5),
    Country("us", "United States", 5),
    Country("gn", "Guinea", 5),
    Country("pg", "Papua New Guinea", 5),
]


@pytest.mark.parametrize(
    ("text", "service", "words"),
    [
        ("whatsap turky", "WhatsApp", "turky"),
        ("turkey whatsapp", "WhatsApp", "turkey"),
        ("whatsapp united states", "WhatsApp", "united states"),
        ("google voice us", "Google Voice", "us"),
        ("whatsapp business turkey", "WhatsApp Business", "turkey"),
    ],
)
def test_a_text_is_split_into_a_service_and_a_country(text: str, service: str, words: str) -> None:
    guess = guesses(SERVICES, text)[0]
    assert (guess.service.name, guess.country_words) == (service, words)


@pytest.mark.parametrize("text", ["google voice", "WhatsApp Business", "whatsapp", ""])
def test_the_name_of_a_service_is_not_split(text: str) -> None:
    assert guesses(SERVICES, text) == []


@pytest.mark.parametrize(
    ("text", "code"), [("turky", "tr"), ("us", "us"), ("US", "us"), ("guinea", "gn"), ("tr", "tr")]
)
def test_a_clearly_written_country_is_taken_at_once(text: str, code: str) -> None:
    chosen = clear_choice(search_countries(COUNTRIES, text), text)
    assert chosen is not None
    assert chosen.code == code


@pytest.mark.parametrize(
    "text",
    [
        "usa",
        "America",
        "\N{REGIONAL INDICATOR SYMBOL LETTER U}\N{REGIONAL INDICATOR SYMBOL LETTER S}",
    ],
)
def test_a_common_name_or_a_flag_is_taken_at_once(text: str) -> None:
    chosen = clear_choice(search_countries(COUNTRIES, text), text)
    assert chosen is not None
    assert chosen.code == "us"


def test_a_flag_counts_as_a_word_beside_a_service() -> None:
    flag = Country("tr", "Turkey", 1).flag
    for text in (f"{flag} whatsapp", f"whatsapp {flag}", f"{flag}whatsapp"):
        guess = guesses(SERVICES, text)[0]
        assert (guess.service.name, guess.country_words, guess.is_sure) == ("WhatsApp", "tr", True)


def test_of_two_that_are_called_the_same_none_is_chosen() -> None:
    doubles = [Service(pid, "WhatsApp", (Offer(pid, 1),)) for pid in "ab"]
    for text in ("whatsapp", "whatsap"):
        assert clear_choice(search_services(doubles, text), text) is None
    (guess,) = guesses(doubles, "whatsapp turkey")
    assert [guess.service, *guess.rivals] == doubles


def test_what_is_only_alike_is_asked_about() -> None:
    services = [_service("Telegram"), _service("Telegraph")]
    assert clear_choice(search_services(services, "telegr"), "telegr") is None
    assert clear_choice([_service("QQ")], "qqqqqqqqqqqq") is None


def test_nothing_found_is_nothing_chosen() -> None:
    assert clear_choice([], "turkey") is None
    assert guesses([], "whatsapp turkey") == []


@given(st.text(max_size=60))
def test_any_text_is_understood_or_not_but_never_an_error(text: str) -> None:
    for guess in guesses(SERVICES, text):
        assert guess.service in SERVICES
        clear_choice(search_countries(COUNTRIES, guess.country_words), guess.country_words)


@pytest.mark.parametrize("typed", ["ab ", "a", "e\u0301", "service number 5 "])
def test_the_longest_message_is_searched_for_at_once(typed: str) -> None:
    services = [_service(f"Service number {number}") for number in range(1000)]
    text = (typed * 4096)[:4096]
    begin = process_time()
    guesses(services, text)
    clear_choice(search_services(services, text), text)
    search_countries(COUNTRIES, text)
    assert process_time() - begin < 1


def test_many_short_words_are_split_at_once_in_a_long_catalogue() -> None:
    services = [_service(f"Service number {number}") for number in range(2000)]
    begin = process_time()
    for _ in range(20):
        guesses(services, "a " * 60)
        search_services(services, "a " * 60)
    assert process_time() - begin < 1


def test_only_the_beginning_of_a_long_text_is_read() -> None:
    assert (
        guesses(SERVICES, "whatsapp turkey" + " " * 200 + "nonsense")[0].country_words == "turkey"
    )
