"""Limits as they are typed and picked."""

import pytest

from bot.chat import limits
from bot.chat.codec import decode
from bot.chat.groups.buttons import SetLimit


@pytest.mark.parametrize(
    ("word", "value", "meant"),
    [
        ("daily", "7.50", ("daily", 7_500_000)),
        ("day", "1,50", ("daily", 1_500_000)),
        ("price", "$0.2", ("highest_price", 200_000)),
        ("once", "3", ("open_at_once", 3)),
        ("hour", "off", ("per_hour", None)),
        ("weekly", "none", ("weekly", None)),
    ],
)
def test_a_word_and_a_value_mean_a_limit(word: str, value: str, meant: tuple[str, int]) -> None:
    assert limits.read(word, value) == meant


@pytest.mark.parametrize(
    ("word", "value"),
    [
        ("", ""),
        ("daily", ""),
        ("daily", "much"),
        ("daily", "-1"),
        ("yearly", "5"),
        ("open", "1.5"),
        ("open", "-1"),
        ("open", "100000"),
    ],
)
def test_what_makes_no_sense_is_no_limit(word: str, value: str) -> None:
    assert limits.read(word, value) is None


def test_the_value_that_stands_is_marked_and_the_last_key_lifts_the_limit() -> None:
    rows = limits.picker("per_hour", 5, lambda value: SetLimit("chat", "per_hour", value))

    texts = [[key.text for key in row] for row in rows]
    assert texts == [["1", "2", "3"], ["● 5", "10", "20"], ["50"], ["No limit"]]
    assert decode(str(rows[-1][0].callback_data)) == SetLimit("chat", "per_hour", limits.NO_LIMIT)
