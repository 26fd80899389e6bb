"""People chat with the bot, and nothing that they send is lost or has its effect twice."""

import pytest

from tests.simulation.chat_storm import run_chat_storm
from tests.simulation.chat_walks import take_chat_walk

pytestmark = pytest.mark.timeout(400)  # seconds of work, which share the machine

SEEDS = [f"chat-{number}" for number in range(1, 13)]
ONE_IN = 12
"""So many of the walk's moments are left to `make soak`."""


@pytest.mark.parametrize(
    "seed", [SEEDS[0], *(pytest.param(seed, marks=pytest.mark.soak) for seed in SEEDS[1:])]
)
def test_a_storm_of_people_who_chat_breaks_no_promise(seed: str) -> None:
    _, counters = run_chat_storm(seed)
    assert counters["updates"] > 150
    assert counters["process: crashed"] > 0


@pytest.mark.soak
def test_the_same_chats_are_the_same_history() -> None:
    assert run_chat_storm("chat-replay") == run_chat_storm("chat-replay")


def test_a_crash_anywhere_on_the_way_from_a_command_to_its_code_breaks_no_promise() -> None:
    points = [n for n, what in enumerate(take_chat_walk(), 1) if what != "before a statement"]
    assert len(points) > 80
    for point in points[::ONE_IN]:
        take_chat_walk(crash_at=point)
