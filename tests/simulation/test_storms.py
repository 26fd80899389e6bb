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


@pytest.mark.parametrize(
    "seed", ["brief-replay", pytest.param("short-replay", marks=pytest.mark.soak)]
)
def test_the_same_seed_is_the_same_history(seed: str) -> None:
    digest, counters = run_storm(seed)
    assert counters["process: crashed"] > 0
    assert run_storm(seed) == (digest, counters)
