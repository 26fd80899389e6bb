"""The proof of a purchase: all that a support desk asks for, and nothing for the wrong eyes."""

from datetime import UTC, datetime

import pytest
from telegram import InlineKeyboardMarkup

from bot.chat.insight.proof import proof_of
from bot.domain.activation import CloseReason, State
from bot.sandbox.telegram.entities import parse_html
from bot.storage.history import Step
from bot.workflows.history import Proof
from tests.samples import GROUP, MINUTE, NOW, view

SMS = "Your code is 4711. Do not share it"
STEPS = (
    Step("requested", None, NOW - 1000),
    Step("waiting", None, NOW),
    Step("received", None, NOW + 40_000),
)
RECEIVED = Proof(
    view(SMS, state=State.RECEIVED, first_code_at=NOW + 40_000, closed_at=NOW + 5 * MINUTE), STEPS
)


def utc(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"


def copied(keyboard: InlineKeyboardMarkup | None, words: str) -> str:
    assert keyboard is not None
    keys = [key for row in keyboard.inline_keyboard for key in row if words in key.text]
    assert keys[0].copy_text is not None
    return keys[0].copy_text.text


def test_a_proof_names_number_ids_times_text_and_money() -> None:
    text = parse_html(proof_of(RECEIVED, with_codes=True).html)[0]
    for words in (
        "#7",
        "+12025550123",
        "id rs-1",
        f"Bought: {utc(NOW)}",
        f"SMS: {utc(NOW + 40_000)}, after 40s",
        SMS,
        "Price: $0.0882, refund: none",
        f"{utc(NOW - 1000)} requested",
        f"{utc(NOW + 40_000)} received",
    ):
        assert words in text


def test_number_code_and_proof_can_be_copied() -> None:
    keyboard = proof_of(RECEIVED, with_codes=True).keyboard
    assert copied(keyboard, "Copy number") == "+12025550123"
    assert copied(keyboard, "Copy 4711") == "4711"
    proof = copied(keyboard, "Copy the proof")
    assert proof.startswith("#7 rs-1 · +12025550123 · WhatsApp, tr · bought 2026")
    assert proof.endswith(SMS)


def test_what_can_be_copied_is_never_longer_than_telegram_allows() -> None:
    long = view("x" * 3000, service_name="y" * 3000, first_code_at=NOW, rs_id="z" * 40)
    keyboard = proof_of(Proof(long, STEPS), with_codes=True).keyboard
    assert len(copied(keyboard, "Copy the proof")) == 256


def test_where_others_read_the_text_is_left_out() -> None:
    message = proof_of(Proof(view(SMS, first_code_at=NOW, chat_id=GROUP), STEPS), with_codes=False)
    assert "4711" not in message.html
    assert "4711" not in str(message.keyboard)
    assert "A private chat with me shows the SMS" in message.html


def test_an_erased_text_is_called_erased() -> None:
    old = view(state=State.FINISHED, first_code_at=NOW, number=None)
    assert "not stored any more" in proof_of(Proof(old, STEPS), with_codes=True).html


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.LOST, "$0.0882, given back"),
        (State.DECLINED, "$0.0882, not charged"),
        (State.UNKNOWN, "$0.0882, held"),
        (State.EXPIRED, "$0.0882, refund: none"),
    ],
)
def test_what_became_of_the_money_is_told_as_it_is(state: State, words: str) -> None:
    assert f"Price: {words}" in proof_of(Proof(view(state=state), STEPS), with_codes=True).html


def test_an_error_s_name_is_told_in_words() -> None:
    steps = (Step("unknown", "RemoteProtocolError", NOW), Step("declined", "NoNumbers", NOW))
    html = proof_of(Proof(view(state=State.DECLINED), steps), with_codes=True).html
    assert "unknown (the connection to SpotSMS broke)" in html
    assert "declined (no numbers in stock)" in html


def test_a_planned_cancellation_is_told_and_not_offered_again() -> None:
    planned = view(cancel_reason=CloseReason.BUYER, cancel_at=NOW + MINUTE)
    message = proof_of(Proof(planned, STEPS), with_codes=True)
    assert "Outcome: to be cancelled" in message.html
    assert "Cancel" not in str(message.keyboard)


def test_a_refund_and_its_reason_are_told() -> None:
    steps = (*STEPS, Step("cancelled", "not <confirmed>", NOW + MINUTE))
    refunded = view(state=State.CANCELLED, refunded=88_200, closed_at=NOW + MINUTE)
    html = proof_of(Proof(refunded, steps), with_codes=True).html
    assert "refund: $0.0882" in html
    assert "cancelled (not &lt;confirmed&gt;)" in html
    assert "No SMS came." in html
