"""What departed members leave open: given back, or handed over to somebody who is there."""

import pytest

from bot.domain.activation import Activation, CloseReason, State
from bot.storage import activations, chats, members
from bot.workflows.access import Doorkeeper, Visitor
from bot.workflows.departures import (
    GRACE_SECONDS,
    Departures,
    HandedOver,
    NotAMember,
    NotOpen,
    StillThere,
)
from tests.integration.governance.team import ADMIN, ANN, BOB, GROUP, Team

ELSEWHERE = -1_000_000_000_888


@pytest.fixture
def departures(team: Team) -> Departures:
    """Give the departures of the team."""
    return Departures(team.shop.kit)


async def bought_by_ann(team: Team, departures: Departures) -> Activation:
    await departures.member_changed(GROUP, ANN, is_there=True)
    assert await team.buy(ANN) is None
    async with team.database.read() as connection:
        (activation,) = await activations.of_user(connection, ANN)
    return activation


async def after_the_grace_period(team: Team, departures: Departures, number: int) -> Activation:
    team.shop.clock.forward(GRACE_SECONDS)
    await departures.step()
    async with team.database.read() as connection:
        activation = await activations.get(connection, number)
    assert activation is not None
    return activation


async def leave(departures: Departures, user_id: int) -> None:
    await departures.member_changed(GROUP, user_id, is_there=False)


async def test_a_departed_members_number_is_given_back_after_a_while(
    team: Team, departures: Departures
) -> None:
    activation = await bought_by_ann(team, departures)
    await leave(departures, ANN)
    await departures.step()
    assert (await activation_now(team, activation)).cancel_reason is CloseReason.EXPIRY
    given_back = await after_the_grace_period(team, departures, activation.id)
    assert given_back.cancel_reason is CloseReason.DEPARTURE
    assert given_back.cancel_at == team.shop.clock.now()


async def test_whoever_comes_back_in_time_keeps_the_number(
    team: Team, departures: Departures
) -> None:
    activation = await bought_by_ann(team, departures)
    await leave(departures, ANN)
    await departures.member_changed(GROUP, ANN, is_there=True)
    kept = await after_the_grace_period(team, departures, activation.id)
    assert kept.cancel_reason is CloseReason.EXPIRY


async def test_whoever_speaks_again_is_back_though_nobody_has_told(
    team: Team, departures: Departures
) -> None:
    """Another replica may have heard of the departure, and none of the return."""
    doorkeeper = Doorkeeper(team.shop.kit)
    visitor = Visitor(GROUP, "supergroup", "Team", ANN, "Ann")
    await doorkeeper.admit(visitor)
    await departures.member_changed(GROUP, ANN, is_there=False)
    await doorkeeper.admit(visitor)
    async with team.database.read() as connection:
        member = await members.get(connection, GROUP, ANN)
    assert member
    assert member.departed_at is None


@pytest.mark.parametrize("kind", ["private", "supergroup"])
async def test_where_somebody_is_heard_the_bot_is_back_though_nobody_has_told(
    team: Team, departures: Departures, kind: str
) -> None:
    chat_id = ANN if kind == "private" else GROUP
    doorkeeper = Doorkeeper(team.shop.kit)
    visitor = Visitor(chat_id, kind, "Here", ANN, "Ann")
    await doorkeeper.admit(visitor)
    await departures.bot_is_gone(chat_id)
    await doorkeeper.admit(visitor)
    chat = await doorkeeper.chat(chat_id)
    assert chat
    assert chat.left_at is None


async def test_numbers_of_a_lost_group_are_given_back_unless_the_bot_returns(
    team: Team, departures: Departures
) -> None:
    activation = await bought_by_ann(team, departures)
    for _ in range(2):
        await departures.bot_is_gone(GROUP)
    await departures.bot_is_there(GROUP)
    await departures.bot_is_there(GROUP)
    kept = await after_the_grace_period(team, departures, activation.id)
    assert kept.cancel_reason is CloseReason.EXPIRY
    await departures.bot_is_gone(GROUP)
    lost = await after_the_grace_period(team, departures, activation.id)
    assert lost.cancel_reason is CloseReason.DEPARTURE


async def test_what_telegram_tells_of_unknown_chats_is_of_no_use(
    team: Team, departures: Departures
) -> None:
    await departures.bot_is_gone(ELSEWHERE)
    await departures.bot_is_there(ELSEWHERE)
    await departures.member_changed(ELSEWHERE, ANN, is_there=True)
    async with team.database.read() as connection:
        assert await chats.get(connection, ELSEWHERE) is None


async def test_only_an_open_number_of_somebody_gone_is_handed_over_to_somebody_there(
    team: Team, departures: Departures
) -> None:
    activation = await bought_by_ann(team, departures)

    async def hand_over(number: int = activation.id, chat_id: int = GROUP) -> object:
        return await departures.hand_over(number, chat_id, ADMIN, BOB)

    assert await hand_over(number=activation.id + 1) == NotOpen()
    assert await hand_over(chat_id=ELSEWHERE) == NotOpen()
    assert await hand_over() == StillThere()
    await leave(departures, ANN)
    assert [one.id for one in await departures.left_open(GROUP)] == [activation.id]
    assert await hand_over() == NotAMember()
    await departures.member_changed(GROUP, BOB, is_there=True)
    await after_the_grace_period(team, departures, activation.id)
    outcome = await hand_over()
    assert isinstance(outcome, HandedOver)
    assert (outcome.activation.user_id, outcome.activation.bought_by) == (BOB, ANN)
    assert outcome.activation.cancel_reason is CloseReason.EXPIRY
    assert not await departures.left_open(GROUP)


async def test_a_second_tap_hands_nothing_over_and_says_what_the_first_did(
    team: Team, departures: Departures
) -> None:
    activation = await bought_by_ann(team, departures)
    await departures.member_changed(GROUP, BOB, is_there=True)
    await departures.member_changed(GROUP, ADMIN, is_there=True)
    await leave(departures, ANN)
    first = await departures.hand_over(activation.id, GROUP, ADMIN, BOB)
    assert isinstance(first, HandedOver)
    assert await departures.hand_over(activation.id, GROUP, ADMIN, BOB) == first
    assert await departures.hand_over(activation.id, GROUP, ADMIN, ADMIN) == StillThere()
    changes, _ = await team.governance.changes(GROUP)
    assert [one.action for one in changes].count("hand_over") == 1


async def test_a_number_that_is_given_back_already_is_not_handed_over(
    team: Team, departures: Departures
) -> None:
    activation = await bought_by_ann(team, departures)
    await leave(departures, ANN)
    await departures.member_changed(GROUP, BOB, is_there=True)
    async with team.database.write() as connection:
        now = team.shop.clock.now()
        waiting = (State.WAITING,)
        await activations.move(connection, activation.id, waiting, State.CANCELLING, at=now)
    assert await departures.hand_over(activation.id, GROUP, ADMIN, BOB) == NotOpen()


async def activation_now(team: Team, activation: Activation) -> Activation:
    async with team.database.read() as connection:
        present = await activations.get(connection, activation.id)
    assert present is not None
    return present
