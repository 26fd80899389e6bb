"""How answers of SpotSMS are read: leniently, and never into anything but a value or an error."""

import json
from time import process_time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.provider import (
    Balance,
    BoughtNumber,
    Declined,
    InsufficientBalance,
    NoNumbers,
    NotFound,
    OutcomeUnknown,
    ProviderError,
    TooEarly,
    TooFrequent,
    Unauthorized,
)
from bot.provider.catalogue import read_countries, read_services
from bot.provider.refusals import cancel_error_of, error_of, purchase_error_of
from bot.provider.wire import (
    Answer,
    clean_reason,
    read_answer,
    read_balance,
    read_message,
    read_number,
)

KEY = "test-key"
NUMBER = "+12025550123"

# An alphabet of its own: hypothesis needs seconds to list all of Unicode for the first time.
texts = st.text('aZ09 +-.,"\\\n\x00\u202e\u00e9\U0001f600\ud800', max_size=12)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | texts
    | st.sampled_from([NUMBER, "12025550123", "200", "402", "0.10", "-1", "\ud800", "\x00", ""])
)
anything = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
fields = ["code", "data", "rsId", "pidUsed", "balance", "msg", "message", "error", "success"]
envelopes = st.dictionaries(st.sampled_from(fields), anything | st.sampled_from([200, 402, 404]))
statuses = st.sampled_from([200, 302, 401, 402, 404, 409, 429, 500, 502])


def answer(http: int = 200, /, **body: object) -> Answer:
    return read_answer(http, json.dumps(body).encode())


def purchase(got: Answer) -> BoughtNumber:
    if (bought := read_number(got, "0948")) is None:
        raise purchase_error_of(got, KEY)
    return bought


def outcome(raw: bytes, status: int) -> BoughtNumber | ProviderError:
    try:
        return purchase(read_answer(status, raw))
    except ProviderError as error:
        return error


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>502 Bad Gateway</html>",
        b'{"code": 200, "data": "+1202',
        b"null",
        b"[]",
        b'"OK"',
        b"200",
        b'{"code": 200, "balance": NaN}',
        b'{"code": 200, "data": Infinity}',
        b'{"code": 200, "data": 1e99999999999999999999}',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"9" * 5_000,
        b"\xff\xfe\x00",
        b"\x00" * 1_000,
    ],
)
def test_what_is_no_json_object_is_an_unknown_outcome(body: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        read_answer(200, body)


@pytest.mark.parametrize("code", [True, False, "abc", "", [], {}, [200], 200.5, 10**9, "2e2"])
def test_a_code_that_is_none_is_an_unknown_outcome(code: object) -> None:
    with pytest.raises(OutcomeUnknown):
        answer(code=code, data=NUMBER)


@pytest.mark.parametrize("code", [402, "402", " 402 ", 402.0])
def test_a_code_may_be_a_number_or_a_string(code: object) -> None:
    assert answer(code=code).code == 402


def test_the_body_is_asked_before_the_http_status() -> None:
    assert purchase(answer(500, code=200, data=NUMBER)).number == NUMBER
    assert isinstance(purchase_error_of(answer(200, code=402), KEY), InsufficientBalance)


def test_without_a_code_the_http_status_counts() -> None:
    assert answer(402, msg="no money").code == 402
    assert answer(404, code=None).code == 404


def test_a_redirect_without_a_code_is_an_unknown_outcome() -> None:
    with pytest.raises(OutcomeUnknown):
        answer(302, data=NUMBER)


def test_one_bad_byte_does_not_cost_the_number_beside_it() -> None:
    body = b'\xef\xbb\xbf{"code":200,"data":"+12025550123","country":"T\xfcrkiye"}'
    assert purchase(read_answer(200, body)).number == NUMBER


@pytest.mark.parametrize(
    ("data", "number"),
    [
        (NUMBER, NUMBER),
        ("12025550123", "12025550123"),
        (12025550123, "12025550123"),
        ("+1 (202) 555-0123", "+1 (202) 555-0123"),
        (f" {NUMBER}\n", NUMBER),
        ("12345", "12345"),
    ],
)
def test_a_number_is_kept_in_the_providers_own_spelling(data: object, number: str) -> None:
    assert purchase(answer(code=200, data=data)).number == number


@pytest.mark.parametrize(
    "data",
    [
        *(None, "", " ", 0, True, 1.5, [], {}, [NUMBER], {"number": NUMBER}),
        *("1234", "+", "No numbers", "1" * 18, "+1202\x00550123", "٠١٢٣٤٥٦", f"1{' ' * 40}2345"),
    ],
)
def test_a_success_without_a_usable_number_is_an_unknown_outcome(data: object) -> None:
    with pytest.raises(OutcomeUnknown):
        purchase(answer(code=200, data=data))


@pytest.mark.parametrize(
    ("sent", "rs_id"),
    [
        *(("act-1", "act-1"), (77, "77"), (None, None), ("", None), (0, None), ("0", None)),
        *((True, None), ([], None), ("a b", None), ("\ud800", None), ("x" * 129, None)),
    ],
)
def test_an_activation_id_may_be_missing(sent: object, rs_id: str | None) -> None:
    assert purchase(answer(code=200, data=NUMBER, rsId=sent)).rs_id == rs_id
    assert purchase(answer(code=200, data=NUMBER)).rs_id is None


@pytest.mark.parametrize(
    ("sent", "pid"), [("0003", "0003"), (3, "3"), (None, "0948"), ("", "0948"), ("a b", "0948")]
)
def test_the_offer_asked_for_counts_where_none_is_named(sent: object, pid: str) -> None:
    assert purchase(answer(code=200, data=NUMBER, pidUsed=sent)).pid_used == pid


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (401, Unauthorized),
        (402, InsufficientBalance),
        (403, InsufficientBalance),
        (404, NoNumbers),
        (409, TooFrequent),
        (429, TooFrequent),
        (906, NoNumbers),
        (400, Declined),
        (777, Declined),
    ],
)
def test_a_well_formed_refusal_of_a_purchase_names_its_kind(
    code: int, kind: type[ProviderError]
) -> None:
    for refused in (answer(code=code, msg="no"), answer(code=code, data=None), answer(code)):
        error = purchase_error_of(refused, KEY)
        assert type(error) is kind
        assert isinstance(error, Declined)
        assert error.code == code


@pytest.mark.parametrize("code", [500, 502, 599, 0, -1, 1, 100, 201, 202, 302])
def test_a_code_that_is_no_clear_refusal_is_an_unknown_outcome(code: int) -> None:
    assert isinstance(purchase_error_of(answer(code=code, msg="?"), KEY), OutcomeUnknown)


@pytest.mark.parametrize(
    "rest",
    [
        {"data": NUMBER},
        {"data": 12025550123},
        {"data": [NUMBER]},
        {"data": {"phone": {"e164": NUMBER}}},
        {"rsId": "act-1"},
        {"rsId": 77, "data": None},
    ],
)
def test_a_refusal_with_a_number_in_it_is_an_unknown_outcome(rest: dict[str, object]) -> None:
    assert isinstance(purchase_error_of(answer(200, **{"code": 402} | rest), KEY), OutcomeUnknown)


@given(envelopes, statuses)
@example({"code": 402, "data": NUMBER}, 200)
@example({"code": 200}, 404)
def test_whatever_comes_back_from_a_purchase_has_one_meaning(
    body: dict[str, object], status: int
) -> None:
    result = outcome(json.dumps(body).encode(), status)
    if isinstance(result, BoughtNumber):
        assert str(body["data"]).strip() == result.number
        assert result.pid_used
    elif isinstance(result, Declined):
        assert result.code not in {200, 500}
        assert body.get("data") != NUMBER
    else:
        assert isinstance(result, OutcomeUnknown)


@given(envelopes | anything, statuses)
def test_no_answer_makes_reading_raise_anything_but_a_provider_error(
    body: object, status: int
) -> None:
    raw = json.dumps(body).encode()
    for read in (read_services, read_countries, read_balance, read_message):
        try:
            read(read_answer(status, raw))
        except ProviderError as error:
            assert error.__suppress_context__ or error.__context__ is None  # noqa: PT017 - a law


@given(st.binary())
def test_no_bytes_make_reading_raise_anything_but_a_provider_error(raw: bytes) -> None:
    with pytest.raises(OutcomeUnknown):
        raise error_of(read_answer(200, raw), KEY)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("123456", "123456"),
        (" 637-322 ", "637-322"),
        (123456, "123456"),
        ("Your code:\n<b>1</b>\t2", "Your code:\n<b>1</b>\t2"),
        ("1\x002\ud8003\x1b", "123"),
        ("код 42 😀", "код 42 😀"),
        ("x" * 900_000, f"{'x' * 1298}…{'x' * 1298}"),
        (f"Code 1234{'я' * 9_000}code 5678", f"Code 1234{'я' * 644}…{'я' * 644}code 5678"),
        (None, None),
        ("", None),
        (" \n", None),
        ([], None),
        ({}, None),
        (False, None),
    ],
)
def test_an_sms_is_any_text_that_is_not_empty(data: object, text: str | None) -> None:
    assert read_message(answer(code=200, data=data)) == text


@pytest.mark.parametrize("data", [["123456"], {"sms": "123456"}, [{"text": 123456, "more": []}]])
def test_an_sms_in_parts_is_not_lost(data: object) -> None:
    assert read_message(answer(code=200, data=data)) == "123456"
    both = answer(code=200, data={"code": "123456", "sms": "Your code: 123456"})
    assert read_message(both) == "123456\nYour code: 123456"


@pytest.mark.parametrize("data", [True, [True], {"sms": [True]}])
def test_an_sms_that_is_no_text_is_an_error(data: object) -> None:
    with pytest.raises(OutcomeUnknown):
        read_message(answer(code=200, data=data))


@pytest.mark.parametrize(
    ("shown", "micros", "step"),
    [
        ("49.95", 49_950_000, 10_000),
        ("49.9500", 49_950_000, 100),
        ("50", 50_000_000, 1_000_000),
        ("0", 0, 1_000_000),
        (49.95, 49_950_000, 10_000),
        (7, 7_000_000, 1_000_000),
        ("-0.05", -50_000, 10_000),
        ("$3.10", 3_100_000, 10_000),
        ("0.00000001", 1, 1),
    ],
)
def test_a_balance_says_how_exact_it_is(shown: object, micros: int, step: int) -> None:
    assert read_balance(answer(code=200, balance=shown)) == Balance(micros, step)


@pytest.mark.parametrize(
    "shown", [None, "", "free", True, [], {}, "NaN", "Infinity", "1e99", "--5", "49,95"]
)
def test_a_balance_that_is_no_amount_is_an_error(shown: object) -> None:
    with pytest.raises(OutcomeUnknown):
        read_balance(answer(code=200, balance=shown))


@pytest.mark.parametrize(
    ("words", "seconds"),
    [
        ("Too early to cancel", None),
        ("Please wait 2 minutes", 120.0),
        ("You can cancel in 45 seconds", 45.0),
        ("Too soon: 90s left", 90.0),
        ("Cancellation is allowed after 1 minute", 60.0),
        ("too soon, 3 min left", 180.0),
    ],
)
def test_a_cancel_refused_for_now_says_when_to_ask_again(words: str, seconds: float | None) -> None:
    error = cancel_error_of(answer(code=400, msg=words), KEY)
    assert isinstance(error, TooEarly)
    assert error.retry_after == seconds


@pytest.mark.parametrize(
    ("code", "words", "kind"),
    [
        (404, "Activation not found", NotFound),
        (400, "The limit of 20 minutes is over", Declined),
        (400, "Refunds only within 10 minutes", Declined),
        (400, "SMS already received", Declined),
        (401, "wait, who are you", Unauthorized),
        (409, "Too frequent, wait 5 seconds", TooFrequent),
        (500, "wait a minute", OutcomeUnknown),
    ],
)
def test_a_cancel_refused_for_good_is_not_taken_as_too_early(
    code: int, words: str, kind: type[ProviderError]
) -> None:
    assert type(cancel_error_of(answer(code=code, msg=words), KEY)) is kind


@pytest.mark.parametrize(
    "rest",
    [
        *({"error": "no such id"}, {"success": False}, {"status": "error", "msg": "too early"}),
        *({"status": 0}, {"code": 200, "data": False}, {"code": 200, "status": "fail"}),
        *({}, {"msg": "too early"}, {"status": "pending"}),
    ],
)
def test_a_cancel_that_does_not_say_so_is_not_done(rest: dict[str, object]) -> None:
    assert not answer(200, **rest).is_done


@pytest.mark.parametrize(
    "rest",
    [
        *({"code": 200}, {"code": "200", "data": True}, {"code": 200, "msg": "ok"}),
        *({"status": "ok"}, {"success": True}, {"status": "success", "data": None}),
    ],
)
def test_a_cancel_that_says_so_is_done(rest: dict[str, object]) -> None:
    assert answer(200, **rest).is_done


def test_too_frequent_says_for_how_long() -> None:
    by_header = error_of(read_answer(429, b"{}", retry_after=7.0), KEY)
    by_words = error_of(answer(code=409, msg="too frequent, 10 seconds"), KEY)
    assert isinstance(by_header, TooFrequent)
    assert isinstance(by_words, TooFrequent)
    assert (by_header.retry_after, by_words.retry_after) == (7.0, 10.0)


def test_a_refusals_reason_is_one_line_without_key_or_number() -> None:
    words = f"Key {KEY}\nhas no \u202enumber {NUMBER} (+1 202-555-0123) " + "x" * 1_000
    reason = clean_reason(words, KEY)
    assert reason.startswith("Key … has no number … (…) xxx")
    assert len(reason) <= 200
    assert clean_reason("as it is", "") == "as it is"


@pytest.mark.parametrize("part", ["in ", "1\n", "1 (", "ж ", "12:34 "])
def test_a_refusal_of_many_words_is_read_at_once(part: str) -> None:
    refused = answer(429, code=429, msg=part * (900_000 // len(part)), data=" " * 900_000)
    begin = process_time()
    for _ in range(10):
        error_of(refused, KEY)
        purchase_error_of(refused, KEY)
        cancel_error_of(refused, KEY)
        read_number(refused, "1")
    assert process_time() - begin < 1
