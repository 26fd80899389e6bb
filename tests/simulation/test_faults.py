"""Every fault of a money call is met once for sure, and breaks no promise."""

import pytest

from tests.simulation.walks import meet
from tests.simulation.weather import CANCEL_FAULTS, PURCHASE_FAULTS

NEVER_CHARGED = {"not sent", "too frequent"}


@pytest.mark.parametrize("fault", PURCHASE_FAULTS)
def test_a_purchase_survives(fault: str) -> None:
    end = meet("getNumber", fault)
    if fault in NEVER_CHARGED or "not charged" in fault or "before charging" in fault:
        assert end == "declined"
    elif "slow" in fault:  # the provider's time runs from the charge, ours from its answer
        assert end in {"cancelled", "expired"}
    else:
        assert end in {"lost", "cancelled"}


@pytest.mark.parametrize("fault", CANCEL_FAULTS)
def test_a_cancellation_survives(fault: str) -> None:
    assert meet("cancel", fault) == "cancelled"
