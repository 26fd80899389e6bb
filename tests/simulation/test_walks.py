"""The process may die at any commit and any call of a canonical walk: no promise is broken.

One in twelve of these moments is tried here, each statement between them by `make soak`.
"""

import pytest

from tests.simulation.walks import WALKS, points_of, take_walk

pytestmark = pytest.mark.timeout(400)  # seconds of work, which share the machine

ONE_IN = 12


def _has_an_effect(point: str) -> bool:
    """A statement before its commit leaves no more behind than the commit that never was."""
    return point != "before a statement"


@pytest.mark.parametrize("walk", WALKS)
def test_a_crash_anywhere_breaks_no_promise(walk: str) -> None:
    points = points_of(walk, _has_an_effect)
    assert len(points) > 40
    for point in points[::ONE_IN]:
        take_walk(walk, crash_at=point)
