"""Money is an integer number of micro-dollars: no float ever holds an amount."""

from decimal import ROUND_CEILING, Decimal, InvalidOperation

MICROS_PER_DOLLAR = 1_000_000
MAX_DOLLARS = Decimal(1_000_000)


def parse_dollars(value: object) -> int:
    """Give the micro-dollars in what the provider or a person wrote (`"0.0882"`, 1, `1.5`).

    What is finer than a micro-dollar is rounded up, so that no limit is passed by rounding.

    Raises:
        ValueError: not a finite, non-negative amount below a million dollars.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError(f"not an amount of money: {type(value).__name__}")
    try:
        amount = Decimal(str(value).strip().removeprefix("$"))
    except InvalidOperation:
        raise ValueError("not an amount of money") from None
    if not amount.is_finite() or not 0 <= amount < MAX_DOLLARS:
        raise ValueError("an amount of money out of range")
    return int((amount * MICROS_PER_DOLLAR).to_integral_value(ROUND_CEILING))


def format_dollars(micros: int) -> str:
    """Write an amount exactly, with two decimals or as many as it needs: `$0.0882`, `-$5.00`."""
    dollars, rest = divmod(abs(micros), MICROS_PER_DOLLAR)
    decimals = f"{rest:06d}".rstrip("0").ljust(2, "0")
    return f"{'-' if micros < 0 else ''}${dollars:,}.{decimals}"
