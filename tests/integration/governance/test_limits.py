"""Limits hold however many confirm at once, and every rule stands in the real purchase."""

from collections import Counter

import pytest

from bot.domain.chat import CodePlace, PermissionKind, Scope, WhoMayBuy
from bot.domain.ledger import HOLDS, hold
from bot.domain.policy import Bound, Reason, Refusal
from bot.domain.times import DAY_MS, HOUR_MS, start_of_day
from bot.storage import ledger
from bot.workflows.confirmation import Confirmation, NotAllowed, Started
from tests.integration.governance.team import ADMIN, ANN, BOB, GROUP, PRICE, Team
from tests.integration.reconcile.shop import OWNER
from tests.integration.storage.helpers import request

WANTED, ALLOWED = 200, 37


@pytest.mark.parametrize(
    ("scope", "name", "buyers"), [(Scope.OWNER, "daily", WANTED), (Scope.MEMBER, "weekly", 1)]
)
async def test_of_200_confirmations_at_once_37_buy_where_the_limit_allows_37(
    team: Team, scope: Scope, name: str, buyers: int
) -> None:
    limit = ALLOWED * PRICE + PRICE - 1
    await team.set_limit(scope, name, limit)
    outcomes = await _confirm_at_once(team, wanted=WANTED, buyers=buyers)
    kinds = Counter(type(outcome) for outcome in outcomes)
    assert kinds == {Started: ALLOWED, NotAllowed: WANTED - ALLOWED}
    assert len(team.sandbox.purchases) == ALLOWED
    bounds = {one.refusal.bound for one in outcomes if isinstance(one, NotAllowed)}
    assert bounds == {Bound(scope, limit, PRICE - 1)}
    assert await team.shop.balance(HOLDS) == 0
    assert await team.shop.differences() == []


@pytest.mark.parametrize("scope", [Scope.CHAT, Scope.MEMBER])
@pytest.mark.parametrize("name", ["open_at_once", "per_hour"])
async def test_counts_hold_however_many_confirm_at_once(
    team: Team, scope: Scope, name: str
) -> None:
    await team.set_limit(scope, name, 3)
    outcomes = await _confirm_at_once(team, wanted=12, buyers=2)
    bought = 3 if scope is Scope.CHAT else 6
    kinds = Counter(type(outcome) for outcome in outcomes)
    assert kinds == {Started: bought, NotAllowed: 12 - bought}
    assert len(team.sandbox.purchases) == bought


async def test_of_two_members_who_buy_the_last_cent_at_once_one_wins(team: Team) -> None:
    await team.set_limit(Scope.CHAT, "daily", 3 * PRICE)
    assert await team.buy(ANN) is None
    assert await team.buy(BOB) is None
    outcomes = await team.confirm_all(await team.quotes([ANN, BOB]))
    assert {type(outcome) for outcome in outcomes} == {Started, NotAllowed}
    assert len(team.sandbox.purchases) == 3


async def test_a_members_limit_binds_that_member_alone(team: Team) -> None:
    await team.set_limit(Scope.MEMBER, "daily", PRICE)
    await team.set_limit(Scope.MEMBER, "daily", 2 * PRICE, BOB)
    assert await team.buy(ANN) is None
    refusal = await team.buy(ANN)
    assert refusal is not None
    assert (refusal.reason, refusal.bound) == (
        Reason.DAILY_LIMIT,
        Bound(Scope.MEMBER, PRICE, 0),
    )
    assert [await team.buy(BOB), await team.buy(BOB)] == [None, None]
    assert await team.buy(BOB) is not None


async def test_a_limit_of_purchases_an_hour_ends_when_the_refusal_says(team: Team) -> None:
    await team.set_limit(Scope.MEMBER, "per_hour", 1)
    clock = team.shop.clock
    bought_at = clock.now()
    assert await team.buy(ANN) is None
    clock.forward(60)
    refusal = await team.buy(ANN)
    assert refusal is not None
    assert (refusal.reason, refusal.until) == (Reason.TOO_MANY_PER_HOUR, bought_at + HOUR_MS)
    clock.forward((bought_at + HOUR_MS - clock.now()) / 1000)
    assert await team.buy(ANN) is None


async def test_a_daily_limit_starts_anew_when_the_refusal_says(team: Team) -> None:
    await team.set_limit(Scope.OWNER, "daily", PRICE)
    clock = team.shop.clock
    assert await team.buy(ANN) is None
    refusal = await team.buy(BOB)
    assert refusal is not None
    assert refusal.until == start_of_day(clock.now()) + DAY_MS
    clock.forward((refusal.until - clock.now()) / 1000)
    assert await team.buy(BOB) is None


async def test_decisions_of_owner_and_admins_stop_the_real_purchase(team: Team) -> None:
    governance = team.governance
    await governance.pause_everything(OWNER)
    assert await team.buy(ANN) == Refusal(Reason.ALL_PAUSED)
    await governance.resume_everything(OWNER)
    await governance.set_paused(GROUP, ADMIN, paused=True)
    assert await team.buy(ANN) == Refusal(Reason.CHAT_PAUSED)
    await governance.set_paused(GROUP, ADMIN, paused=False)
    await governance.set_who_may_buy(GROUP, ADMIN, WhoMayBuy.ADMINS)
    assert await team.buy(ANN) == Refusal(Reason.ADMINS_ONLY)
    assert await team.buy(ADMIN, is_admin=True) is None
    await governance.set_who_may_buy(GROUP, ADMIN, WhoMayBuy.LISTED)
    assert await team.buy(ANN) == Refusal(Reason.NOT_LISTED)
    await governance.permit(GROUP, ADMIN, PermissionKind.MEMBER, str(ANN), name="Ann", allowed=True)
    assert await team.buy(ANN) is None
    await governance.permit(
        GROUP, ADMIN, PermissionKind.SERVICE, "0948", name="WhatsApp", allowed=False
    )
    assert await team.buy(ANN) == Refusal(Reason.SERVICE_FORBIDDEN)
    await governance.set_code_place(GROUP, ADMIN, CodePlace.GROUP)
    assert len(team.sandbox.purchases) == 2


async def test_the_account_tells_the_limits_in_force_and_what_is_left(team: Team) -> None:
    await team.set_limit(Scope.CHAT, "daily", 5 * PRICE)
    await team.set_limit(Scope.MEMBER, "weekly", 3 * PRICE)
    assert await team.buy(ANN) is None
    assert await team.buy(BOB) is None
    account = await team.overview.account(GROUP, ANN)
    told = {(one.scope, one.name): (one.limit, one.left) for one in account.allowances}
    assert told == {
        (Scope.OWNER, "daily"): (100_000_000, 100_000_000 - 2 * PRICE),
        (Scope.CHAT, "daily"): (5 * PRICE, 3 * PRICE),
        (Scope.MEMBER, "weekly"): (3 * PRICE, 2 * PRICE),
        (Scope.MEMBER, "open_at_once"): (100, 99),
    }
    assert (account.limit, account.left, account.spent) == (5 * PRICE, 2 * PRICE, 2 * PRICE)


async def test_what_is_held_since_yesterday_is_not_taken_from_what_was_spent_today(
    team: Team,
) -> None:
    assert await team.buy(ANN) is None
    yesterday = team.shop.kit.clock.now() - DAY_MS
    async with team.database.write() as connection:
        activation = await request(connection, chat_id=GROUP, requested_at=yesterday)
        assert activation is not None
        await ledger.record(connection, activation, hold(GROUP, 2 * PRICE), at=yesterday)
    account = await team.overview.account(GROUP, ANN)
    assert (account.spent, account.held) == (PRICE, 2 * PRICE)


async def _confirm_at_once(team: Team, *, wanted: int, buyers: int) -> list[Confirmation]:
    return await team.confirm_all(await team.quotes(1000 + n % buyers for n in range(wanted)))
