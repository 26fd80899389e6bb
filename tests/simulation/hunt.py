"""Look for a planted bug, seed by seed, until a promise breaks."""

from collections.abc import Iterator

from tests.simulation.bugs import WALKED, planted
from tests.simulation.chat_bugs import CHAT_BUGS, WALKED_BY_HAND
from tests.simulation.chat_storm import run_chat_storm
from tests.simulation.chat_walks import take_chat_walk
from tests.simulation.storm import run_storm
from tests.simulation.walks import points_of, take_walk
from tests.simulation.world import BrokenPromiseError


def hunt(bug: str, most_seeds: int) -> tuple[int, str] | None:
    """Give the number of the first seed that finds a bug, and the promise that it breaks."""
    for number, seed in enumerate(_seeds(bug), 1):
        try:
            with planted(bug):
                _play(bug, seed)
        except BrokenPromiseError as broken:
            return number, broken.promise
        if number == most_seeds:
            break
    return None


def is_walked(bug: str) -> bool:
    """Tell whether only a crash at a certain moment shows a bug."""
    return bug in WALKED or bug in WALKED_BY_HAND


def _seeds(bug: str) -> Iterator[int]:
    """Give storms without end, or the points of a walk at which a crash leaves something."""
    if bug in WALKED_BY_HAND:
        yield from (n for n, what in enumerate(take_chat_walk(), 1) if _leaves_something(what))
    elif bug in WALKED:
        yield from points_of(WALKED[bug], _leaves_something)
    else:
        yield from range(1, 1000)


def _leaves_something(point: str) -> bool:
    return point != "before a statement"


def _play(bug: str, seed: int) -> None:
    if bug in WALKED_BY_HAND:
        take_chat_walk(crash_at=seed)
    elif bug in WALKED:
        take_walk(WALKED[bug], crash_at=seed)
    elif bug in CHAT_BUGS:
        run_chat_storm(f"chat-{seed}")
    else:
        run_storm(f"short-{seed}")
