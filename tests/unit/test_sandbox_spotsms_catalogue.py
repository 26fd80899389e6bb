"""The SpotSMS sandbox sells what a real provider would, and some things that break software."""

import random
import re
from decimal import Decimal

import phonenumbers
import pytest

from bot.sandbox.spotsms import Catalogue
from bot.sandbox.spotsms.numbers import made_up_number, made_up_sms

CATALOGUE = Catalogue()


def seeded(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - made-up numbers, no secret


def test_there_are_hundreds_of_services_and_two_hundred_countries() -> None:
    assert len(CATALOGUE.services) > 300
    assert len(CATALOGUE.countries) > 200


def test_ids_and_offers_are_distinct_and_names_too() -> None:
    services = CATALOGUE.services.values()
    pids = [offer.pid for service in services for offer in service.offers]
    assert len(set(pids)) == len(pids)
    assert len({service.name for service in services}) == len(services)


@pytest.mark.parametrize(
    "awkward",
    ["<b>", "&", '"', "'", "\\", ":", "🍕", "ت", "微", "{", "%", "_", "--"],
)
def test_some_names_break_careless_software(awkward: str) -> None:
    assert any(awkward in service.name for service in CATALOGUE.services.values())


def test_one_name_is_seventy_characters_long() -> None:
    assert max(len(service.name) for service in CATALOGUE.services.values()) == 70


def test_many_services_have_several_offers_at_different_prices() -> None:
    several = [service for service in CATALOGUE.services.values() if len(service.offers) > 1]
    assert len(several) > 80
    for service in several:
        assert len({offer.price for offer in service.offers}) == len(service.offers), service


def test_every_irregularity_that_a_client_must_bear_occurs() -> None:
    services = CATALOGUE.services.values()
    offers = [offer for service in services for offer in service.offers]
    assert {service.operators for service in services} == {"listed", "missing", "empty"}
    assert any(service.id not in [o.pid for o in service.offers] for service in services)
    assert any(offer.used_pid != offer.pid for offer in offers)
    assert any(not offer.gives_rs_id for offer in offers)
    assert any(not count for offer in offers for count in CATALOGUE.stock(offer.pid).values())


def test_the_documented_example_is_for_sale() -> None:
    microsoft = CATALOGUE.services["0003"]
    assert (microsoft.name, microsoft.price) == ("Microsoft", Decimal("0.0882"))
    assert CATALOGUE.stock("0003")["us"] == 150
    assert CATALOGUE.countries["us"].name == "United States"
    assert CATALOGUE.countries["tr"].calling_code == 90


def test_a_seed_changes_prices_and_stock_but_neither_ids_nor_names() -> None:
    other = Catalogue(seed=2)
    assert list(other.services) == list(CATALOGUE.services)
    some = next(s for s in CATALOGUE.services.values() if s.name == "Zoom")
    assert other.services[some.id].price != some.price
    assert other.stock(some.offers[0].pid) != CATALOGUE.stock(some.offers[0].pid)
    assert Catalogue().services[some.id] == some


def test_a_change_to_one_catalogue_leaves_the_next_alone() -> None:
    Catalogue().offer("0948").price = Decimal(9)
    assert Catalogue().offer("0948").price == Decimal("0.25")


def test_numbers_look_right_for_every_country_and_never_repeat() -> None:
    for code, country in CATALOGUE.countries.items():
        taken: set[str] = set()
        for _ in range(3):
            number = made_up_number(seeded(code), code, taken)
            parsed = phonenumbers.parse(number)
            assert parsed.country_code == country.calling_code
            assert phonenumbers.is_possible_number(parsed), number
            assert number not in taken
            taken.add(number)


@pytest.mark.parametrize(
    ("country", "block"),
    [
        ("us", r"\+1\d{3}55501\d\d"),
        ("ca", r"\+1\d{3}55501\d\d"),
        ("gb", r"\+447700900\d{3}"),
        ("fr", r"\+3363998\d{4}"),
        ("de", r"\+4917139200\d\d"),
    ],
)
def test_numbers_come_from_the_block_kept_for_fiction(country: str, block: str) -> None:
    assert re.fullmatch(block, made_up_number(seeded("1"), country, ()))


def test_numbers_go_on_when_fiction_has_run_out() -> None:
    taken = {f"+4917139200{last:02d}" for last in range(100)}
    number = made_up_number(seeded("1"), "de", taken)
    assert number not in taken
    assert phonenumbers.is_valid_number(phonenumbers.parse(number))


def test_a_made_up_sms_holds_six_digits() -> None:
    rng = seeded("1")
    texts = [made_up_sms(rng, "Demo") for _ in range(50)]
    assert all(sum(letter.isdigit() for letter in text) >= 6 for text in texts)
    assert any(text.isdigit() for text in texts)
    assert any("Demo" in text for text in texts)
