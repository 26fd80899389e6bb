"""Messages that ring say what happened and what to do, and break at no SMS."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.chat import notices
from bot.chat.message import Message
from bot.domain.activation import CloseReason, State
from bot.domain.chat import ChatAccess, CodePlace
from bot.domain.notice import Alert
from bot.sandbox.telegram.entities import parse_html, units
from bot.storage.chats import Chat
from bot.workflows.overview import Code
from tests.samples import ANNA, GROUP, NOW, view

TEAM = Chat(
    id=GROUP,
    kind="supergroup",
    title="Team <1>",
    access=ChatAccess.APPROVED,
    requested_by=None,
    migrated_to=None,
)


def shown(message: Message) -> str:
    return parse_html(message.html)[0]


def marked(message: Message, kind: str) -> list[str]:
    """Give the parts of a message that are marked in a way."""
    text, entities = parse_html(message.html)
    raw = text.encode("utf-16-le")
    return [
        raw[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le")
        for one in entities
        if one["type"] == kind
    ]


def labels(message: Message) -> list[str]:
    rows = message.keyboard.inline_keyboard if message.keyboard else ()
    return [button.text for row in rows for button in row]


def copied(message: Message) -> list[str]:
    rows = message.keyboard.inline_keyboard if message.keyboard else ()
    return [button.copy_text.text for row in rows for button in row if button.copy_text]


def code(text: str, group_title: str | None = None) -> Message:
    return notices.code(view(text), Code(1, text, NOW), group_title)


def test_a_code_stands_alone_and_can_be_copied() -> None:
    message = code("123456")
    assert marked(message, "code") == ["123456"]
    assert copied(message) == ["123456"]
    assert marked(message, "expandable_blockquote") == []


def test_a_code_names_its_service_and_number_since_it_may_leave_before_its_card() -> None:
    assert "WhatsApp" in shown(code("123456"))
    assert "+12025550123" in shown(code("123456"))


def test_the_whole_sms_is_under_its_code() -> None:
    message = code("<#> Your code is 637-322\nDo not share it")
    assert marked(message, "code") == ["637-322"]
    assert marked(message, "expandable_blockquote") == ["<#> Your code is 637-322\nDo not share it"]
    assert copied(message) == ["637-322"]


def test_where_no_code_can_be_told_the_whole_text_is_the_code() -> None:
    message = code("Tap the link to log in")
    assert marked(message, "code") == ["Tap the link to log in"]
    assert copied(message) == ["Tap the link to log in"]


def test_a_group_s_code_names_its_group_in_private() -> None:
    assert "Bought in Team <1>" in shown(code("123456", "Team <1>"))


def test_a_code_too_long_for_telegram_is_cut() -> None:
    message = code("code: 123456 " + "😀" * 4000)
    assert units(shown(message)) <= 4096
    assert shown(message).endswith("…")


@settings(deadline=None)
@given(st.text(max_size=5000), st.text(max_size=300))
def test_no_sms_breaks_its_message(text: str, title: str) -> None:
    for message in (code(text), code(text, title)):
        assert 0 < units(shown(message)) <= 4096
        assert all(1 <= units(one) <= 256 for one in copied(message))


def test_a_group_learns_of_a_code_without_seeing_it() -> None:
    message = notices.reveal(view("4711", chat_id=GROUP), code_id=1)
    assert "Anna, a code has arrived" in shown(message)
    assert "4711" not in message.html
    assert labels(message) == ["👁 Show the code"]


@pytest.mark.parametrize("place", CodePlace)
def test_a_private_chat_is_recommended_for_codes_only_where_they_would_go_there(
    place: CodePlace,
) -> None:
    there = replace(view("4711", chat_id=GROUP), code_place=place)
    told = shown(notices.reveal(there, code_id=1))
    assert ("press Start" in told) is (place is CodePlace.PRIVATE)


def test_a_code_erased_before_it_could_be_told_is_owned_up_to() -> None:
    assert "erased" in shown(notices.code_erased(view()))


def test_an_expiry_names_the_refund_and_offers_the_same_again() -> None:
    over = view(state=State.CANCELLED, cancel_reason=CloseReason.EXPIRY, refunded=88_200)
    message = notices.closed(over)
    assert "Expired" in shown(message)
    assert "Refunded $0.0882" in shown(message)
    assert labels(message) == ["🔁 Buy again"]


def test_a_group_s_end_rings_its_buyer() -> None:
    over = view(state=State.EXPIRED, chat_id=GROUP)
    assert shown(notices.closed(over)).startswith("Anna, ")
    assert f"tg://user?id={ANNA}" in notices.closed(over).html


def test_the_buyer_learns_that_an_outcome_is_unknown() -> None:
    text = shown(notices.unknown(view(state=State.UNKNOWN, number=None)))
    assert "unknown" in text
    assert "$0.0882 stays held" in text


@pytest.mark.parametrize(("chat", "where"), [(TEAM, "Team <1>"), (None, str(GROUP))])
def test_the_owner_learns_whose_purchase_is_unknown_and_what_happens_next(
    chat: Chat | None, where: str
) -> None:
    doubtful = view(state=State.UNKNOWN, chat_id=GROUP, reason="ReadTimeout", number=None)
    text = shown(notices.unknown_for_owner(doubtful, chat))
    for words in ("unknown", "Anna", str(ANNA), where, "WhatsApp", "$0.0882", "not answer in time"):
        assert words in text
    assert "its balance is compared" in text


def test_the_owner_decides_about_a_stranger_with_two_buttons() -> None:
    facts = {
        "chat_id": ANNA,
        "kind": "private",
        "title": "",
        "name": "Anna <3",
        "username": "anna",
        "user_id": ANNA,
    }
    message = notices.access_request(facts)
    assert "Anna <3 (@anna), id 502, asks to use this bot." in shown(message)
    assert labels(message) == ["Approve", "Deny"]
    assert message.keyboard
    assert [one.style for one in message.keyboard.inline_keyboard[0]] == ["success", "danger"]


def test_the_owner_decides_about_a_group_by_its_title() -> None:
    facts = {
        "chat_id": GROUP,
        "kind": "supergroup",
        "title": "Team <1>",
        "name": "Anna",
        "username": None,
        "user_id": ANNA,
    }
    assert "in the group Team <1>" in shown(notices.access_request(facts))


@pytest.mark.parametrize(("approved", "words"), [(True, "/buy"), (False, "not approved")])
def test_a_chat_learns_what_the_owner_decided(approved: bool, words: str) -> None:
    assert words in shown(notices.access_decided({"approved": approved}))


@pytest.mark.parametrize(
    ("alert", "words"),
    [
        (Alert.PROVIDER_DOWN, "does not answer"),
        (Alert.PROVIDER_UP, "answers again"),
        (Alert.KEY_REFUSED, "SPOTSMS_API_KEY"),
        (Alert.KEY_ACCEPTED, "Purchases go on"),
        (Alert.LOW_BALANCE, "balance is low: $3.20"),
        (Alert.PURCHASES_REFUSED, "WhatsApp <1> · Turkey · $3.20"),
        (Alert.PURCHASES_REFUSED, "when last read: $46.80"),
        (Alert.CANCEL_UNCONFIRMED, "#7"),
        (Alert.OUTCOME_CONCLUDED, "#7: the SpotSMS balance says that it was charged"),
        (Alert.LATE_NUMBER, "your loss is taken back"),
        (Alert.UNEXPLAINED_SPENDING, "$3.20 left the SpotSMS balance without the bot"),
        (Alert.UNEXPLAINED_GAIN, "could be of number #7, #8"),
        (Alert.REFUND_MISSING, "#7: SpotSMS promised a refund of $3.20"),
        (Alert.LEDGER_DIFFERENCE, "2 differences.\na <line>"),
    ],
)
def test_the_owner_learns_about_the_installation(alert: Alert, words: str) -> None:
    facts = {
        "alert": alert.value,
        "amount": "$3.20",
        "activation_id": 7,
        "charged": True,
        "given_up_as": "lost",
        "service": "WhatsApp <1>",
        "country": "Turkey",
        "shown": "$46.80",
        "expected": "$50.00",
        "at": NOW,
        "since": NOW,
        "fitting": [7, 8],
        "count": 2,
        "lines": ["a <line>", "another"],
    }
    assert words in shown(notices.alert(facts))


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.DECLINED, "$0.0882 is no longer held"),
        (State.LOST, "You have your $0.0882 back"),
        (State.WAITING, "came after all"),
    ],
)
def test_the_buyer_learns_what_became_of_an_unknown_purchase(state: State, words: str) -> None:
    assert words in shown(notices.known(view(state=state)))


def test_a_code_of_a_number_that_is_not_known_any_more_is_still_told() -> None:
    nameless = replace(view("123456").activation, number=None)
    message = notices.code(replace(view("123456"), activation=nameless), Code(1, "123456", NOW))
    assert marked(message, "code") == ["123456"]
