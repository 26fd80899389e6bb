"""No secret, token, key, phone number or code comes through."""

import json
from time import process_time
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ops.redaction import Redaction

TOKEN = "123456789:AAHmade-up_TokenOfSomeBot0123456789"


@given(st.text(min_size=3, max_size=40), st.sampled_from(["{}", "key={}&x", "<{}>", "a {} b {}"]))
def test_a_secret_is_found_however_it_is_spelled(secret: str, frame: str) -> None:
    redaction = Redaction([secret])
    for spelled in (
        secret,
        quote(secret, errors="replace"),
        quote(secret, safe="", errors="replace"),
        quote_plus(secret, errors="replace"),
        repr(secret)[1:-1],
        json.dumps(secret)[1:-1],
    ):
        assert spelled not in redaction.clean(frame.format(spelled, spelled)).replace(
            "<secret>", ""
        )


@pytest.mark.parametrize(
    "text",
    [
        f"token {TOKEN}",
        f"https://api.telegram.org/bot{TOKEN}/getMe",
        f"https://api.telegram.org/bot{quote(TOKEN, safe='')}/getMe",
        f"/file/bot{TOKEN}/photos/file_1.jpg",
        f"'{TOKEN}'",
    ],
)
def test_any_bots_token_is_known_by_its_shape(text: str) -> None:
    cleaned = Redaction([]).clean(text)
    assert "AAH" not in cleaned
    assert "<secret>" in cleaned


def test_a_short_token_is_known_by_its_place() -> None:
    cleaned = Redaction([]).clean("POST http://127.0.0.1:8081/bot100:TEST/sendMessage")
    assert cleaned == "POST http://127.0.0.1:8081/bot<secret>/sendMessage"


@pytest.mark.parametrize("name", ["apikey", "ApiKey", "APIKEY"])
def test_a_key_is_known_by_its_parameter(name: str) -> None:
    cleaned = Redaction([]).clean(f"GET /api-data.php?action=balance&{name}=made-up&x=1")
    assert cleaned == f"GET /api-data.php?action=balance&{name}=<secret>&x=1"


@pytest.mark.parametrize(
    "url",
    ["postgresql://bot:pass%20word@db.example/bot", "http://user:pass%20word@proxy.example:3128"],
)
def test_the_password_in_a_url_is_a_secret_of_its_own(url: str) -> None:
    redaction = Redaction([url])
    assert redaction.clean("login with pass%20word") == "login with <secret>"
    assert redaction.clean("login with pass word") == "login with <secret>"


@pytest.mark.parametrize(
    "number",
    ["+12025550123", "12025550123", "%2B12025550123", "+1 202-555-0123", "+1 (202) 555 0123"],
)
@pytest.mark.parametrize("frame", ["{}", "pn={}&pid=1", "to {}.", "['{}']", "x{}y"])
def test_phone_numbers_are_masked(number: str, frame: str) -> None:
    cleaned = Redaction([]).clean(frame.format(number))
    assert "<number>" in cleaned
    assert "0123" not in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "activation 4711 moved from waiting to received after 12.5 s",
        "HTTP 502, attempt 3 of 10, pid 0948",
        "2026-11-22 16:43:45 worker started",
        "listening on 127.0.0.1:8080",
    ],
)
def test_what_is_useful_in_our_own_lines_stays(text: str) -> None:
    assert Redaction(["test-key"]).clean(text) == text


@pytest.mark.parametrize("code", ["1234", "123456", "637-322", "12 34 56", "G-482913"])
def test_codes_are_masked_in_what_others_wrote(code: str) -> None:
    cleaned = Redaction([]).clean_foreign(f"ValueError: your code is {code}, thanks")
    assert code.removeprefix("G-") not in cleaned
    assert "thanks" in cleaned


def test_data_that_libraries_print_with_their_errors_is_masked() -> None:
    redaction = Redaction([])
    for text in (
        "[SQL: INSERT INTO codes]\n[parameters: ('ABCD', 'hello\\n]', 5)]\n(Background on: x)",
        "input_value={'data': 'ABCD hello'}, input_type=dict",
        "Bad Gateway (502). Parsing the server response b'ABCD hello' failed",
    ):
        cleaned = redaction.clean(text)
        assert "hello" not in cleaned
        assert "ABCD" not in cleaned


def test_a_traceback_keeps_its_files_and_lines() -> None:
    frame = '  File "/opt/bot/x.py", line 12345, in buy'
    cleaned = Redaction([]).clean_foreign(f"{frame}\nValueError: 12345")
    assert cleaned == f"{frame}\nValueError: <digits>"


def test_a_megabyte_is_cleaned_quickly() -> None:
    text = "1 2-" * 250_000 + "[parameters: (" * 100 + "input_value=" * 100
    assert Redaction(["made-up"]).clean_foreign(text)


def test_a_long_run_of_digits_takes_no_long_time() -> None:
    begin = process_time()
    assert Redaction([]).clean(f"a {'1' * 100_000} b") == "a <number> b"
    assert process_time() - begin < 1
