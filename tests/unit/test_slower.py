"""A number that is looked at too often is looked at less often, until that is often enough."""

from bot.domain.slower import MOST_SECONDS, Slower

INTERVAL = 10.0


def test_each_refusal_adds_more_to_a_number_s_interval_up_to_a_most() -> None:
    slower = Slower(INTERVAL)
    gaps = []
    for _ in range(9):
        slower.refused(1)
        gaps.append(slower.extra_ms(1))
    assert gaps[:2] == [5_000, 7_500]
    assert gaps == sorted(gaps)
    assert gaps[-1] == MOST_SECONDS * 1000


def test_other_numbers_keep_their_interval() -> None:
    slower = Slower(INTERVAL)
    slower.refused(1)
    assert slower.extra_ms(2) == 0


def test_each_answer_takes_some_of_it_back_until_nothing_is_left() -> None:
    slower = Slower(INTERVAL)
    slower.refused(1)
    slower.answered(1)
    assert slower.extra_ms(1) == 4_000
    for _ in range(20):
        slower.answered(1)
    assert slower.extra_ms(1) == 0


def test_what_the_provider_asks_for_is_kept_where_it_is_no_age() -> None:
    slower = Slower(INTERVAL)
    slower.refused(1, retry_after=22)
    slower.refused(2, retry_after=3_600)
    assert slower.extra_ms(1) == 12_000
    assert slower.extra_ms(2) == MOST_SECONDS * 1000


def test_a_provider_that_wants_fifteen_seconds_soon_answers_nearly_every_look() -> None:
    slower = Slower(INTERVAL)
    answered = 0
    for _ in range(40):
        if INTERVAL + slower.extra_ms(1) / 1000 >= 15:
            slower.answered(1)
            answered += 1
        else:
            slower.refused(1)
    assert answered >= 20


def test_a_number_that_is_forgotten_begins_anew() -> None:
    slower = Slower(INTERVAL)
    slower.refused(1)
    slower.forget(1)
    assert slower.extra_ms(1) == 0
