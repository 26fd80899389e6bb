"""Rules are changed by those who may, each change is logged, and nothing else is."""

from dataclasses import replace

import pytest

from bot.domain.chat import (
    EVERYBODY,
    CodePlace,
    Limits,
    LimitsOf,
    Permission,
    PermissionKind,
    Scope,
    WhoMayBuy,
)
from bot.storage import chats, members
from bot.storage.changes import Change
from bot.workflows.governance import CHANGES_PAGE
from tests.integration.governance.team import ADMIN, ANN, GROUP, Team
from tests.integration.reconcile.shop import OWNER

UNKNOWN_CHAT = -42


async def logged(team: Team, chat_id: int | None = GROUP) -> list[tuple[str | None, ...]]:
    found, _ = await team.governance.changes(chat_id)
    return [(one.action, one.subject, one.before, one.after) for one in found[::-1]]


async def test_each_change_gives_the_new_rules_and_is_logged_with_what_it_was(team: Team) -> None:
    governance = team.governance
    await governance.set_who_may_buy(GROUP, ADMIN, WhoMayBuy.LISTED)
    await governance.set_code_place(GROUP, ADMIN, CodePlace.REVEAL)
    await governance.set_paused(GROUP, ADMIN, paused=True)
    for allowed in (True, False, None):
        await governance.permit(
            GROUP, ADMIN, PermissionKind.SERVICE, "0948", name="WhatsApp", allowed=allowed
        )
    await governance.permit(GROUP, ADMIN, PermissionKind.MEMBER, str(ANN), name="Ann", allowed=True)
    await governance.set_limit(GROUP, ADMIN, Scope.CHAT, EVERYBODY, name="daily", value=5_000_000)
    rules = await governance.set_limit(GROUP, ADMIN, Scope.MEMBER, ANN, name="per_hour", value=3)
    assert rules is not None
    assert rules == await governance.rules_of(GROUP)
    assert (rules.who_may_buy, rules.code_place, rules.paused) == (
        WhoMayBuy.LISTED,
        CodePlace.REVEAL,
        True,
    )
    assert rules.permissions == (Permission(PermissionKind.MEMBER, str(ANN), "Ann", allowed=True),)
    assert rules.limits == (
        LimitsOf(Scope.CHAT, EVERYBODY, Limits(daily=5_000_000)),
        LimitsOf(Scope.MEMBER, ANN, Limits(per_hour=3)),
    )
    assert await logged(team) == [
        ("who_may_buy", None, "everyone", "listed"),
        ("code_place", None, "private", "reveal"),
        ("pause", None, "running", "paused"),
        ("permit", "service 0948 WhatsApp", None, "allowed"),
        ("permit", "service 0948 WhatsApp", "allowed", "forbidden"),
        ("permit", "service 0948 WhatsApp", "forbidden", None),
        ("permit", f"member {ANN}", None, "allowed"),
        ("limit", "chat daily", None, "$5.00"),
        ("limit", f"member {ANN} per_hour", None, "3"),
    ]
    found, _ = await governance.changes(GROUP)
    assert {(one.actor_id, one.chat_id, one.at) for one in found} == {
        (ADMIN, GROUP, team.shop.clock.now())
    }


async def test_a_limit_is_lifted_and_zero_is_a_limit(team: Team) -> None:
    for value in (0, None):
        await team.set_limit(Scope.CHAT, "open_at_once", value)
    assert await logged(team) == [
        ("limit", "chat open_at_once", None, "0"),
        ("limit", "chat open_at_once", "0", None),
    ]
    assert await team.limits() == (LimitsOf(Scope.CHAT, EVERYBODY, Limits()),)


async def test_what_is_so_already_is_not_logged(team: Team) -> None:
    governance = team.governance
    await governance.set_paused(GROUP, ADMIN, paused=False)
    await governance.set_who_may_buy(GROUP, ADMIN, WhoMayBuy.EVERYONE)
    await governance.set_limit(GROUP, ADMIN, Scope.CHAT, EVERYBODY, name="daily", value=None)
    await governance.permit(GROUP, ADMIN, PermissionKind.COUNTRY, "tr", name="Turkey", allowed=None)
    assert await governance.resume_everything(OWNER)
    assert await logged(team, None) == []


async def test_what_the_owner_gives_only_an_owner_decides(team: Team) -> None:
    governance = team.governance
    for actor_id in (ADMIN, 0, GROUP):
        refused = await governance.set_limit(
            GROUP, actor_id, Scope.OWNER, EVERYBODY, name="daily", value=10**9
        )
        assert refused is None
        assert not await governance.pause_everything(actor_id)
        assert not await governance.resume_everything(actor_id)
    assert not await governance.is_paused_everywhere()
    assert await team.limits() == ()
    assert await logged(team, None) == []


async def test_everything_is_paused_and_resumed_by_an_owner(team: Team) -> None:
    governance = team.governance
    assert await governance.pause_everything(OWNER)
    assert await governance.pause_everything(OWNER)
    assert await governance.is_paused_everywhere()
    rules = await governance.rules_of(GROUP)
    assert rules is not None
    assert rules.all_paused
    assert await governance.resume_everything(OWNER)
    assert not await governance.is_paused_everywhere()
    assert await logged(team, None) == [
        ("pause_all", None, "running", "paused"),
        ("resume_all", None, "paused", "running"),
    ]
    assert await logged(team, GROUP) == []


@pytest.mark.parametrize(
    ("scope", "user_id", "name", "value"),
    [
        (Scope.CHAT, EVERYBODY, "yearly", 1),
        (Scope.CHAT, EVERYBODY, "daily", -1),
        (Scope.CHAT, EVERYBODY, "daily", 10**12 + 1),
        (Scope.CHAT, EVERYBODY, "per_hour", 100_001),
        (Scope.CHAT, ANN, "daily", 1),
        (Scope.OWNER, ANN, "daily", 1),
    ],
)
async def test_a_limit_that_makes_no_sense_is_refused(
    team: Team, scope: Scope, user_id: int, name: str, value: int
) -> None:
    with pytest.raises(ValueError, match="limit"):
        await team.governance.set_limit(GROUP, OWNER, scope, user_id, name=name, value=value)
    assert await team.limits() == ()


async def test_a_chat_that_nobody_knows_has_no_rules(team: Team) -> None:
    governance = team.governance
    assert await governance.rules_of(UNKNOWN_CHAT) is None
    assert await governance.set_paused(UNKNOWN_CHAT, ADMIN, paused=True) is None
    assert await logged(team, None) == []


async def test_an_old_panel_of_a_group_changes_the_supergroup_that_it_became(team: Team) -> None:
    new_id = -1_000_000_000_999
    async with team.database.write() as connection:
        old = await chats.get(connection, GROUP)
        assert old is not None
        await chats.migrate(connection, old, new_id, 1)
    rules = await team.governance.set_paused(GROUP, ADMIN, paused=True)
    assert rules is not None
    assert (rules.chat_id, rules.paused) == (new_id, True)
    assert rules == await team.governance.rules_of(new_id)
    assert await logged(team, new_id) == [("pause", None, "running", "paused")]


async def test_the_log_is_turned_page_by_page(team: Team) -> None:
    for value in range(CHANGES_PAGE + 1):
        await team.set_limit(Scope.CHAT, "per_hour", value)
    first, goes_on = await team.governance.changes(GROUP)
    second, ends = await team.governance.changes(GROUP, 1)
    assert (len(first), goes_on) == (CHANGES_PAGE, True)
    assert (second, ends) == (
        [
            Change(
                at=team.shop.clock.now(),
                actor_id=OWNER,
                chat_id=GROUP,
                action="limit",
                subject="chat per_hour",
                after="0",
            )
        ],
        False,
    )
    assert replace(first[-1], before=None, after="0") == second[0]


async def test_members_are_listed_and_named(team: Team) -> None:
    async with team.database.write() as connection:
        await chats.remember_user(connection, ANN, "Ann", "ann", 1)
        await members.remember(connection, GROUP, ANN, 1)
    (ann,) = await team.governance.members(GROUP, limit=10)
    assert [await team.governance.has_met(GROUP, one) for one in (ANN, 42)] == [True, False]
    assert (ann.user_id, ann.name) == (ANN, "Ann")
    assert await team.governance.names_of({ANN, 42}) == {ANN: "Ann"}
