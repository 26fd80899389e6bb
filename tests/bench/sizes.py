"""(f) What open activations cost by their number."""

import math
from dataclasses import dataclass

from tests.bench.load import INTERVAL, Figures, Load, measured

LOOKS_PER_SECOND = 1000.0
"""More activations than that allows at the usual interval are looked at less often."""
SIZES = (100, 1_000, 10_000, 50_000)
QUICK_SIZES = (100, 1_000, 5_000)


@dataclass(frozen=True, slots=True)
class Size:
    """One size: CPU seconds for one look at each number, everything else included."""

    open: int
    interval: float
    round_cpu: float
    figures: Figures


async def measure(sizes: tuple[int, ...] = SIZES, *, seconds: float = 20.0) -> list[Size]:
    """Measure each size."""
    found = []
    for count in sizes:
        interval = max(INTERVAL, count / LOOKS_PER_SECOND)
        figures = await measured(Load(count, interval, seconds))
        found.append(Size(count, interval, figures.cpu_share * interval, figures))
    return found


def exponent(sizes: list[Size]) -> float:
    """Give the slope of CPU by size, both on logarithmic scales, by least squares."""
    points = [(math.log(size.open), math.log(max(size.round_cpu, 1e-3))) for size in sizes]
    x_mean = sum(x for x, _ in points) / len(points)
    y_mean = sum(y for _, y in points) / len(points)
    return sum((x - x_mean) * (y - y_mean) for x, y in points) / sum(
        (x - x_mean) ** 2 for x, _ in points
    )
