"""The picture of `/stats`: 1080 pixels wide, for the screen of a phone, on light or dark.

matplotlib takes a second to load, so it is imported by the first picture, in the thread that draws.
"""

import asyncio
import io
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from bot.chat import markup
from bot.chat.insight.words import WINDOWS, in_dollars
from bot.chat.rates import certainty, in_short, wait
from bot.domain.statistics import Evidence, Tally
from bot.workflows.statistics import Report

if TYPE_CHECKING:
    from matplotlib.axes import Axes

log = logging.getLogger(__name__)

WIDTH: Final = 1080
MOST_ROWS: Final = 6
NAME_UNITS: Final = 24

_MARGIN: Final = 56
_HEAD: Final = 376
_SECTION: Final = 108
_ROW: Final = 104
_FOOT: Final = 92
_BAR: Final = 26
_LARGE, _TEXT, _SMALL = 46.0, 34.0, 28.0
"""Heights of letters in pixels: a phone shows three of them as one point."""


@dataclass(frozen=True, slots=True)
class _Palette:
    ground: str
    ink: str
    faint: str
    track: str
    bar: str
    band: str


_LIGHT: Final = _Palette("#ffffff", "#17212b", "#5b6b7a", "#e6ecf1", "#2481cc", "#9cc8ec")
_DARK: Final = _Palette("#17212b", "#f5f7f9", "#a3b4c4", "#263645", "#5eb5f7", "#335f84")

_draws: Final = ThreadPoolExecutor(max_workers=1, thread_name_prefix="picture")


async def draw(report: Report, title: str, *, dark: bool) -> bytes | None:
    """Give a PNG, drawn in a thread of its own, one after the other; None where that fails."""
    loop = asyncio.get_running_loop()
    palette = _DARK if dark else _LIGHT
    try:
        return await loop.run_in_executor(_draws, _draw, report, title, palette)
    except (ImportError, OSError, RuntimeError, ValueError):
        # Fonts, or a place to keep what is known of them, are the machine's.
        log.exception("a picture could not be drawn")
        return None


def _draw(report: Report, title: str, palette: _Palette) -> bytes:
    from matplotlib.figure import Figure

    sections = [("By service", report.services), ("By country", report.countries)]
    shown = [(head, tallies[:MOST_ROWS]) for head, tallies in sections if tallies]
    height = _HEAD + _FOOT + sum(_SECTION + _ROW * len(rows) for _, rows in shown)
    # At 72 dots per inch a point is a pixel.
    figure = Figure(figsize=(WIDTH / 72, height / 72), dpi=72, facecolor=palette.ground)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.axis("off")
    _Sheet(axes, palette).fill(report, title, shown)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", facecolor=palette.ground)
    return picture.getvalue()


class _Sheet:
    """Puts words and bars on axes whose units are pixels, counted from the top left."""

    def __init__(self, axes: "Axes", palette: _Palette) -> None:
        self._axes = axes
        self._palette = palette

    def fill(
        self, report: Report, title: str, sections: Sequence[tuple[str, Sequence[Tally]]]
    ) -> None:
        """Draw heads, rows and the legend."""
        self._head(report, title)
        top = float(_HEAD)
        for head, tallies in sections:
            self._write(_MARGIN, top + 62, head, _TEXT, faint=True)
            top += _SECTION
            for tally in tallies:
                self._row(top, tally)
                top += _ROW
        legend = "Bar: how often a code came. Band: where the true rate lies (95 %)."
        self._write(_MARGIN, top + 48, legend, _SMALL, faint=True)

    def _head(self, report: Report, title: str) -> None:
        total = report.total
        self._write(_MARGIN, 84, markup.cut(title, 38), _LARGE, bold=True)
        self._write(_MARGIN, 134, WINDOWS[report.window].capitalize(), _SMALL, faint=True)
        columns = [
            (in_dollars(total.spent), "spent"),
            (f"{total.codes} of {total.bought}", "numbers with a code"),
            (wait(total.evidence.median_wait), "median wait"),
        ]
        for place, (figure, what) in zip((_MARGIN, 380, 790), columns, strict=True):
            self._write(place, 228, figure, _LARGE, bold=True)
            self._write(place, 274, what, _SMALL, faint=True)
        rate = certainty(total.evidence) or "too early to tell"
        self._write(_MARGIN, 346, f"Success rate: {rate}", _TEXT)

    def _row(self, top: float, tally: Tally) -> None:
        name = markup.cut(" ".join(tally.name.split()) or tally.key, NAME_UNITS)
        facts = filter(None, [in_short(tally.evidence), in_dollars(tally.spent)])
        self._write(_MARGIN, top + 28, name, _TEXT, bold=True)
        self._write(WIDTH - _MARGIN, top + 28, " · ".join(facts), _TEXT, align="right")
        self._bar(top + 46, tally.evidence)

    def _bar(self, top: float, evidence: Evidence) -> None:
        self._rectangle(top, 0, 1, self._palette.track, _BAR)
        if not evidence.cases:
            return
        low, high = evidence.interval
        self._rectangle(top, low, high, self._palette.band, _BAR)
        self._rectangle(top + _BAR / 4, 0, evidence.rate, self._palette.bar, _BAR / 2)

    def _rectangle(self, top: float, start: float, end: float, color: str, height: float) -> None:
        width = WIDTH - 2 * _MARGIN
        self._axes.broken_barh(
            [(_MARGIN + start * width, (end - start) * width)], (top, height), color=color
        )

    def _write(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        *,
        bold: bool = False,
        faint: bool = False,
        align: str = "left",
    ) -> None:
        self._axes.text(
            x,
            y,
            _drawable(words),
            fontsize=size,
            fontweight="bold" if bold else "normal",
            color=self._palette.faint if faint else self._palette.ink,
            horizontalalignment=align,
            parse_math=False,  # amounts have dollar signs
        )


def _drawable(words: str) -> str:
    """Leave out what the font, which comes with matplotlib, has no picture for."""
    known = _letters()
    return "".join(letter if ord(letter) in known else "□" for letter in words)


@cache
def _letters() -> frozenset[int]:
    from matplotlib.font_manager import FontProperties, findfont, get_font

    fonts = [FontProperties(weight="normal"), FontProperties(weight="bold")]
    maps = [frozenset(get_font(findfont(font)).get_charmap()) for font in fonts]
    return maps[0] & maps[1]
