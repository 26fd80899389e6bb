"""Run the benches and write down what they show: `python -m tests.bench [--quick] [name …]`."""

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path

from tests.bench import client, limit, replicas, sizes, updates
from tests.bench.limit import Limit, Ramp
from tests.bench.load import MOST_RPS, Figures, Load, measured
from tests.bench.plots import draw_limits, draw_sizes

HERE = Path(__file__).parent
TITLE = "# What the benches show\n\nWritten by `make bench`."

Lines = list[str]
Bench = Callable[[bool], Awaitable[Lines]]


async def one_process(quick: bool, *, browsing: int = 0) -> Lines:
    """Measure the whole bot, with so many people browsing."""
    count = 3_000 if quick else 10_000
    load = Load(
        count,
        seconds=15.0 if quick else 30.0,
        settling=12.0 if quick else 22.0,
        browsing=browsing,
        codes_per_second=3.0,
        overdue=True,
    )
    found = await measured(load)
    people = f"{browsing} people browsing" if browsing else "nobody browsing"
    return [
        f"## One process, {count:,} open, all overdue at the start, {people}",
        *_table("figure", "measured", "wanted for 10,000"),
        *_figures(found, load),
    ]


async def cost_of_a_look(quick: bool) -> Lines:
    """(b): the provider client beside a bare aiohttp loop."""
    costs = await client.report(quick=quick)
    return [
        "## (b) CPU of a look, our client beside a bare aiohttp loop (wanted: at most 3.5)",
        *_table("", "ours, µs", "bare, µs", "ratio"),
        *(
            _row(name, f"{cost.ours * 1e6:.0f}", f"{cost.bare * 1e6:.0f}", f"{cost.ratio:.2f}")
            for name, cost in costs.items()
        ),
    ]


async def updates_per_second(quick: bool) -> Lines:
    """(c): updates beside python-telegram-bot alone."""
    rates = await updates.compare(rounds=1 if quick else 3)
    return [
        f"## (c) Updates per second, the provider taking {updates.DELAY * 1000:.0f} ms for each",
        *_table("", "per second", "ours is so many times that"),
        _row("ours", f"{rates.ours:.0f}", "1"),
        *(
            _row(name, f"{rate:.0f}", f"{rates.ours / rate:.2f}")
            for name, rate in (
                ("PTB as it comes, one at a time", rates.one_at_a_time),
                ("PTB as it comes, an echo that asks nobody", rates.echo),
            )
        ),
    ]


async def how_many(quick: bool) -> Lines:
    """(a): open activations until looks are late."""
    faster = 2 if quick else 1
    found = {
        "ours": await limit.ours(Ramp(6_000, 200 * faster, 10_000 if quick else 20_000)),
        "a job for each, on httpx": await limit.plain(Ramp(1_500, 60 * faster, 7_000)),
    }
    draw_limits(found, HERE / "limit.svg")
    return [
        f"## (a) Open activations until p99 lateness is over {limit.LATE:g} s, at a 10 s interval",
        *_table("", "open"),
        *(_row(name, _reached(one)) for name, one in found.items()),
        "",
        "![p99 lateness by open activations](limit.svg)",
    ]


async def waits(_: bool) -> Lines:
    """(d): the wait for a code, simulated."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.bench.waits"), cwd=HERE.parents[1], stdout=subprocess.PIPE
    )
    output, _error = await process.communicate()
    return ["## (d) The wait for a code (simulated)", "```", output.decode().strip(), "```"]


async def several(quick: bool) -> Lines:
    """(e): one process and two on PostgreSQL."""
    count = 1_000 if quick else replicas.OPEN
    found = await replicas.compare(count=count, seconds=10.0 if quick else 20.0)
    return [
        f"## (e) Processes on PostgreSQL, {count:,} open",
        *_table(
            "processes",
            "p99 lateness, s",
            "least between two looks, s",
            "CPU of all, cores",
            "CPU per look, µs",
            "code to message p99, s",
            "codes lost",
        ),
        *(
            _row(
                f"{processes}",
                f"{one.lateness_p99:.2f}",
                f"{one.closest:.2f}",
                f"{one.cpu_share:.2f}",
                f"{one.cpu_per_look * 1e6:.0f}",
                _seconds(one.code_p99),
                f"{one.codes_lost}",
            )
            for processes, one in found.items()
        ),
    ]


async def cost_by_size(quick: bool) -> Lines:
    """(f): cost by the number of open activations."""
    found = await sizes.measure(
        sizes.QUICK_SIZES if quick else sizes.SIZES, seconds=10.0 if quick else 20.0
    )
    draw_sizes(found, HERE / "sizes.svg")
    return [
        f"## (f) Cost by size: CPU grows with the power of {sizes.exponent(found):.2f}",
        *_table(
            "open",
            "interval, s",
            "CPU s for one look at each",
            "CPU per look, µs",
            "p99 lateness, s",
            "MB",
        ),
        *(
            _row(
                f"{one.open:,}",
                f"{one.interval:g}",
                f"{one.round_cpu:.2f}",
                f"{one.figures.cpu_per_look * 1e6:.0f}",
                f"{one.figures.lateness_p99:.2f}",
                f"{one.figures.resident:.0f}",
            )
            for one in found
        ),
        "",
        "![CPU by open activations](sizes.svg)",
    ]


BENCHES: dict[str, Bench] = {
    "load": one_process,
    "browsing": partial(one_process, browsing=50),
    "a": how_many,
    "b": cost_of_a_look,
    "c": updates_per_second,
    "d": waits,
    "e": several,
    "f": cost_by_size,
}


def _figures(found: Figures, load: Load) -> Lines:
    cells = (
        ("first look after the start of the process, s", f"{found.first_look:.1f}", "2"),
        ("until every number was looked at, s", f"{found.all_looked:.1f}", f"{load.interval:g}"),
        ("most looks in a second", f"{found.most_looks:,}", f"{MOST_RPS:,}"),
        ("lateness of looks, p50, s", f"{found.lateness_p50:.2f}", ""),
        ("lateness of looks, p99, s", f"{found.lateness_p99:.2f}", "1"),
        ("least between two looks at a number, s", f"{found.closest:.2f}", f"{load.interval:g}"),
        ("CPU, share of a core", f"{found.cpu_share:.0%}", "85%"),
        ("resident, MB", f"{found.resident:.0f}", "250"),
        ("code to message, p50, s", _seconds(found.code_p50), ""),
        ("code to message, p99, s", _seconds(found.code_p99), f"{load.interval + 1:g}"),
        ("codes, and lost ones", f"{found.codes}, {found.codes_lost}", "0 lost"),
        ("answer to a press, p50, s", _seconds(found.browse_p50), ""),
        ("answer to a press, p99, s", _seconds(found.browse_p99), "0.3"),
    )
    return [_row(*row) for row in cells]


def _table(*titles: str) -> Lines:
    return ["", _row(*titles), "|---" * len(titles) + "|"]


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _reached(one: Limit) -> str:
    return f"{one.open:,}" if one.reached else f"more than {one.open:,}"


def _seconds(value: float | None) -> str:
    return "none" if value is None else f"{value:.2f}"


def _machine() -> str:
    info = Path("/proc/cpuinfo").read_text().splitlines()
    name = next((line.split(":")[1].strip() for line in info if "model name" in line), "unknown")
    return (
        f"{time.strftime('%Y-%m-%d', time.gmtime())}: {os.cpu_count()} cores of {name}, "
        f"Python {platform.python_version()}. The stand-ins of SpotSMS and the Bot API run on the "
        "same machine; each bench says how busy it was (load average) when it began."
    )


async def run(names: list[str], *, quick: bool) -> str:
    """Run benches one after the other; give what they show, as Markdown."""
    parts = [f"{TITLE}\n\n{_machine()}"]
    for name in names:
        load = os.getloadavg()[0]
        lines = await BENCHES[name](quick)
        parts.append("\n".join([*lines, "", f"Load average: {load:.1f}."]))
        sys.stdout.write(parts[-1] + "\n\n")
        sys.stdout.flush()
    return "\n\n".join(parts) + "\n"


def main() -> None:
    """Run what the arguments name; all of them are written to RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHES, []], metavar="name")
    parser.add_argument("--quick", action="store_true", help="fewer, smaller, written nowhere")
    options = parser.parse_args()
    names = options.names or list(BENCHES)
    results = asyncio.run(run(names, quick=options.quick))
    if names == list(BENCHES) and not options.quick:
        (HERE / "RESULTS.md").write_text(results)


if __name__ == "__main__":
    main()
