"""Telegram's limits: 1 a second in a chat, 20 a minute in a group, 30 a second overall."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.pacing import FORGET_ABOVE, LONGEST_SILENCE, Pacing
from tests.clocks import HandSeconds

ANN, BOB, GROUP, OTHER_GROUP = 1, 2, -100, -200


@pytest.fixture
def now() -> HandSeconds:
    return HandSeconds()


@pytest.fixture
def pacing(now: HandSeconds) -> Pacing:
    return Pacing(now)


def send(pacing: Pacing, now: HandSeconds, chat_id: int) -> float:
    """Sends as soon as it is allowed; gives when that was."""
    now.seconds += max(pacing.wait_for(chat_id), pacing.wait_for_all())
    assert pacing.wait_for(chat_id) == pytest.approx(0, abs=1e-6)
    pacing.note_sent(chat_id)
    return now.seconds


def most_within(times: list[float], seconds: float) -> int:
    """The largest number of times in any window."""
    return max(sum(start <= one < start + seconds - 1e-6 for one in times) for start in times)


def test_a_chat_that_was_silent_gets_three_messages_at_once_and_then_one_a_second(
    pacing: Pacing, now: HandSeconds
) -> None:
    times = [send(pacing, now, ANN) for _ in range(6)]
    assert [round(time - 1000, 3) for time in times[2:]] == pytest.approx([0, 1, 2, 3], abs=0.1)


def test_a_group_gets_twenty_messages_a_minute(pacing: Pacing, now: HandSeconds) -> None:
    times = [send(pacing, now, GROUP) for _ in range(60)]
    assert most_within(times, 60) == 20


def test_what_a_group_got_from_an_earlier_process_counts(pacing: Pacing, now: HandSeconds) -> None:
    for seconds_ago in range(30, 10, -1):
        pacing.note_earlier(GROUP, seconds_ago)
    assert pacing.wait_for(GROUP) == pytest.approx(31, abs=0.5)
    earlier = [now.seconds - seconds_ago for seconds_ago in range(30, 10, -1)]
    assert most_within(earlier + [send(pacing, now, GROUP) for _ in range(40)], 60) == 20


def test_a_busy_chat_does_not_make_another_wait(pacing: Pacing, now: HandSeconds) -> None:
    for _ in range(20):
        send(pacing, now, GROUP)
    assert pacing.wait_for(GROUP) > 10
    assert pacing.wait_for(OTHER_GROUP) == 0
    assert pacing.wait_for(ANN) == 0


def test_whoever_presses_without_end_leaves_the_chat_half_of_its_messages(
    pacing: Pacing, now: HandSeconds
) -> None:
    sent: list[float] = []
    while len(sent) < 30:
        pacing.note_answered(ANN)
        now.seconds += 0.1
        if not pacing.wait_for(ANN):
            pacing.note_sent(ANN)
            sent.append(now.seconds)
    assert max(later - earlier for earlier, later in pairwise(sent)) < 2.5


def test_what_people_are_answered_leaves_the_outbox_half_of_all(
    pacing: Pacing, now: HandSeconds
) -> None:
    sent: list[float] = []
    while len(sent) < 100:
        pacing.note_answered(len(sent))
        now.seconds += 0.01
        if not pacing.wait_for_all():
            pacing.note_sent(10_000 + len(sent))
            sent.append(now.seconds)
    assert sent[-1] - sent[0] < 100 / 13
    assert most_within(sent, 1) <= 30


def test_what_a_group_is_answered_leaves_it_messages_for_codes(
    pacing: Pacing, now: HandSeconds
) -> None:
    for _ in range(120):
        pacing.note_answered(GROUP)
        now.seconds += 0.5
    begun = now.seconds
    assert [send(pacing, now, GROUP) - begun for _ in range(8)][-1] < 10


@given(st.lists(st.integers(1, 200), min_size=40, max_size=120))
def test_no_more_than_thirty_leave_in_any_second(chats: list[int]) -> None:
    now = HandSeconds()
    pacing = Pacing(now)
    assert most_within([send(pacing, now, chat_id) for chat_id in chats], 1) <= 30


@given(st.lists(st.tuples(st.integers(-3, 3).filter(bool), st.floats(0, 5)), max_size=80))
def test_whatever_is_sent_when_it_is_polite_again(pauses: list[tuple[int, float]]) -> None:
    now = HandSeconds()
    pacing = Pacing(now)
    sent: dict[int, list[float]] = {}
    for chat_id, pause in pauses:
        now.seconds += pause
        sent.setdefault(chat_id, []).append(send(pacing, now, chat_id))
    for chat_id, times in sent.items():
        assert all(earlier <= later for earlier, later in pairwise(times))
        assert most_within(times, 10) <= 13
        if chat_id < 0:
            assert most_within(times, 60) <= 20


def test_a_429_silences_its_chat_for_as_long_as_telegram_says(
    pacing: Pacing, now: HandSeconds
) -> None:
    pacing.note_flood(ANN, 7)
    assert pacing.wait_for(ANN) == pacing.forced_wait(ANN) == 7
    assert pacing.wait_for(BOB) == 0
    now.seconds += 7
    assert pacing.wait_for(ANN) == 0


def test_a_shorter_429_does_not_end_a_longer_one(pacing: Pacing) -> None:
    pacing.note_flood(ANN, 30)
    pacing.note_flood(ANN, 2)
    assert pacing.forced_wait(ANN) == 30


def test_429s_from_two_chats_within_seconds_silence_all(pacing: Pacing, now: HandSeconds) -> None:
    pacing.note_flood(ANN, 40)
    now.seconds += 4
    pacing.note_flood(BOB, 9)
    assert pacing.forced_wait(OTHER_GROUP) == 9
    now.seconds += 9
    assert pacing.forced_wait(OTHER_GROUP) == 0
    assert pacing.forced_wait(ANN) == 27


def test_what_is_guessed_to_hold_for_all_is_tried_again_soon(pacing: Pacing) -> None:
    pacing.note_flood(ANN, 400)
    pacing.note_flood(BOB, 300)
    assert pacing.forced_wait(OTHER_GROUP) == LONGEST_SILENCE
    assert pacing.forced_wait(BOB) == 300


def test_a_429_that_a_chat_has_earned_itself_says_nothing_of_others(pacing: Pacing) -> None:
    for chat_id, posts in ((GROUP, 20), (OTHER_GROUP, 20), (BOB, 4)):
        for _ in range(posts):
            pacing.note_answered(chat_id)
    for chat_id in (GROUP, OTHER_GROUP, BOB):
        pacing.note_flood(chat_id, 55)
    assert pacing.forced_wait(ANN) == 0
    assert pacing.forced_wait(GROUP) == 55


def test_429s_from_one_chat_or_far_apart_silence_no_other(pacing: Pacing, now: HandSeconds) -> None:
    pacing.note_flood(ANN, 3)
    pacing.note_flood(ANN, 3)
    assert pacing.forced_wait(OTHER_GROUP) == 0
    now.seconds += 60
    pacing.note_flood(BOB, 3)
    assert pacing.forced_wait(OTHER_GROUP) == 0


def test_a_pause_outlives_messages_that_go_through_meanwhile(pacing: Pacing) -> None:
    pacing.note_flood(ANN, 5)
    pacing.note_sent(ANN)
    pacing.note_sent(BOB)
    assert pacing.forced_wait(ANN) == 5


def test_chats_that_limit_nothing_are_forgotten(pacing: Pacing, now: HandSeconds) -> None:
    pacing.note_flood(ANN, 10_000)
    for chat_id in range(10, FORGET_ABOVE + 20):
        pacing.note_sent(chat_id)
    now.seconds += 3600
    pacing.note_sent(BOB)
    assert len(pacing._chats) == 2
    assert pacing.forced_wait(ANN) > 0
