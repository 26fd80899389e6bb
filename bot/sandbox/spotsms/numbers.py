"""Made-up phone numbers that look right for their country, and made-up SMS."""

import random
from collections.abc import Container

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

_FICTION = {"GB": "+447700900###", "FR": "+3363998####", "DE": "+4917139200##"}
"""Blocks that their regulators keep for fiction; in North America it is 555-0100 to 555-0199."""

_FICTION_TRIES = 200
_TRIES = 50
_MOST_TRIES = 10_000


def made_up_number(rng: random.Random, country: str, taken: Container[str]) -> str:
    """Gives a number such as ``+905551234567`` that looks right for the country and is not taken.

    It comes from a block kept for fiction, where there is one, and as long as that lasts.

    Raises:
        ValueError: the country has no numbers, or none left.
    """
    region = country.upper()
    example = _example(region)
    for _ in range(_FICTION_TRIES):
        pattern = _fiction(rng, region, example)
        if pattern is None:
            break
        number = _fill(rng, pattern)
        if number not in taken:
            return number
    return _varied(rng, region, example, taken)


def _example(region: str) -> str:
    example = phonenumbers.example_number_for_type(region, PhoneNumberType.MOBILE)
    if example is None:
        example = phonenumbers.example_number(region)
    if example is None:
        raise ValueError(f"no numbers are known for {region}")
    return phonenumbers.format_number(example, PhoneNumberFormat.E164)


def _fiction(rng: random.Random, region: str, example: str) -> str | None:
    if not example.startswith("+1"):
        return _FICTION.get(region)
    anywhere = f"+1{rng.randrange(201, 990)}55501##"
    return anywhere if _is_valid(_fill(rng, anywhere), region) else f"{example[:5]}55501##"


def _fill(rng: random.Random, pattern: str) -> str:
    return "".join(str(rng.randrange(10)) if sign == "#" else sign for sign in pattern)


def _varied(rng: random.Random, region: str, example: str, taken: Container[str]) -> str:
    """Changes the last digits, more of them the longer it takes; gives up on validity at last."""
    most = len(example) - 4
    for attempt in range(_MOST_TRIES):
        digits = min(most, 6 + attempt // _TRIES)
        number = _fill(rng, example[:-digits] + "#" * digits)
        if number not in taken and (attempt > 10 * _TRIES or _is_valid(number, region)):
            return number
    raise ValueError(f"numbers for {region} have run out")


def _is_valid(number: str, region: str) -> bool:
    return phonenumbers.is_valid_number_for_region(phonenumbers.parse(number), region)


def made_up_sms(rng: random.Random, service: str) -> str:
    """Gives what the provider might show: a bare code most of the time, else a whole SMS."""
    code = f"{rng.randrange(100_000, 1_000_000)}"
    return rng.choice(
        [
            code,
            code,
            f"{code[:3]}-{code[3:]}",
            f"Your {service} verification code is {code}",
            f"<#> {code} is your {service} code. Do not share it with anyone.",
            f"[{service}] {code[:3]}-{code[3:]} is your security code. It expires in 10 minutes.",
        ]
    )
