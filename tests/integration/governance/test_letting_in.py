"""Chats are let in, suspended and invited by owners alone, and each decision is logged."""

import asyncio
from dataclasses import replace

import pytest

from bot.domain.chat import ChatAccess, Scope
from bot.storage import chats, privacy
from bot.storage.changes import Change
from bot.storage.invites import Invite
from bot.storage.readings import KeptReading
from bot.workflows.access import Doorkeeper, Visitor
from bot.workflows.invites import Invites, NotRedeemed, Redeemed
from bot.workflows.supervision import Funds
from tests.integration.governance.team import ADMIN, ANN, BOB, GROUP, Team
from tests.integration.reconcile.shop import OWNER

DOLLAR = 1_000_000
DAY_SECONDS = 86_400


class Door:
    """Who comes to the bot, and what the owner says."""

    def __init__(self, team: Team) -> None:
        self.team = team
        self.doorkeeper = Doorkeeper(team.shop.kit)
        self.invites = Invites(team.shop.kit)

    async def come(self, user_id: int, chat_id: int | None = None) -> Visitor:
        """Let somebody speak for the first time."""
        is_private = chat_id is None
        visitor = Visitor(
            chat_id=chat_id or user_id,
            kind="private" if is_private else "group",
            title="Somebody" if is_private else "Some group",
            user_id=user_id,
            name="Somebody",
        )
        await self.doorkeeper.admit(visitor)
        return visitor

    async def invite(self, *, is_group: bool = False, daily: int | None = None) -> Invite:
        """Let the owner make an invitation for a week."""
        made = await self.invites.create(OWNER, is_group=is_group, days=7, daily=daily)
        assert made is not None
        return made

    async def access(self, chat_id: int) -> ChatAccess | None:
        """Give what is decided about a chat."""
        chat = await self.doorkeeper.chat(chat_id)
        return chat.access if chat else None

    async def log(self, chat_id: int | None) -> list[Change]:
        """Give the changes of a chat, or all."""
        return (await self.team.governance.changes(chat_id))[0]

    async def seen(self, user_id: int) -> tuple[str, str | None] | None:
        """Give the name and @username that somebody is known by."""
        async with self.team.database.read() as connection:
            return await chats.person(connection, user_id)


@pytest.fixture
def door(team: Team) -> Door:
    return Door(team)


@pytest.mark.parametrize("chat_id", [ANN, GROUP])
async def test_a_name_that_changes_and_changes_back_is_known_each_time(
    door: Door, chat_id: int
) -> None:
    kind = "private" if chat_id == ANN else "supergroup"
    ann = Visitor(chat_id, kind, "Here", ANN, "Ann", "ann")
    for visitor in (ann, replace(ann, name="Anna"), ann, replace(ann, username="bob"), ann):
        await door.doorkeeper.admit(visitor)
        assert await door.seen(ANN) == (visitor.name, visitor.username)


async def test_a_title_that_changes_and_changes_back_is_known_each_time(door: Door) -> None:
    for title in ("Team", "Crew", "Team"):
        await door.doorkeeper.admit(Visitor(GROUP, "supergroup", title, ANN, "Ann"))
        chat = await door.doorkeeper.chat(GROUP)
        assert chat
        assert chat.title == title


async def test_whoever_was_forgotten_is_named_anew_wherever_they_come_back(door: Door) -> None:
    """Another replica may have forgotten them."""
    ann = Visitor(ANN, "private", "Ann", ANN, "Ann", "ann")
    await door.doorkeeper.admit(ann)
    async with door.team.database.write() as connection:
        await privacy.forget(connection, ANN, at=1)
    await door.doorkeeper.admit(ann)
    assert await door.seen(ANN) == ("Ann", "ann")


async def test_who_is_known_already_costs_no_writing(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitors = [
        Visitor(ANN, "private", "Ann", ANN, "Ann", "ann"),
        Visitor(OWNER, "private", "Olga", OWNER, "Olga"),
        Visitor(GROUP, "supergroup", "Team", ANN, "Ann", "ann"),
        Visitor(GROUP, "supergroup", "Team", 1087968824, "Group", is_anonymous=True),
    ]
    for visitor in visitors:
        await door.doorkeeper.admit(visitor)
    monkeypatch.delattr(type(door.team.database), "write")
    for visitor in visitors:
        await door.doorkeeper.admit(visitor)


async def test_each_decision_is_logged_once_with_what_it_was_before(door: Door) -> None:
    for _ in range(2):
        suspended = await door.doorkeeper.suspend(GROUP, OWNER)
        assert suspended is not None
        assert suspended.access is ChatAccess.SUSPENDED
    await door.doorkeeper.decide(GROUP, OWNER, approve=True)
    await door.doorkeeper.decide(GROUP, OWNER, approve=False)
    told = [(one.actor_id, one.action, one.before, one.after) for one in await door.log(GROUP)]
    assert told == [
        (OWNER, "access", "approved", "denied"),
        (OWNER, "access", "suspended", "approved"),
        (OWNER, "access", "approved", "suspended"),
    ]


@pytest.mark.parametrize("approve", [True, False])
async def test_an_answer_to_a_request_changes_nothing_that_was_decided_since(
    door: Door, *, approve: bool
) -> None:
    for access in (ChatAccess.APPROVED, ChatAccess.SUSPENDED):
        if access is ChatAccess.SUSPENDED:
            await door.doorkeeper.suspend(GROUP, OWNER)
        logged = await door.log(GROUP)
        answered = await door.doorkeeper.answer(GROUP, OWNER, approve=approve)
        assert answered is not None
        assert answered.access is access
        assert await door.log(GROUP) == logged


async def test_a_request_that_was_denied_may_still_be_approved(door: Door) -> None:
    visitor = await door.come(ANN)
    await door.doorkeeper.ask(visitor)
    for approve in (False, True):
        await door.doorkeeper.answer(ANN, OWNER, approve=approve)
    assert await door.access(ANN) is ChatAccess.APPROVED


async def test_nobody_but_an_owner_decides_or_invites(door: Door) -> None:
    assert await door.doorkeeper.suspend(GROUP, ADMIN) is None
    assert await door.doorkeeper.decide(GROUP, ADMIN, approve=False) is None
    assert await door.doorkeeper.answer(GROUP, ADMIN, approve=False) is None
    assert await door.invites.create(ADMIN, is_group=False, days=7, daily=None) is None
    made = await door.invite()
    assert await door.invites.withdraw(made.id, ADMIN) is None
    assert await door.invites.still_open() == [made]
    assert await door.access(GROUP) is ChatAccess.APPROVED
    assert await door.log(GROUP) == []


async def test_a_decision_about_a_group_reaches_the_supergroup_it_became(door: Door) -> None:
    new_id = GROUP - 1
    async with door.team.database.write() as connection:
        old = await chats.get(connection, GROUP)
        assert old is not None
        await chats.migrate(connection, old, new_id, 5)
    suspended = await door.doorkeeper.suspend(GROUP, OWNER)
    assert suspended is not None
    assert (suspended.id, suspended.access) == (new_id, ChatAccess.SUSPENDED)


async def test_chats_come_in_pages_by_what_was_decided(door: Door) -> None:
    for user_id in range(700, 708):
        await door.doorkeeper.ask(await door.come(user_id))
    first, goes_on = await door.doorkeeper.chats(ChatAccess.REQUESTED)
    rest, goes_on_again = await door.doorkeeper.chats(ChatAccess.REQUESTED, 1)
    assert (len(first), goes_on, len(rest), goes_on_again) == (6, True, 2, False)
    assert len({chat.id for chat in [*first, *rest]}) == 8


async def test_an_invitation_lets_in_with_its_limit_and_is_used_up(door: Door) -> None:
    invite = await door.invite(daily=2 * DOLLAR)
    outcome = await door.invites.redeem(invite.id, await door.come(ANN))
    assert isinstance(outcome, Redeemed)
    assert await door.access(ANN) is ChatAccess.APPROVED
    rules = await door.team.governance.rules_of(ANN)
    assert rules is not None
    assert rules.limits_of(Scope.OWNER).daily == 2 * DOLLAR
    assert await door.invites.still_open() == []
    for user_id in (ANN, BOB):
        again = await door.invites.redeem(invite.id, await door.come(user_id))
        assert again is NotRedeemed.USED
    assert await door.access(BOB) is ChatAccess.NEW
    name = f"invitation {invite.id[:6]}"
    assert [(one.actor_id, one.subject, one.before, one.after) for one in await door.log(ANN)] == [
        (OWNER, f"owner daily by {name}", None, "$2.00"),
        (ANN, name, "new", "approved"),
    ]
    assert invite.id not in str(await door.log(None))


async def test_of_many_who_redeem_at_once_one_wins(door: Door) -> None:
    invite = await door.invite()
    visitors = [await door.come(user_id) for user_id in range(700, 708)]
    outcomes = await asyncio.gather(*(door.invites.redeem(invite.id, one) for one in visitors))
    assert sum(isinstance(one, Redeemed) for one in outcomes) == 1
    assert outcomes.count(NotRedeemed.USED) == 7
    access = [await door.access(one.chat_id) for one in visitors]
    assert access.count(ChatAccess.APPROVED) == 1


async def test_an_invitation_that_does_not_fit_is_not_used_up(door: Door) -> None:
    for_a_group, for_a_person = await door.invite(is_group=True), await door.invite()
    person, group = await door.come(ANN), await door.come(ANN, -700)
    assert await door.invites.redeem(for_a_group.id, person) is NotRedeemed.FOR_A_GROUP
    assert await door.invites.redeem(for_a_person.id, group) is NotRedeemed.FOR_A_PERSON
    assert await door.invites.redeem("0" * 32, person) is None
    await door.doorkeeper.decide(ANN, OWNER, approve=False)
    assert await door.invites.redeem(for_a_person.id, person) is NotRedeemed.SHUT_OUT
    await door.doorkeeper.decide(ANN, OWNER, approve=True)
    assert await door.invites.redeem(for_a_person.id, person) is NotRedeemed.ALREADY_IN
    assert len(await door.invites.still_open()) == 2
    assert await door.access(-700) is ChatAccess.NEW
    assert isinstance(await door.invites.redeem(for_a_group.id, group), Redeemed)


async def test_an_invitation_expires(door: Door) -> None:
    invite = await door.invite()
    door.team.shop.clock.forward(7 * DAY_SECONDS)
    assert await door.invites.redeem(invite.id, await door.come(ANN)) is NotRedeemed.EXPIRED
    assert await door.invites.still_open() == []


async def test_a_withdrawn_invitation_is_worthless(door: Door) -> None:
    invite = await door.invite()
    assert await door.invites.withdraw(invite.id, OWNER) == invite
    assert await door.invites.withdraw(invite.id, OWNER) is None
    assert await door.invites.redeem(invite.id, await door.come(ANN)) is None
    assert [(one.before, one.after) for one in await door.log(None)] == [
        ("a person, usual limit", None),
        (None, "a person, usual limit"),
    ]


@pytest.mark.parametrize(("days", "daily"), [(0, None), (31, None), (1, -1)])
async def test_no_invitation_is_made_of_nonsense(door: Door, days: int, daily: int | None) -> None:
    with pytest.raises(ValueError, match="no invitation"):
        await door.invites.create(OWNER, is_group=False, days=days, daily=daily)


@pytest.mark.parametrize(
    ("micros", "spent", "left"),
    [
        (70, [10, 10, 10, 10, 10, 10, 10], 7),
        (70, [0, 10, 0, 0, 0, 0, 0], 14),
        (70, [5, 0, 0, 0, 0, 0, 0], 14),
        (70, [0] * 7, None),
        (-5, [5] * 7, 0),
    ],
)
def test_the_days_left_go_by_the_days_since_somebody_spent(
    micros: int, spent: list[int], left: float | None
) -> None:
    reading = KeptReading(at=0, micros=micros, step=1, expected=0, conclusion="opening")
    days = tuple(enumerate(spent))
    assert Funds(reading, (), days).days_left == left
    assert Funds(None, (), days).days_left is None
