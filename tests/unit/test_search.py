"""What is typed finds what is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.catalogue import Country, Offer, Service
from bot.domain.search import search_countries, search_services

NAMES = (
    *("Any other", "Amazon", "Amazon Prime", "Booking.com", "Boo", "Café Bazar", "CashApp"),
    *("Facebook", "Fastmail", "Gate.io", "Google", "Google Voice", "Instagram", "Kakao Talk"),
    *("LINE", "Mail.ru", "McDonald's", "Microsoft", "OKX", "QQ", "Snapchat", "Telegram"),
    *("TikTok", "Twitter", "VK", "WhatsApp", "WhatsApp Business", "X", "微信"),
)
SERVICES = [Service(name, name, (Offer("1", 1),)) for name in NAMES]
COUNTRIES = [
    Country(code, name, 1)
    for code, name in {
        "ae": "United Arab Emirates",
        "at": "Austria",
        "au": "Australia",
        "ci": "Côte d\N{RIGHT SINGLE QUOTATION MARK}Ivoire",
        "cz": "Czechia",
        "de": "Germany",
        "gb": "United Kingdom",
        "id": "Indonesia",
        "in": "India",
        "kp": "North Korea",
        "kr": "South Korea",
        "nl": "Netherlands",
        "ru": "Russia",
        "tm": "Turkmenistan",
        "tr": "Türkiye",
        "ua": "Ukraine",
        "us": "United States",
    }.items()
]


def services(query: str) -> list[str]:
    return [service.name for service in search_services(SERVICES, query)]


def countries(query: str) -> list[str]:
    return [country.code for country in search_countries(COUNTRIES, query)]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("whatsap", "WhatsApp"),
        ("watsapp", "WhatsApp"),
        ("whats app", "WhatsApp"),
        ("telegarm", "Telegram"),
        ("gogle", "Google"),
        ("instgram", "Instagram"),
        ("insta", "Instagram"),
        ("facbook", "Facebook"),
        ("microsft", "Microsoft"),
        ("tik tok", "TikTok"),
        ("amazn", "Amazon"),
        ("mail", "Mail.ru"),
        ("booking", "Booking.com"),
        ("cafe bazar", "Café Bazar"),
        ("mcdonalds", "McDonald's"),
        ("snap chat", "Snapchat"),
        ("kakaotalk", "Kakao Talk"),
        ("gate io", "Gate.io"),
        ("any", "Any other"),
        ("微", "微信"),
    ],
)
def test_a_service_is_found_as_people_write_it(query: str, name: str) -> None:
    assert services(query)[0] == name


@pytest.mark.parametrize("name", NAMES)
def test_an_exact_name_stands_alone_in_any_case(name: str) -> None:
    assert services(f" {name.upper()} ") == [name]
    assert services(name.lower()) == [name]


def test_what_begins_as_typed_comes_before_what_is_only_alike() -> None:
    assert services("whats") == ["WhatsApp", "WhatsApp Business"]
    assert services("prime")[0] == "Amazon Prime"


def test_one_or_two_letters_find_only_what_begins_with_them() -> None:
    assert set(services("wh")) == {"WhatsApp", "WhatsApp Business"}
    assert services("zz") == []


@pytest.mark.parametrize("query", ["", " ", "!!!", "qwxzqwxz", "0000000"])
def test_what_is_nothing_finds_nothing(query: str) -> None:
    assert services(query) == []
    assert countries(query) == []


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("us", "us"),
        (" US ", "us"),
        ("usa", "us"),
        ("uk", "gb"),
        ("England", "gb"),
        ("turky", "tr"),
        ("turkey", "tr"),
        ("türkiye", "tr"),
        ("germny", "de"),
        ("united kingdm", "gb"),
        ("indonesa", "id"),
        ("inda", "in"),
        ("in", "in"),
        ("at", "at"),
        ("korea", "kr"),
        ("cote d'ivoire", "ci"),
        ("czech", "cz"),
        ("holland", "nl"),
        ("\N{REGIONAL INDICATOR SYMBOL LETTER D}\N{REGIONAL INDICATOR SYMBOL LETTER E}", "de"),
    ],
)
def test_a_country_is_found_by_name_code_or_flag(query: str, code: str) -> None:
    assert countries(query)[0] == code


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.code)
def test_a_typo_in_a_country_is_forgiven(country: Country) -> None:
    for left_out in range(1, len(country.name)):
        typed = country.name[:left_out] + country.name[left_out + 1 :]
        assert country.code in countries(typed), typed


@given(st.text())
def test_any_text_finds_each_thing_once_at_most(query: str) -> None:
    for found in (services(query), countries(query)):
        assert len(set(found)) == len(found)
