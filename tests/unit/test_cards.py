"""Every state of an activation says what is, what it costs, and what can be done."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from telegram import InlineKeyboardButton

from bot.chat.buttons import PickCountry
from bot.chat.cards import card
from bot.chat.codec import decode
from bot.chat.message import Message
from bot.domain.activation import CloseReason, State
from bot.domain.chat import CodePlace
from bot.sandbox.telegram.entities import parse_html, units
from tests.samples import GROUP, MINUTE, NOW, view

REFUND = "$0.0882"


def shown(message: Message) -> str:
    """Give a message's text as Telegram shows it; broken HTML fails."""
    return parse_html(message.html)[0]


def keys(message: Message) -> list[InlineKeyboardButton]:
    rows = message.keyboard.inline_keyboard if message.keyboard else ()
    return [button for row in rows for button in row]


def labels(message: Message) -> str:
    return " | ".join(button.text for button in keys(message))


def copied(message: Message) -> list[str]:
    return [button.copy_text.text for button in keys(message) if button.copy_text]


def test_a_purchase_under_way_says_so_and_offers_nothing() -> None:
    message = card(view(state=State.REQUESTED, number=None), NOW)
    assert "Buying…" in shown(message)
    assert message.keyboard is None


def test_a_slow_purchase_says_that_its_outcome_is_unknown_and_not_to_buy_again() -> None:
    text = shown(card(view(state=State.REQUESTED, number=None, slow_since=NOW), NOW))
    assert "unknown" in text
    assert "do not buy again" in text


def test_a_waiting_number_shows_all_that_one_needs() -> None:
    message = card(view(), NOW)
    text, entities = parse_html(message.html)
    for words in ("WhatsApp", "🇹🇷 Turkey", "+12025550123", "$0.0882", "ends in 20 min"):
        assert words in text
    [time] = [entity for entity in entities if entity["type"] == "date_time"]
    assert time["unix_time"] == (NOW + 20 * MINUTE) // 1000
    assert time["date_time_format"] == "r"
    assert copied(message) == ["+12025550123"]


def test_cancelling_is_offered_as_a_danger_that_names_the_amount() -> None:
    [button] = [one for one in keys(card(view(), NOW)) if "Cancel" in one.text]
    assert REFUND in button.text
    assert button.style == "danger"


def test_a_number_without_the_provider_s_id_says_why_it_cannot_be_cancelled() -> None:
    message = card(view(rs_id=None), NOW)
    assert "cannot be cancelled" in shown(message)
    assert "Cancel" not in labels(message)


@pytest.mark.parametrize("reason", [CloseReason.BUYER, CloseReason.ADMIN])
def test_a_cancellation_that_must_wait_says_until_when(reason: CloseReason) -> None:
    message = card(view(cancel_reason=reason, cancel_at=NOW + 2 * MINUTE), NOW)
    assert "will be cancelled in 2 min" in shown(message)
    assert "Cancel" not in labels(message)


def test_a_cancellation_asked_for_shows_at_once() -> None:
    message = card(view(cancel_reason=CloseReason.BUYER, cancel_at=NOW), NOW)
    assert "Cancelling…" in shown(message)


def test_the_planned_end_of_a_number_is_not_shown_as_a_cancellation() -> None:
    message = card(view(cancel_reason=CloseReason.EXPIRY, cancel_at=NOW + MINUTE), NOW)
    assert "Too early" not in shown(message)
    assert "Cancel" in labels(message)


def test_a_refused_cancellation_says_why_and_that_the_number_stays() -> None:
    refusal = "Cancel was refused: limit <over>. The number stays open."
    planned = {"cancel_reason": CloseReason.EXPIRY, "cancel_at": NOW + MINUTE}
    for plan in (planned, {"cancel_reason": None, "cancel_at": None}):
        assert refusal in shown(card(view(reason="limit <over>", **plan), NOW))


def test_a_refusal_of_the_bot_s_own_cancellation_at_the_end_is_not_shown_as_the_buyer_s() -> None:
    own = view(reason="limit over", cancel_reason=CloseReason.EXPIRY, cancel_at=None)
    assert "refused" not in shown(card(own, NOW))


def test_a_cancellation_without_an_answer_says_that_it_is_asked_for_again() -> None:
    first = shown(card(view(state=State.CANCELLING), NOW))
    later = shown(card(view(state=State.CANCELLING, cancel_attempts=2), NOW))
    assert "Cancelling…" in first
    assert "does not answer" not in first
    assert "does not answer" in later


@pytest.mark.parametrize("state", [State.REQUESTED, State.WAITING, State.CANCELLING])
def test_no_refund_is_promised_before_it_is_there(state: State) -> None:
    assert "refund" not in shown(card(view(state=state), NOW)).lower()


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (CloseReason.BUYER, "Cancelled. Refunded $0.0882."),
        (CloseReason.ADMIN, "Cancelled by an admin. Refunded $0.0882."),
        (CloseReason.DEPARTURE, "Cancelled, since its buyer is gone. Refunded $0.0882."),
        (CloseReason.EXPIRY, "Expired: no SMS came in time. Refunded $0.0882."),
    ],
)
def test_a_cancelled_number_names_its_refund(reason: CloseReason, words: str) -> None:
    message = card(view(state=State.CANCELLED, cancel_reason=reason, refunded=88_200), NOW)
    assert words in shown(message)
    assert "Buy again" in labels(message)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"rs_id": None}, "gave no id"),
        ({"reason": "time limit"}, "refused it (time limit)"),
        ({}, "No refund"),
    ],
)
def test_an_expired_number_says_why_there_is_no_refund(changes: dict[str, Any], words: str) -> None:
    text = shown(card(view(state=State.EXPIRED, **changes), NOW))
    assert "Expired" in text
    assert "No refund" in text
    assert words in text


def test_a_number_that_expired_beside_its_code_does_not_say_that_no_sms_came() -> None:
    given_back = {"state": State.CANCELLED, "cancel_reason": CloseReason.EXPIRY}
    for changes in ({"state": State.EXPIRED}, given_back):
        text = shown(card(view("1111", **changes), NOW))
        assert "Expired. " in text
        assert "no SMS" not in text
        assert "Code: 1111" in text


def test_codes_can_be_copied_newest_first() -> None:
    message = card(view("Code 1111", "2222", state=State.RECEIVED), NOW)
    assert "Code: 1111, 2222" in shown(message)
    assert copied(message) == ["2222", "1111", "+12025550123"]


def test_a_received_number_says_how_long_another_code_is_looked_for() -> None:
    watched = view("1111", state=State.RECEIVED, watch_until=NOW + 5 * MINUTE)
    assert "ends in 5 min" in shown(card(watched, NOW))
    assert "Another code" not in shown(card(watched, NOW + 5 * MINUTE))
    finished = view("1111", state=State.FINISHED, watch_until=NOW + 5 * MINUTE)
    assert "ends in" not in shown(card(finished, NOW))


def test_a_code_after_the_end_is_on_the_card_too() -> None:
    late = view("1111", state=State.CANCELLED, refunded=88_200)
    message = card(late, NOW)
    assert "Code: 1111" in shown(message)
    assert "1111" in copied(message)


def test_a_number_that_was_handed_over_is_not_said_to_be_bought_by_its_new_owner() -> None:
    message = card(view(chat_id=GROUP, bought_by=505), NOW)
    assert "Anna's now" in shown(message)
    assert "Bought by" not in shown(message)


@pytest.mark.parametrize("state", list(State))
def test_a_group_s_card_names_its_buyer_and_shows_no_code(state: State) -> None:
    message = card(view("Code 4711", state=state, chat_id=GROUP), NOW)
    assert "Bought by Anna" in shown(message)
    assert "4711" not in message.html
    assert not any("4711" in text for text in [labels(message), *copied(message)])


@pytest.mark.parametrize(
    ("place", "before", "after"),
    [
        (CodePlace.PRIVATE, "to its buyer in private", "only its buyer sees it"),
        (CodePlace.REVEAL, "a button here shows it to its buyer", "only its buyer sees it"),
        (CodePlace.GROUP, "written here, for everybody", "A code has arrived."),
    ],
)
def test_a_group_s_card_promises_its_code_where_the_group_wants_it(
    place: CodePlace, before: str, after: str
) -> None:
    waiting, received = view(chat_id=GROUP), view("4711", state=State.RECEIVED, chat_id=GROUP)
    assert before in shown(card(replace(waiting, code_place=place), NOW))
    assert after in shown(card(replace(received, code_place=place), NOW))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("NoNumbers", "no numbers"),
        ("InsufficientBalance", "balance is too low. The owner has been told"),
        ("NotSent", "could not be reached"),
        ("Unauthorized", "does not accept the bot's key"),
        ("TooFrequent", "short pause"),
        ("Declined", "did not sell"),
        (None, "did not sell"),
    ],
)
def test_a_declined_purchase_says_why_and_that_it_cost_nothing(
    reason: str | None, words: str
) -> None:
    message = card(view(state=State.DECLINED, reason=reason, number=None), NOW)
    assert words in shown(message)
    assert "Nothing was charged" in shown(message)
    assert "Buy again" in labels(message)


def test_where_nothing_is_in_stock_another_country_is_offered() -> None:
    message = card(view(state=State.DECLINED, reason="NoNumbers", number=None), NOW)
    assert "Another country" in labels(message)


def test_where_one_offer_is_out_of_stock_buy_again_leads_to_all_of_them() -> None:
    message = card(view(state=State.DECLINED, reason="NoNumbers", number=None), NOW)
    again = next(key for key in keys(message) if "Buy again" in key.text)
    assert isinstance(decode(str(again.callback_data)), PickCountry)


def test_an_unknown_outcome_says_what_is_held_and_not_to_buy_again() -> None:
    message = card(view(state=State.UNKNOWN, number=None), NOW)
    assert "unknown" in shown(message)
    assert "$0.0882 stays held" in shown(message)
    assert "do not buy again" in shown(message)
    assert message.keyboard is None


def test_a_lost_number_says_that_the_money_is_back() -> None:
    assert "Your money is back" in shown(card(view(state=State.LOST, number=None), NOW))


ANYTHING = st.text(max_size=300)


@settings(deadline=None)
@given(
    service=ANYTHING,
    country=ANYTHING,
    buyer=ANYTHING,
    reason=ANYTHING,
    number=st.from_regex(r"\+?[0-9]{3,20}", fullmatch=True),
    texts=st.lists(st.text(max_size=2000), max_size=4),
    state=st.sampled_from(State),
    chat_id=st.sampled_from([1, GROUP]),
)
def test_no_text_from_outside_breaks_a_card(  # noqa: PLR0917 - one argument per text
    service: str,
    country: str,
    buyer: str,
    reason: str,
    number: str,
    texts: list[str],
    state: State,
    chat_id: int,
) -> None:
    hostile = view(
        *texts,
        buyer_name=buyer,
        service_name=service,
        country_name=country,
        country_code=country,
        reason=reason,
        number=number,
        state=state,
        chat_id=chat_id,
    )
    message = card(hostile, NOW)
    text = shown(message)
    assert 0 < units(text) <= 4096
    assert not re.search("[\x00-\x08\ud800-\udfff]", text)
    for button in keys(message):
        assert button.text.strip()
        if button.copy_text:
            assert 1 <= units(button.copy_text.text) <= 256
