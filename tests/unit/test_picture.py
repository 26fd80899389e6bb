"""The picture of the statistics: its size, its colours, and the names it survives."""

import asyncio
import io
import struct
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from bot.chat.insight import picture
from bot.chat.insight.statistics import caption
from bot.domain.statistics import Evidence, Tally, Window
from bot.sandbox.telegram.entities import parse_html, units
from bot.workflows.statistics import Report

ROOT = Path(__file__).parents[2]
SOME = (Tally("1", "WhatsApp", 12, 1_058_400, Evidence(10, 9, 41_000)),)
HOSTILE = tuple(
    Tally(str(number), name, 1, 88_200, Evidence())
    for number, name in enumerate(
        ["微信", "$x_1^2$ \\frac", "🦊 fox", "\u202eabc", "a\nb", "<b>&" * 50, "", "\ud800"]
    )
)


def report(*tallies: Tally) -> Report:
    total = Tally("", "", 12, 1_058_400, Evidence(10, 9, 41_000))
    return Report(Window.MONTH, total, tallies, tallies)


async def drawn(shown: Report, title: str = "Team", *, dark: bool = False) -> bytes:
    png = await picture.draw(shown, title, dark=dark)
    assert png is not None
    assert png.startswith(b"\x89PNG")
    return png


def size(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def corner(png: bytes) -> tuple[int, ...]:
    """Give the colour of the upper left pixel."""
    with Image.open(io.BytesIO(png)) as image:
        found = image.convert("RGB").getpixel((1, 1))
    assert isinstance(found, tuple)
    return tuple(map(int, found))


async def test_a_picture_is_as_wide_as_a_phone_s_screen_and_not_too_tall() -> None:
    width, height = size(await drawn(report(*SOME * 20)))
    assert width == 1080
    assert height < 2 * width
    assert size(await drawn(report(), title=""))[0] == 1080


async def test_there_is_a_light_and_a_dark_one() -> None:
    assert corner(await drawn(report(*SOME))) == (255, 255, 255)
    assert max(corner(await drawn(report(*SOME), dark=True))) < 64


async def test_whatever_things_are_called_is_drawn() -> None:
    """Warnings are errors: none about a letter that the font lacks, or about formulas."""
    for tallies in (HOSTILE[:4], HOSTILE[4:]):
        await drawn(report(*tallies), title="".join(tally.name[:14] for tally in tallies))


LONG = Tally("tr", "x" * 300, 9**9, 9**15, Evidence(99_999, 99_999, 10**9))


@pytest.mark.parametrize("tallies", [HOSTILE, SOME * 50, (LONG,) * 9])
def test_the_words_below_fit_a_caption(tallies: tuple[Tally, ...]) -> None:
    html = caption(report(*tallies), "<i>" * 100)
    assert 0 < units(parse_html(html)[0]) <= 1024


async def test_where_no_picture_can_be_drawn_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    assert await picture.draw(report(), "Team", dark=False) is None


def test_the_bot_starts_without_loading_what_draws() -> None:
    code = "import sys, bot.app; assert not {'matplotlib', 'numpy', 'PIL'} & set(sys.modules)"
    command = [sys.executable, "-c", code]
    subprocess.run(command, cwd=ROOT, check=True, timeout=60)  # noqa: S603 - our own words


@pytest.mark.timing
async def test_the_event_loop_goes_on_while_a_picture_is_drawn() -> None:
    await drawn(report(*SOME))
    longest = 0.0
    drawing = asyncio.create_task(drawn(report(*SOME * 6), dark=True))
    while not drawing.done():
        before = time.monotonic()
        await asyncio.sleep(0.001)
        longest = max(longest, time.monotonic() - before)
    assert drawing.result()
    assert longest < 0.25
