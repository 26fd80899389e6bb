"""Money is exact: what goes in comes out, and nothing is ever rounded in the buyer's favour."""

from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.money import MAX_DOLLARS, MICROS_PER_DOLLAR, format_dollars, parse_dollars

MOST = int(MAX_DOLLARS) * MICROS_PER_DOLLAR - 1
amounts = st.integers(0, MOST)


@pytest.mark.parametrize(
    ("written", "micros"),
    [
        ("0.0882", 88_200),
        ("49.95", 49_950_000),
        (" $5 ", 5_000_000),
        (1, 1_000_000),
        (0.1, 100_000),
        (Decimal("0.000001"), 1),
        ("0", 0),
        ("1e-4", 100),
        ("0.0000001", 1),
        ("0.1234561", 123_457),
    ],
)
def test_amounts_are_read_as_they_are_written(written: object, micros: int) -> None:
    assert parse_dollars(written) == micros


@pytest.mark.parametrize(
    "written",
    [
        *["", "free", "-1", "1,5", "nan", "inf", "-inf", "1000000", "1e9", "--1", "9" * 5000],
        *[True, None, [], b"1", Path("5"), float("nan"), float("inf"), -0.01],
    ],
)
def test_what_is_no_amount_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match="amount of money"):
        parse_dollars(written)


@pytest.mark.parametrize(
    ("micros", "written"),
    [
        (88_200, "$0.0882"),
        (5_000_000, "$5.00"),
        (-5_000_000, "-$5.00"),
        (1, "$0.000001"),
        (0, "$0.00"),
        (1_234_567_890_000, "$1,234,567.89"),
        (100_000, "$0.10"),
    ],
)
def test_amounts_are_written_exactly(micros: int, written: str) -> None:
    assert format_dollars(micros) == written


@given(amounts)
def test_what_is_written_is_read_back(micros: int) -> None:
    assert parse_dollars(format_dollars(micros).replace(",", "")) == micros


@given(amounts)
def test_no_float_comes_between(micros: int) -> None:
    exact = Decimal(micros) / MICROS_PER_DOLLAR
    assert parse_dollars(exact) == parse_dollars(str(exact)) == micros
    assert type(parse_dollars(exact)) is int


@given(st.decimals(0, MAX_DOLLARS - 1, places=12))
def test_reading_never_makes_an_amount_smaller(amount: Decimal) -> None:
    micros = parse_dollars(amount)
    assert 0 <= micros - Fraction(amount) * MICROS_PER_DOLLAR < 1


@given(st.text())
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    try:
        micros = parse_dollars(text)
    except ValueError:
        return
    assert 0 <= micros <= MOST + 1


def test_a_wrong_kind_of_value_is_named_and_its_content_is_not() -> None:
    with pytest.raises(ValueError, match=r"^not an amount of money: list$"):
        parse_dollars(["secret"])
