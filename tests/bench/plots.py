"""Pictures of what was measured."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.figure import Figure

from tests.bench.limit import LATE, Limit
from tests.bench.sizes import Size

LEAST_SHOWN = 0.001


def draw_limits(limits: Mapping[str, Limit], path: Path) -> None:
    """Draw (a): p99 lateness by open activations."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for name, limit in limits.items():
        axes.plot(
            [count for count, _ in limit.curve],
            [max(LEAST_SHOWN, lateness) for _, lateness in limit.curve],
            label=name,
        )
    axes.axhline(LATE, color="grey", linestyle=":")
    axes.set(
        yscale="log", xlabel="open activations", ylabel="p99 lateness of looks (s)", xlim=(0, None)
    )
    axes.legend()
    figure.savefig(path, metadata={"Date": None})


def draw_sizes(sizes: list[Size], path: Path) -> None:
    """Draw (f): CPU for one look at each number, by how many there are."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    counts = [size.open for size in sizes]
    axes.plot(counts, [size.round_cpu for size in sizes], marker="o", label="measured")
    each = sizes[-1].round_cpu / sizes[-1].open
    axes.plot(counts, [each * count for count in counts], linestyle=":", label="in proportion")
    axes.set(
        xscale="log",
        yscale="log",
        xlabel="open activations",
        ylabel="CPU seconds for one look at each",
    )
    axes.legend()
    figure.savefig(path, metadata={"Date": None})
