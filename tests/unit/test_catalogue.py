"""Services, their offers, and countries."""

from bot.domain.catalogue import Country, Offer, Service, told_apart


def test_a_flag_is_two_letters_and_anything_else_has_none() -> None:
    assert Country("us", "United States", 1).flag == "🇺🇸"
    assert Country("", "Nowhere", 1).flag == ""
    assert Country("usa", "United States", 1).flag == ""
    assert Country("U1", "Odd", 1).flag == ""


def test_the_first_offer_is_the_cheapest_and_offers_are_found_by_pid() -> None:
    service = Service("1", "WhatsApp", (Offer("a", 1), Offer("b", 2)))
    assert service.cheapest == Offer("a", 1)
    assert service.offer("b") == Offer("b", 2)
    assert service.offer("c") is None


def test_services_of_the_same_name_are_told_apart_by_their_price() -> None:
    services = [
        Service(pid, name, (Offer(pid, 250_000),))
        for pid, name in [("a", "X"), ("b", "x"), ("c", "Y")]
    ]
    assert [one.name for one in told_apart(services)] == ["X · $0.25", "x · $0.25", "Y"]
