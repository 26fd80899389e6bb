"""Look for a planted bug, seed by seed, until a promise breaks."""

from collections.abc import Iterator

from tests.simulation.bugs import WALKED, planted
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


def _seeds(bug: str) -> Iterator[int]:
    """Give storms without end, or the points of a walk at which a crash leaves something."""
    if bug in WALKED:
        points = points_of(WALKED[bug], lambda what: what != "before a statement")
        yield from points
    else:
        yield from range(1, 1000)


def _play(bug: str, seed: int) -> None:
    if bug in WALKED:
        take_walk(WALKED[bug], crash_at=seed)
    else:
        run_storm(f"short-{seed}")
