"""How the catalogue of SpotSMS is read: a broken item costs itself, not the rest."""

import json
import logging

import pytest

from bot.domain.catalogue import Country, Offer, Service
from bot.provider import OutcomeUnknown
from bot.provider.catalogue import read_countries, read_services
from bot.provider.wire import Answer, read_answer

GOOD = {"id": "0003", "name": "Microsoft", "price": "0.0882"}


def listed(data: object) -> Answer:
    return read_answer(200, json.dumps({"code": 200, "data": data}).encode())


def names_read(name: object) -> list[str]:
    services = read_services(listed([GOOD, {"id": "1", "name": name, "price": "1"}]))
    return [service.name for service in services[1:]]


def test_a_service_has_its_operators_as_offers_cheapest_first() -> None:
    operators = [{"pid": "b", "price": "0.20"}, {"pid": "a", "price": "0.1000"}]
    assert read_services(listed([GOOD | {"operators": operators}])) == [
        Service("0003", "Microsoft", (Offer("a", 100_000), Offer("b", 200_000)))
    ]


@pytest.mark.parametrize("operators", [None, [], {}, "none"])
def test_a_service_without_operators_is_its_own_offer(operators: object) -> None:
    service = read_services(listed([GOOD | {"operators": operators}]))[0]
    assert service.offers == (Offer("0003", 88_200),)


def test_a_service_whose_operators_are_all_broken_is_left_out() -> None:
    broken = GOOD | {"id": "0004", "operators": [{"pid": "a", "price": "?"}]}
    assert [service.id for service in read_services(listed([GOOD, broken]))] == ["0003"]


def test_a_list_may_come_as_an_object() -> None:
    services = read_services(listed({"0": GOOD, "7": GOOD | {"id": "0007"}}))
    assert [service.id for service in services] == ["0003", "0007"]


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "Microsoft",
        [],
        {},
        GOOD | {"id": None},
        GOOD | {"id": ""},
        GOOD | {"id": True},
        GOOD | {"id": "a b"},
        GOOD | {"id": "x" * 65},
        GOOD | {"name": " \u202e\x00"},
        GOOD | {"name": None},
        GOOD | {"price": None},
        GOOD | {"price": "free"},
        GOOD | {"price": "-0.10"},
        GOOD | {"price": "0.0000"},
        GOOD | {"price": True},
        GOOD | {"price": "NaN"},
    ],
)
def test_a_broken_service_is_left_out_and_counted_in_one_line(
    broken: object, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        services = read_services(listed([broken, GOOD, broken]))
    assert [service.id for service in services] == ["0003"]
    assert [record.getMessage() for record in caplog.records] == ["services: 2 of 3 cannot be read"]


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("  WhatsApp \n Business ", "WhatsApp Business"),
        ("a\x00b\u202ec\ud800d", "a bc d"),
        ("<b>Any & other</b>", "<b>Any & other</b>"),
        (7, "7"),
        ("x" * 500, "x" * 80),
        ("Вконтакте 👍🏽", "Вконтакте 👍🏽"),
    ],
)
def test_a_name_is_one_clean_line_of_at_most_80_characters(name: object, read: str) -> None:
    assert names_read(name) == [read]


def test_of_two_items_with_one_id_the_first_wins() -> None:
    services = read_services(listed([GOOD, GOOD | {"name": "Impostor"}]))
    assert [service.name for service in services] == ["Microsoft"]
    countries = read_countries(
        listed([{"code": "us", "name": "United States"}, {"code": "US", "name": "Other"}])
    )
    assert [country.name for country in countries] == ["United States"]


@pytest.mark.parametrize(
    ("count", "read"),
    [
        *((150, 150), ("150", 150), (12.0, 12), (0, 0), (-3, 0), ("-3", 0), (None, 0)),
        *(("many", 0), (True, 0), (1.5, 0), ([], 0), (10**12, 0)),
    ],
)
def test_a_stock_that_makes_no_sense_is_none(count: object, read: int) -> None:
    countries = read_countries(listed([{"code": "US", "name": "United States", "count": count}]))
    assert countries == [Country("us", "United States", read)]


def test_an_empty_list_is_empty() -> None:
    assert read_services(listed([])) == []
    assert read_countries(listed([])) == []


@pytest.mark.parametrize("data", [None, "", "none", 5, True, [None, {}], [[]], {"a": 1}])
def test_a_list_without_anything_readable_is_an_error(data: object) -> None:
    for read in (read_services, read_countries):
        with pytest.raises(OutcomeUnknown):
            read(listed(data))
