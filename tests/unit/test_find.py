"""What the owner types to find a purchase is understood, or nothing is looked for."""

import pytest

from bot.chat.owner.find import sought_in
from bot.storage.supervision import Sought


@pytest.mark.parametrize(
    ("typed", "sought"),
    [
        ("#12", Sought(activation_id=12)),
        ("12", Sought(activation_id=12, user_id=12, digits="12")),
        ("+1 202-555-0123", Sought(digits="12025550123")),
        ("(20) 2", Sought(activation_id=202, user_id=202, digits="202")),
        ("2026-01-31", Sought(coded_on=1_769_817_600_000)),
        ("  Ann   Smith ", Sought(name="Ann Smith")),
        ("@ann", Sought(name="@ann")),
        ("2026-02-30", None),
        ("@", None),
        ("  ", None),
        ("#", Sought(name="#")),
        ("+", Sought(name="+")),
    ],
)
def test_what_is_typed_is_understood(typed: str, sought: Sought | None) -> None:
    assert sought_in(typed) == sought
