"""The catalogue as SpotSMS sends it: an item that makes no sense costs itself, not the rest."""

import logging
import re
from collections.abc import Callable
from typing import Final, TypeVar

from bot.domain.catalogue import Country, Offer, Service
from bot.domain.money import parse_dollars
from bot.provider.errors import OutcomeUnknown
from bot.provider.wire import Answer, clean_line, read_pid, read_scalar

MAX_NAME: Final = 80

_COUNT = re.compile(r"([0-9]{1,9})(\.0+)?")

Item = TypeVar("Item")

logger = logging.getLogger(__name__)


def read_services(answer: Answer) -> list[Service]:
    """Give the services that can be bought (spotsms-api.txt §1), offers cheapest first.

    Raises:
        OutcomeUnknown: there is no list, or nothing on it can be read.
    """
    return _read_list("services", answer.data, _service, lambda service: service.id)


def read_countries(answer: Answer) -> list[Country]:
    """Give a service's countries (spotsms-api.txt §2), those without stock among them.

    Raises:
        OutcomeUnknown: there is no list, or nothing on it can be read.
    """
    return _read_list("countries", answer.data, _country, lambda country: country.code)


def _read_list(
    what: str,
    data: object,
    read: Callable[[dict[str, object]], Item],
    identity: Callable[[Item], str],
) -> list[Item]:
    """Read what can be read, once each; a list that is all garbage replaces no older one."""
    entries = _entries(data)
    if entries is None:
        raise OutcomeUnknown(f"{what}: no list")
    items, dropped = _read_entries(entries, read, identity)
    if entries and not items:
        raise OutcomeUnknown(f"{what}: none of {dropped} can be read")
    if dropped:
        logger.warning("%s: %d of %d cannot be read", what, dropped, len(entries))
    return items


def _read_entries(
    entries: list[object],
    read: Callable[[dict[str, object]], Item],
    identity: Callable[[Item], str],
) -> tuple[list[Item], int]:
    """Give the items, the first of those that share an id, and how many were garbage."""
    items: dict[str, Item] = {}
    dropped = 0
    for entry in entries:
        try:
            item = read(entry if isinstance(entry, dict) else {})
        except ValueError:
            dropped += 1
        else:
            items.setdefault(identity(item), item)
    return list(items.values()), dropped


def _service(entry: dict[str, object]) -> Service:
    pid = _id(entry.get("id"))
    name = _name(entry.get("name"))
    operators = _entries(entry.get("operators"))
    if not operators:
        return Service(pid, name, (Offer(pid, _price(entry.get("price"))),))
    offers, _ = _read_entries(operators, _offer, lambda offer: offer.pid)
    if not offers:
        raise ValueError("no usable offer")
    return Service(pid, name, tuple(sorted(offers, key=lambda offer: offer.price)))


def _offer(entry: dict[str, object]) -> Offer:
    return Offer(_id(entry.get("pid")), _price(entry.get("price")))


def _country(entry: dict[str, object]) -> Country:
    code = _id(entry.get("code")).lower()
    return Country(code, _name(entry.get("name")), _count(entry.get("count")))


def _entries(data: object) -> list[object] | None:
    """Give a list's entries; PHP writes a list with gaps as an object."""
    if isinstance(data, dict):
        return list(data.values())
    return data if isinstance(data, list) else None


def _id(value: object) -> str:
    if (text := read_pid(value)) is None:
        raise ValueError("no usable id")
    return text


def _name(value: object) -> str:
    if not (name := clean_line(read_scalar(value), MAX_NAME)):
        raise ValueError("no usable name")
    return name


def _price(value: object) -> int:
    """Give micro-dollars; nothing is sold for nothing, so zero is a mistake."""
    if not (price := parse_dollars(value)):
        raise ValueError("a price of zero")
    return price


def _count(value: object) -> int:
    match = _COUNT.fullmatch(read_scalar(value))
    return int(match[1]) if match else 0
