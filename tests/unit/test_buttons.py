"""What buttons carry is ours or nothing: round trips, bounds, forgeries."""

from dataclasses import fields
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram.ext import InvalidCallbackData

from bot.chat import (
    application,  # noqa: F401 - it knows every kind of button
    buttons,
)
from bot.chat.codec import (
    Button,
    Flag,
    Integer,
    Natural,
    OwnId,
    Page,
    Reference,
    Word,
    decode,
    encode,
    kinds,
    matches,
    reference,
)

OF_FIELD: dict[object, st.SearchStrategy[Any]] = {
    Natural: st.integers(0, 2**63 - 1),
    Integer: st.integers(-(2**63) + 1, 2**63 - 1),
    Page: st.integers(0, 46_655),
    Flag: st.booleans(),
    Reference: st.text(max_size=40),
    OwnId: st.from_regex(r"[0-9a-f]{16}", fullmatch=True),
    Word: st.from_regex(r"[a-z0-9_]{0,16}", fullmatch=True),
}


def _any_of(kind: type[Button]) -> st.SearchStrategy[Button]:
    hints = get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{name: OF_FIELD[hint] for name, hint in hints.items()})


BUTTONS: st.SearchStrategy[Button] = st.one_of(*map(_any_of, kinds()))


@given(BUTTONS)
def test_every_button_fits_into_64_bytes_and_comes_back(button: Button) -> None:
    data = encode(button)
    assert 1 <= len(data.encode()) <= 64
    pressed = decode(data)
    assert pressed is not None
    assert type(pressed) is type(button)
    for field in fields(button):  # type: ignore[arg-type]  # every kind is a dataclass
        given_value, value = getattr(pressed, field.name), getattr(button, field.name)
        same = matches(given_value, value) if isinstance(value, str) else given_value == value
        assert same, field.name
    assert encode(pressed) == data, "a pressed button can be written again"


@given(BUTTONS, st.data())
def test_a_changed_button_is_another_button_or_none(button: Button, data: st.DataObject) -> None:
    genuine = encode(button)
    at = data.draw(st.integers(0, len(genuine) - 1))
    forged = genuine[:at] + data.draw(st.text(max_size=4)) + genuine[at + 1 :]
    pressed = decode(forged)
    assert pressed is None or encode(pressed) == forged


@given(st.one_of(st.text(max_size=80), st.text("b1:sxy0a~-", max_size=64), st.binary(), st.none()))
def test_no_data_breaks_the_reading(data: object) -> None:
    pressed = decode(data)
    assert pressed is None or encode(pressed) == data


@pytest.mark.parametrize(
    "data",
    [
        "",
        "b1",
        "b1:",
        "b1:?:1",
        "b2:a",
        "B1:a",
        "b1:a:",
        "b1:s:1",
        "b1:s:1:0:0",
        "b1:s:01:0",
        "b1:s:+1:0",
        "b1:s:1_0:0",
        "b1:s: 1:0",
        "b1:s:-1:0",
        "b1:s:A:0",
        "b1:s:1:0\n",
        "b1:s:1:0\0",
        "b1:s:1:1000",
        "b1:s:1y2p0ij32e8e8:0",
        "b1:s:\N{FULLWIDTH DIGIT ONE}:0",
        "b1:d:1:2",
        "b1:d:-0:1",
        "b1:y:",
        "b1:y:' or 1=1 --",
        "b1:p:1::tr",
        "b1:p:1:0948:t r",
        "b1:p:1:~ABCDEFGH:tr",
        "b1:a" + " " * 61,
    ],
)
def test_what_we_did_not_write_is_no_button(data: str) -> None:
    assert decode(data) is None


def test_what_the_library_puts_in_place_of_lost_data_is_no_button() -> None:
    assert decode(InvalidCallbackData()) is None


@pytest.mark.parametrize("plain", ["0948", "wa", "tr", "A-b_c.9"])
def test_a_short_id_is_carried_as_it_is(plain: str) -> None:
    assert reference(plain) == plain


@pytest.mark.parametrize("long", ["a" * 13, "with:colon", "Türkiye", "", " ", "a b", "\ud800"])
def test_an_awkward_id_is_carried_as_a_reference_to_it_alone(long: str) -> None:
    carried = reference(long)
    assert carried.startswith("~")
    assert matches(carried, long)
    assert not matches(carried, long + "x")


@pytest.mark.parametrize(
    "button",
    [
        buttons.Confirm("not an id"),
        buttons.ShowNumber(-1),
        buttons.ShowNumber(2**63),
        buttons.ShowServices(1, 46_656),
    ],
)
def test_an_id_out_of_its_range_is_not_written(button: Button) -> None:
    with pytest.raises(ValueError, match=r"id|page"):
        encode(button)
