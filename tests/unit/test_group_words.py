"""What the settings of a group tell fits into a message, however much was allowed and forbidden."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from bot.chat.groups import words
from bot.chat.markup import units
from bot.domain.chat import (
    LIMIT_NAMES,
    ChatAccess,
    ChatRules,
    CodePlace,
    Limits,
    LimitsOf,
    Permission,
    PermissionKind,
    Scope,
    WhoMayBuy,
)
from bot.sandbox.telegram.entities import parse_html
from bot.workflows.governance import COUNTS, MOST_COUNT, MOST_MICROS
from tests.samples import CHAT_RULES

MOST_UNITS = 4096
"""Of a message, markup not counted (Bot API, sendMessage)."""
HIGHEST = Limits(**{name: MOST_COUNT if name in COUNTS else MOST_MICROS for name in LIMIT_NAMES})


def group(many: int, name: str) -> ChatRules:
    """A group that has allowed and forbidden so many of each kind, and set every limit."""
    return replace(
        CHAT_RULES,
        access=ChatAccess.SUSPENDED,
        who_may_buy=WhoMayBuy.LISTED,
        code_place=CodePlace.REVEAL,
        permissions=tuple(
            Permission(kind, f"{place} {allowed}", name.format(place), allowed)
            for kind in PermissionKind
            for allowed in (True, False)
            for place in range(many)
        ),
        limits=tuple(LimitsOf(scope, 0, HIGHEST) for scope in Scope),
    )


def shown(html: str) -> str:
    return parse_html(html)[0]


def services(rules: ChatRules) -> str:
    return words.kinds(rules, PermissionKind.SERVICE)


@pytest.mark.parametrize("told", [words.panel, words.who_may_buy, services])
@pytest.mark.parametrize("many", [10, 11, 1000])
def test_what_a_group_allows_and_forbids_fits_into_a_message(
    told: Callable[[ChatRules], str], many: int
) -> None:
    assert units(shown(told(group(many, "<" * 100)))) < MOST_UNITS


def test_of_many_the_first_are_named_and_the_others_counted() -> None:
    few, many = (shown(services(group(count, "No. {:03}"))) for count in (10, 175))
    assert "No. 008, No. 009; not No. 000" in few
    assert "more" not in few
    assert "No. 008, No. 009, … and 165 more; not No. 000" in many
