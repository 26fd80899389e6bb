"""Who may spend what: every rule alone, and all of them together against what was drawn."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.chat import (
    EVERYBODY,
    LIMIT_NAMES,
    ChatAccess,
    ChatRules,
    Limits,
    LimitsOf,
    Permission,
    PermissionKind,
    Scope,
    WhoMayBuy,
)
from bot.domain.policy import (
    WINDOWS,
    Bound,
    Reason,
    Refusal,
    Request,
    Usage,
    Usages,
    check_purchase,
    end_of,
    start_of,
)
from bot.domain.times import DAY_MS, HOUR_MS
from tests.samples import CHAT_RULES

NOON = 20_000 * DAY_MS + DAY_MS // 2
BUYER = 20
RULES = replace(CHAT_RULES, defaults=Limits(daily=1_000_000, open_at_once=2))
REQUEST = Request(
    user_id=BUYER, is_admin=False, service_id="0948", country_code="tr", price=100_000
)
NOTHING = Usages(Usage(), Usage())


def member(user_id: int, *, allowed: bool) -> Permission:
    return Permission(PermissionKind.MEMBER, str(user_id), "Ann", allowed)


def service(key: str, *, allowed: bool) -> Permission:
    return Permission(PermissionKind.SERVICE, key, key, allowed)


def limited(scope: Scope, user_id: int = EVERYBODY, **limits: int) -> LimitsOf:
    return LimitsOf(scope, user_id, Limits(**limits))


def used(**usage: object) -> Usages:
    return Usages(chat=Usage(**usage), member=Usage())  # type: ignore[arg-type]  # by name


# Decisions.


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ({"access": ChatAccess.NEW}, Reason.NOT_APPROVED),
        ({"access": ChatAccess.REQUESTED}, Reason.NOT_APPROVED),
        ({"access": ChatAccess.DENIED}, Reason.NOT_APPROVED),
        ({"access": ChatAccess.SUSPENDED}, Reason.SUSPENDED),
        ({"access": ChatAccess.SUSPENDED, "open_to_all": True}, Reason.SUSPENDED),
        ({"access": ChatAccess.DENIED, "open_to_all": True}, Reason.NOT_APPROVED),
        ({"access": ChatAccess.NEW, "open_to_all": True}, None),
        ({"all_paused": True}, Reason.ALL_PAUSED),
        ({"paused": True}, Reason.CHAT_PAUSED),
        ({"who_may_buy": WhoMayBuy.ADMINS}, Reason.ADMINS_ONLY),
        ({"who_may_buy": WhoMayBuy.LISTED}, Reason.NOT_LISTED),
        ({"permissions": (member(BUYER, allowed=False),)}, Reason.MEMBER_FORBIDDEN),
        ({"permissions": (member(21, allowed=True),)}, None),
        ({"permissions": (service("0948", allowed=False),)}, Reason.SERVICE_FORBIDDEN),
        ({"permissions": (service("1", allowed=False),)}, None),
        ({"permissions": (service("1", allowed=True),)}, Reason.SERVICE_FORBIDDEN),
        ({"permissions": (service("0948", allowed=True),)}, None),
        (
            {"permissions": (Permission(PermissionKind.COUNTRY, "tr", "Turkey", allowed=False),)},
            Reason.COUNTRY_FORBIDDEN,
        ),
        (
            {"permissions": (Permission(PermissionKind.COUNTRY, "us", "US", allowed=True),)},
            Reason.COUNTRY_FORBIDDEN,
        ),
    ],
)
def test_what_somebody_has_decided_stands_until_somebody_decides_anew(
    rules: dict[str, object], reason: Reason | None
) -> None:
    present = replace(RULES, **rules)  # type: ignore[arg-type]  # by name
    refusal = check_purchase(REQUEST, present, NOTHING, NOON)
    assert refusal == (Refusal(reason) if reason else None)


def test_admins_and_listed_members_may_buy_where_only_they_may() -> None:
    admins = replace(RULES, who_may_buy=WhoMayBuy.ADMINS)
    assert check_purchase(replace(REQUEST, is_admin=True), admins, NOTHING, NOON) is None
    listed = replace(
        RULES, who_may_buy=WhoMayBuy.LISTED, permissions=(member(BUYER, allowed=True),)
    )
    assert check_purchase(REQUEST, listed, NOTHING, NOON) is None
    other = replace(REQUEST, user_id=21, is_admin=True)
    assert check_purchase(other, listed, NOTHING, NOON) == Refusal(Reason.NOT_LISTED)


# Limits.


def test_the_last_cent_may_be_spent_and_not_one_more() -> None:
    almost = used(daily=900_000)
    assert check_purchase(REQUEST, RULES, almost, NOON) is None
    refusal = check_purchase(replace(REQUEST, price=100_001), RULES, almost, NOON)
    bound = Bound(Scope.OWNER, 1_000_000, 100_000)
    assert refusal == Refusal(Reason.DAILY_LIMIT, NOON + DAY_MS // 2, bound)


def test_what_costs_more_than_the_whole_limit_never_fits() -> None:
    refusal = check_purchase(replace(REQUEST, price=1_000_001), RULES, NOTHING, NOON)
    assert refusal == Refusal(Reason.DAILY_LIMIT, None, Bound(Scope.OWNER, 1_000_000, 1_000_000))


def test_what_the_owner_gave_replaces_the_usual_limit() -> None:
    given_less = replace(RULES, limits=(limited(Scope.OWNER, daily=50_000),))
    given_more = replace(RULES, limits=(limited(Scope.OWNER, daily=9_000_000),))
    assert check_purchase(REQUEST, given_less, NOTHING, NOON) is not None
    assert check_purchase(REQUEST, given_more, used(daily=5_000_000), NOON) is None


def test_admins_can_tighten_what_the_owner_gave_and_not_widen_it() -> None:
    tighter = replace(RULES, limits=(limited(Scope.CHAT, daily=50_000),))
    wider = replace(RULES, limits=(limited(Scope.CHAT, daily=9_000_000),))
    many = replace(RULES, limits=(limited(Scope.MEMBER, open_at_once=9),))
    refusal = check_purchase(REQUEST, tighter, NOTHING, NOON)
    assert refusal is not None
    assert refusal.bound == Bound(Scope.CHAT, 50_000, 50_000)
    assert check_purchase(REQUEST, wider, used(daily=1_000_000), NOON) is not None
    has_two = Usages(Usage(), Usage(open_until=(None, None)))
    refusal = check_purchase(REQUEST, many, has_two, NOON)
    assert refusal == Refusal(Reason.TOO_MANY_OPEN, None, Bound(Scope.MEMBER, 2, 0))


def test_a_members_own_limit_replaces_that_of_each_member_alone() -> None:
    rules = replace(
        RULES,
        limits=(
            limited(Scope.MEMBER, daily=5, per_hour=2),
            limited(Scope.MEMBER, BUYER, daily=9),
            limited(Scope.OWNER, monthly=50),
        ),
    )
    mine, others = rules.limits_for(BUYER), rules.limits_for(21)
    assert mine[Scope.MEMBER] == Limits(daily=9, per_hour=2, open_at_once=2)
    assert others[Scope.MEMBER] == Limits(daily=5, per_hour=2, open_at_once=2)
    assert mine[Scope.OWNER] == others[Scope.OWNER] == Limits(daily=1_000_000, monthly=50)
    assert mine[Scope.CHAT] == Limits()


def test_the_highest_price_is_allowed_and_no_higher_one() -> None:
    rules = replace(RULES, limits=(limited(Scope.CHAT, highest_price=100_000),))
    assert check_purchase(REQUEST, rules, NOTHING, NOON) is None
    refusal = check_purchase(replace(REQUEST, price=100_001), rules, NOTHING, NOON)
    assert refusal == Refusal(Reason.PRICE_TOO_HIGH, None, Bound(Scope.CHAT, 100_000, 100_000))


def test_the_next_number_is_possible_when_the_time_of_enough_open_ones_is_over() -> None:
    ends = (NOON + 30, None, NOON + 10, NOON - 5)
    mine = Usages(Usage(), Usage(open_until=ends))
    for most, until in ((5, 0), (4, NOON + 10), (3, NOON + 30), (2, None)):
        rules = replace(RULES, defaults=Limits(open_at_once=most))
        refusal = check_purchase(REQUEST, rules, mine, NOON)
        bound = Bound(Scope.MEMBER, most, 0)
        expected = Refusal(Reason.TOO_MANY_OPEN, until, bound) if until != 0 else None
        assert refusal == expected


def test_purchases_of_the_last_hour_count_each_for_an_hour() -> None:
    rules = replace(RULES, limits=(limited(Scope.CHAT, per_hour=2),))
    times = (NOON - HOUR_MS, NOON - HOUR_MS + 1, NOON - 5)
    refusal = check_purchase(REQUEST, rules, used(bought_at=times), NOON)
    assert refusal == Refusal(Reason.TOO_MANY_PER_HOUR, NOON + 1, Bound(Scope.CHAT, 2, 0))
    assert check_purchase(REQUEST, rules, used(bought_at=times), NOON + 1) is None


def test_of_several_refusals_the_one_that_lasts_longest_is_told() -> None:
    rules = replace(RULES, limits=(limited(Scope.CHAT, weekly=1, per_hour=1, monthly=100_000),))
    spent = used(daily=1_000_000, monthly=100_000, bought_at=(NOON - 1,))
    told = check_purchase(REQUEST, rules, spent, NOON)
    assert told is not None
    assert (told.reason, told.until) == (Reason.WEEKLY_LIMIT, None)
    without = replace(rules, limits=(limited(Scope.CHAT, per_hour=1, monthly=100_000),))
    told = check_purchase(REQUEST, without, spent, NOON)
    assert told is not None
    assert told.reason is Reason.MONTHLY_LIMIT
    paused = replace(rules, paused=True)
    assert check_purchase(REQUEST, paused, spent, NOON) == Refusal(Reason.CHAT_PAUSED)


# Everything together, against purchases that were drawn one by one.


@dataclass(frozen=True)
class Bought:
    """A purchase: when, for how much, by the buyer or another member, and until when it is open."""

    at: int
    price: int
    is_own: bool
    open_until: int | None


amounts = st.one_of(st.none(), st.integers(0, 500))
counts = st.one_of(st.none(), st.integers(0, 4))
ages = st.one_of(st.integers(0, 2 * HOUR_MS), st.integers(0, 40 * DAY_MS))
moments = st.integers(40 * DAY_MS, 100_000 * DAY_MS)
limits = st.builds(
    Limits,
    daily=amounts,
    weekly=amounts,
    monthly=amounts,
    highest_price=amounts,
    open_at_once=counts,
    per_hour=counts,
)
rules_drawn = st.builds(
    replace,
    st.just(RULES),
    limits=st.tuples(
        *(st.builds(LimitsOf, st.just(scope), st.just(EVERYBODY), limits) for scope in Scope)
    ),
    defaults=st.builds(Limits, daily=st.integers(0, 800), open_at_once=st.integers(1, 6)),
)


@st.composite
def situations(draw: st.DrawFn) -> tuple[int, list[Bought]]:
    """Draw a moment, and what was bought before it."""
    now = draw(moments)
    one = st.tuples(
        ages,
        st.integers(0, 100),
        st.booleans(),
        st.sampled_from(["closed", "open", "unknown"]),
        st.integers(1, 20 * 60_000),
    )
    return now, [
        Bought(
            now - age,
            price,
            is_own,
            {"closed": now - age, "open": now + left, "unknown": None}[state],
        )
        for age, price, is_own, state, left in draw(st.lists(one, max_size=12))
    ]


def usage_at(now: int, bought: list[Bought], *, own: bool) -> Usage:
    counted = [one for one in bought if one.is_own or not own]
    spent = {
        name: sum(one.price for one in counted if one.at >= start_of(name, now)) for name in WINDOWS
    }
    return Usage(
        **spent,
        open_until=tuple(
            one.open_until for one in counted if one.open_until is None or one.open_until > now
        ),
        bought_at=tuple(one.at for one in counted),
    )


def check(price: int, rules: ChatRules, now: int, bought: list[Bought]) -> Refusal | None:
    usages = Usages(usage_at(now, bought, own=False), usage_at(now, bought, own=True))
    return check_purchase(replace(REQUEST, price=price), rules, usages, now)


@given(situations(), rules_drawn, st.integers(0, 600))
def test_a_no_becomes_a_yes_at_the_moment_it_names_and_not_before(
    situation: tuple[int, list[Bought]], rules: ChatRules, price: int
) -> None:
    now, bought = situation
    refusal = check(price, rules, now, bought)
    if refusal is not None and refusal.until is not None:
        assert refusal.until > now
        assert check(price, rules, refusal.until, bought) is None
        assert check(price, rules, refusal.until - 1, bought) is not None


@given(situations(), rules_drawn, st.integers(0, 600))
def test_whatever_is_bought_leaves_every_limit_kept(
    situation: tuple[int, list[Bought]], rules: ChatRules, price: int
) -> None:
    now, bought = situation
    if check(price, rules, now, bought) is not None:
        return
    after = [*bought, Bought(now, price, is_own=True, open_until=None)]
    hour_ago = now - HOUR_MS
    for scope, limit in rules.limits_for(BUYER).items():
        counted = [one for one in after if one.is_own or scope is not Scope.MEMBER]
        reached = {
            "highest_price": price,
            "open_at_once": len([one for one in counted if (one.open_until or now + 1) > now]),
            "per_hour": len([one for one in counted if one.at > hour_ago]),
            **{name: usage_at(now, counted, own=False).of(name) for name in WINDOWS},
        }
        for name in LIMIT_NAMES:
            most = limit.of(name)
            assert most is None or reached[name] <= most


@given(situations(), rules_drawn, st.integers(0, 600), st.data())
def test_less_wanted_less_used_and_wider_limits_never_turn_a_yes_into_a_no(
    situation: tuple[int, list[Bought]], rules: ChatRules, price: int, data: st.DataObject
) -> None:
    now, bought = situation
    if check(price, rules, now, bought) is not None:
        return
    assert check(data.draw(st.integers(0, price)), rules, now, bought) is None
    fewer = data.draw(st.integers(0, len(bought)))
    assert check(price, rules, now, bought[:fewer]) is None
    scope, name = data.draw(st.sampled_from(Scope)), data.draw(st.sampled_from(LIMIT_NAMES))
    before = rules.limits_of(scope).of(name)
    wider = None if before is None else before + data.draw(st.integers(0, 100))
    if wider is None and (scope, name) == (Scope.OWNER, "daily"):
        return  # without his word the usual limit is in force, which may be lower
    changed = tuple(
        replace(one, limits=replace(one.limits, **{name: wider})) if one.scope is scope else one
        for one in rules.limits
    )
    assert check(price, replace(rules, limits=changed), now, bought) is None


@given(st.integers(0, 10**14), st.sampled_from(sorted(WINDOWS)))
def test_windows_begin_and_end_as_the_calendar_says(now: int, name: str) -> None:
    begin, end = start_of(name, now), end_of(name, now)
    assert begin <= now < end
    assert start_of(name, begin) == start_of(name, end - 1) == begin
    assert start_of(name, end) == end
    day = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=begin)
    assert (day.hour, day.minute, day.second, day.microsecond) == (0, 0, 0, 0)
    assert name != "weekly" or day.isoweekday() == 1
    assert name != "monthly" or day.day == 1


def test_what_is_used_up_of_each_limit_is_told_by_its_name() -> None:
    used = Usage(daily=1, weekly=2, monthly=3, open_until=(None,) * 4, bought_at=(0,) * 5)
    named = {"daily": 1, "weekly": 2, "monthly": 3, "open_at_once": 4, "per_hour": 5}
    assert {name: used.of(name) for name in named} == named
    assert used.of("price") == 0


def test_a_whole_catalogue_is_asked_about_at_once_in_a_group_of_thousands() -> None:
    members = tuple(member(number, allowed=True) for number in range(5000))
    forbidden = tuple(service(str(number), allowed=False) for number in range(2000))
    begin = process_time()
    for _ in range(10):
        rules = replace(RULES, permissions=members + forbidden)
        assert not any(rules.allows(PermissionKind.SERVICE, str(one)) for one in range(2000))
        assert all(rules.allows(PermissionKind.COUNTRY, str(one)) for one in range(2000))
    assert process_time() - begin < 1
