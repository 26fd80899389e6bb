"""Each notice goes to whom it concerns, as urgently as it must, and is told once."""

from dataclasses import replace

import pytest

from bot.domain import notice
from bot.domain.activation import State
from bot.domain.chat import CodePlace
from bot.domain.notice import Alert, Notice, NoticeKind, Priority
from tests.samples import ANNA, GROUP, WAITING

OWNERS = (501, 505)
IN_GROUP = replace(WAITING, chat_id=GROUP)


def about(kind: NoticeKind, key: str, priority: Priority, chat_id: int = GROUP) -> Notice:
    return Notice(
        key=key, chat_id=chat_id, kind=kind, priority=priority, activation_id=WAITING.id, facts={}
    )


@pytest.mark.parametrize("priority", Priority)
def test_a_card_is_shown_where_the_number_was_bought(priority: Priority) -> None:
    assert notice.card(IN_GROUP, priority) == about(NoticeKind.CARD, "card:7", priority)
    assert notice.card(IN_GROUP).priority is Priority.REST


def test_the_end_of_a_number_is_told_where_it_was_bought() -> None:
    expected = about(NoticeKind.EXPIRED, "expired:7", Priority.CLOSED)
    assert notice.expired(IN_GROUP) == expected


def test_a_reveal_tells_the_group_which_code_it_is_and_leaves_first() -> None:
    expected = about(NoticeKind.REVEAL, "reveal:3", Priority.CODE)
    assert notice.reveal(IN_GROUP, 3) == replace(expected, facts={"code_id": 3})


@pytest.mark.parametrize(
    ("place", "chat_id"),
    [(CodePlace.PRIVATE, ANNA), (CodePlace.REVEAL, GROUP), (CodePlace.GROUP, GROUP)],
)
def test_who_is_handed_a_number_is_told_where_codes_go(place: CodePlace, chat_id: int) -> None:
    key = f"handed_over:7:5:{chat_id}"
    expected = about(NoticeKind.HANDED_OVER, key, Priority.CLOSED, chat_id)
    facts = {"at": 5, "user_id": ANNA}
    assert notice.handed_over(IN_GROUP, 5, place) == replace(expected, facts=facts)


def test_an_unknown_outcome_is_told_to_the_chat_and_to_every_owner() -> None:
    assert notice.unknown(IN_GROUP, OWNERS) == [
        about(NoticeKind.UNKNOWN, "unknown:7", Priority.CLOSED),
        about(NoticeKind.UNKNOWN_OWNER, "unknown:7:501", Priority.REST, 501),
        about(NoticeKind.UNKNOWN_OWNER, "unknown:7:505", Priority.REST, 505),
    ]


def test_every_owner_is_asked_to_decide() -> None:
    assert notice.undecided(IN_GROUP, OWNERS) == [
        about(NoticeKind.UNDECIDED, "undecided:7:501", Priority.REST, 501),
        about(NoticeKind.UNDECIDED, "undecided:7:505", Priority.REST, 505),
    ]


def test_an_outcome_that_becomes_known_twice_is_told_twice() -> None:
    lost, late = replace(IN_GROUP, state=State.LOST), IN_GROUP
    assert [notice.known(one) for one in (lost, late)] == [
        about(NoticeKind.KNOWN, "known:7:lost", Priority.CLOSED),
        about(NoticeKind.KNOWN, "known:7:waiting", Priority.CLOSED),
    ]


def test_an_alert_reaches_every_owner_with_its_facts() -> None:
    told = notice.alerts(Alert.LOW_BALANCE, OWNERS, 9, {"amount": "$1.00"})
    assert [(one.chat_id, one.key) for one in told] == [
        (501, "alert:low_balance:9:501"),
        (505, "alert:low_balance:9:505"),
    ]
    assert {one.kind for one in told} == {NoticeKind.ALERT}
    assert [one.facts for one in told] == [{"alert": "low_balance", "amount": "$1.00"}] * 2
    assert [one.activation_id for one in told] == [None, None]
    [bare] = notice.alerts(Alert.PROVIDER_DOWN, (501,), 9)
    assert bare.facts == {"alert": "provider_down"}


def test_codes_leave_before_what_is_closed_and_that_before_the_rest() -> None:
    assert Priority.CODE < Priority.CLOSED < Priority.REST


@pytest.mark.parametrize("place", CodePlace)
def test_a_private_chat_s_code_leaves_first_wherever_groups_have_theirs(place: CodePlace) -> None:
    expected = about(NoticeKind.CODE, "code:3", Priority.CODE, ANNA)
    assert notice.code(WAITING, 3, place) == replace(expected, facts={"code_id": 3})


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (CodePlace.PRIVATE, about(NoticeKind.CODE, "code:3", Priority.CODE, ANNA)),
        (CodePlace.GROUP, about(NoticeKind.CODE, "code:3", Priority.CODE)),
        (CodePlace.REVEAL, about(NoticeKind.REVEAL, "reveal:3", Priority.CODE)),
    ],
)
def test_a_group_s_code_goes_where_the_group_wants_it(place: CodePlace, expected: Notice) -> None:
    assert notice.code(IN_GROUP, 3, place) == replace(expected, facts={"code_id": 3})


def test_a_group_that_has_said_nothing_has_its_codes_in_private() -> None:
    assert notice.code(IN_GROUP, 3) == notice.code(IN_GROUP, 3, CodePlace.PRIVATE)
