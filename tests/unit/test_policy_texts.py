"""Every refusal says why, whose limit it is, and when it becomes possible."""

import pytest

from bot.chat.policy_texts import allowances, not_allowed, passes
from bot.domain.chat import LIMIT_NAMES, Scope
from bot.domain.policy import Bound, Reason, Refusal
from bot.sandbox.telegram.entities import parse_html
from bot.workflows.overview import Account, Allowance
from tests.samples import MINUTE, NOW

SOON = NOW + 90 * MINUTE
DAY = Bound(Scope.OWNER, 10_000_000, 7_500_000)


def shown(html: str) -> str:
    return parse_html(html)[0]


@pytest.mark.parametrize(
    ("refusal", "words"),
    [
        (Refusal(Reason.SUSPENDED), "suspended this chat"),
        (Refusal(Reason.NOT_APPROVED), "has not approved"),
        (Refusal(Reason.PURCHASES_STOPPED), "stopped"),
        (Refusal(Reason.RESTARTING), "being restarted"),
        (Refusal(Reason.ALL_PAUSED), "owner of this bot has paused all purchases"),
        (Refusal(Reason.CHAT_PAUSED), "paused here. An admin of this group can resume"),
        (Refusal(Reason.MEMBER_FORBIDDEN), "you may not buy here"),
        (Refusal(Reason.ADMINS_ONLY), "Only admins"),
        (Refusal(Reason.NOT_LISTED), "listed may buy here"),
        (Refusal(Reason.SERVICE_FORBIDDEN), "This service may not be bought here"),
        (Refusal(Reason.COUNTRY_FORBIDDEN), "This country may not be bought here"),
        (
            Refusal(Reason.DAILY_LIMIT, SOON, DAY),
            "the daily limit of $10.00: $7.50 is left today. The limit starts anew in 1 h 30 min.",
        ),
        (
            Refusal(Reason.WEEKLY_LIMIT, SOON, Bound(Scope.MEMBER, 20_000_000, 0)),
            "your weekly limit of $20.00: $0.00 is left this week.",
        ),
        (
            Refusal(Reason.MONTHLY_LIMIT, None, Bound(Scope.CHAT, 50_000, 50_000)),
            "$0.05 is left this month. One number costs more than the whole limit.",
        ),
        (
            Refusal(Reason.PRICE_TOO_HIGH, None, Bound(Scope.CHAT, 500_000, 500_000)),
            "more than this group's highest price of $0.50",
        ),
        (
            Refusal(Reason.TOO_MANY_OPEN, SOON, Bound(Scope.MEMBER, 2, 0)),
            "You have too many open numbers: 2 at once is the limit.",
        ),
        (
            Refusal(Reason.TOO_MANY_OPEN, SOON, Bound(Scope.CHAT, 2, 0)),
            "The time of the next one is over in 1 h 30 min.",
        ),
        (
            Refusal(Reason.TOO_MANY_OPEN, None, Bound(Scope.CHAT, 0, 0)),
            "No numbers may be bought here: this group's limit is 0. Nothing was bought.",
        ),
        (
            Refusal(Reason.TOO_MANY_PER_HOUR, SOON, Bound(Scope.CHAT, 3, 0)),
            "This chat may buy 3 numbers an hour, and not one more. The next one is possible in",
        ),
    ],
)
def test_a_refusal_says_why_and_until_when(refusal: Refusal, words: str) -> None:
    text = shown(not_allowed(refusal, NOW))
    assert words in text
    assert text.endswith("Nothing was bought.")


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (Refusal(Reason.DAILY_LIMIT, SOON, DAY), True),
        (Refusal(Reason.TOO_MANY_OPEN, None, DAY), True),
        (Refusal(Reason.ALL_PAUSED), True),
        (Refusal(Reason.MEMBER_FORBIDDEN), False),
        (Refusal(Reason.CHAT_PAUSED), False),
        (Refusal(Reason.PRICE_TOO_HIGH, None, DAY), False),
    ],
)
def test_only_what_passes_by_itself_is_worth_another_try(refusal: Refusal, expected: bool) -> None:
    assert passes(refusal) is expected


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("scope", Scope)
def test_no_two_reasons_are_told_alike(reason: Reason, scope: Scope) -> None:
    def told(one: Reason) -> str:
        plain, bound = Refusal(one), Refusal(one, None, Bound(scope, 3_000_000, 0))
        return not_allowed(bound if "limit" in one or "too" in one else plain, NOW)

    assert [one for one in Reason if told(one) == told(reason)] == [reason]


def test_the_limits_in_force_are_told_with_what_is_left() -> None:
    chat = [Allowance(Scope.CHAT, name, 5_000_000, 1_000_000) for name in LIMIT_NAMES]
    member = Allowance(Scope.MEMBER, "weekly", 3_000_000, 4_000_000)
    owner = Allowance(Scope.OWNER, "daily", 10_000_000, 1_000_000)
    account = Account((owner, *chat, member), spent=1_000_000, held=0)
    lines = allowances(account)
    assert lines[0] == "This group's limit today: $4.00 left of $5.00"
    assert lines[3] == "This group's highest price for a number: $5.00"
    assert lines[-1] == "Your limit this week: $0.00 left of $3.00"
    assert len(lines) == len(LIMIT_NAMES) + 1
    assert (account.limit, account.left) == (5_000_000, 0)
