"""Made-up phone numbers that look right for their country, and made-up SMS."""

import random
from collections.abc import Container

import phonenumbers
from phonenumbers import PhoneNumberFormat, PhoneNumberType

_FICTION_TRIES = 200
_TRIES = 50


def made_up_number(rng: random.Random, country: str, taken: Container[str]) -> str:
    """Gives a number such as ``+905551234567`` that is valid for the country and not taken.

    North American numbers come from the 555-0100 to 555-0199 block, which is kept for fiction,
    as long as it lasts.
    """
    region = country.upper()
    example = _example(region)
    if example.startswith("+1"):
        for _ in range(_FICTION_TRIES):
            number = _fictional(rng, region, example)
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


def _fictional(rng: random.Random, region: str, example: str) -> str:
    last = f"55501{rng.randrange(100):02d}"
    anywhere = f"+1{rng.randrange(201, 990)}{last}"
    return anywhere if _is_valid(anywhere, region) else example[:5] + last


def _varied(rng: random.Random, region: str, example: str, taken: Container[str]) -> str:
    """Changes the last digits, more of them the longer it takes; gives up on validity at last."""
    most = len(example) - 4
    for attempt in range(10_000):
        digits = min(most, 6 + attempt // _TRIES)
        number = example[:-digits] + f"{rng.randrange(10**digits):0{digits}d}"
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
