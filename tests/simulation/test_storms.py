"""Under every fault that can be staged, from many seeds: no promise is broken."""

import pytest

from tests.simulation.storm import run_storm

pytestmark = pytest.mark.timeout(400)  # seconds of work, which share the machine

SEEDS = [f"storm-{number}" for number in range(3)]
LEAST_PURCHASES = 667
"""In each: 2,000 of them in `make test`, and any number more in `make soak`."""


@pytest.mark.parametrize("seed", SEEDS)
def test_a_storm_breaks_no_promise(seed: str) -> None:
    _, counters = run_storm(seed)
    assert counters[" -> requested"] >= LEAST_PURCHASES


def test_the_same_seed_is_the_same_history() -> None:
    assert run_storm("short-replay") == run_storm("short-replay")
