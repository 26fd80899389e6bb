"""Under every fault that can be staged, from many seeds: no promise is broken."""

import pytest

from tests.simulation.storm import run_storm

pytestmark = pytest.mark.timeout(400)  # seconds of work, which share the machine

SEEDS = [f"storm-{number}" for number in range(7)]
"""Some 2,000 purchases: the first of them in `make test`, all in `make soak`, and others there."""


@pytest.mark.parametrize(
    "seed", [SEEDS[0], *(pytest.param(seed, marks=pytest.mark.soak) for seed in SEEDS[1:])]
)
def test_a_storm_breaks_no_promise(seed: str) -> None:
    _, counters = run_storm(seed)
    assert counters[" -> requested"] > 100


def test_the_same_seed_is_the_same_history() -> None:
    assert run_storm("short-replay") == run_storm("short-replay")
