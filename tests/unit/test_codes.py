"""The code is found in what the SMS brought, as it is written there."""

# ruff: noqa: RUF001 - texts in several scripts

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.codes import find_code

ALONE = ["123456", "637-322", "1234", "0042", "AB12CD", "G-123456", "637 322"]

SMS = {
    "G-123456 is your Google verification code.": "123456",
    "Your WhatsApp code: 637-322\n\nOr tap v.whatsapp.com/637322\nDon't share it": "637-322",
    "<#> Your WhatsApp code: 637-322\n4sgLq1p5sV6": "637-322",
    "Telegram code: 12345\n\nOr tap:\nhttps://t.me/login/12345\n\noLeq9AcOZkT": "12345",
    "Telegram code 12345": "12345",
    "Use 482910 as Microsoft account security code": "482910",
    "Your Uber code is 4821. Never share this code. Reply STOP to unsubscribe.": "4821",
    "482910 is your Amazon OTP. Don't share it with anyone.": "482910",
    "FB-12345 is your Facebook confirmation code": "12345",
    "Your Facebook code is 12345678 Laz+nxCarLW": "12345678",
    "[TikTok] 8273 is your verification code, valid for 5 minutes.": "8273",
    "PayPal: 482913 is your security code. It expires in 10 minutes.": "482913",
    "Your Discord security code is: 482 913": "482 913",
    "Your Apple Account code is: 482913.\n@apple.com #482913 %apple.com": "482913",
    "LinkedIn: your PIN is 482913": "482913",
    "Steam: your verification code is 5XK2M": "5XK2M",
    "Verification code: AB12-CD34": "AB12-CD34",
    "Enter code 48-29-13 to log in": "48-29-13",
    "Ваш код подтверждения: 5821. Никому его не сообщайте.": "5821",
    "VK: 482134 - ваш код для входа": "482134",
    "Su código de verificación es 482913": "482913",
    "482913 es tu código de verificación de Twitter.": "482913",
    "Votre code de vérification est 482913": "482913",
    "Ihr Bestätigungscode lautet 482913": "482913",
    "Seu código do WhatsApp: 637-322": "637-322",
    "Kode verifikasi Anda adalah 482913": "482913",
    "Doğrulama kodunuz: 482913": "482913",
    "Twój kod weryfikacyjny: 482913": "482913",
    "Mã xác minh của bạn là 482913": "482913",
    "您的验证码是 482913，请勿泄露。": "482913",
    "【微信】验证码：482913，5分钟内有效": "482913",
    "認証コード：482913": "482913",
    "[카카오] 인증번호 482913": "482913",
    "رمز التحقق الخاص بك هو 482913": "482913",
    "आपका OTP 482913 है": "482913",
    "รหัส OTP ของคุณคือ 482913": "482913",
    "קוד האימות שלך הוא 482913": "482913",
    "You pay $1299.00, code 482913. Call +1 202 555 0123 if this was not you.": "482913",
    "Paid 1500.00 USD on 2026-11-22. Your one-time password is 482913": "482913",
    "OTP for INR 2500 at SHOP on 22-11-26 is 482913. Valid till 10:45.": "482913",
    "Call +12025550123 or see https://example.com/verify/998877. Code 4455": "4455",
    "482913 is the OTP for a payment of Rs 2500 with the card ending 1234": "482913",
    "<#> 12345 is your Example code H29Q+Fsn4Sr": "12345",
    "445566 is your login code. 2024 Example Inc": "445566",
    "445566 is your OTP (300 seconds)": "445566",
    "445566 is your PIN - 600 sec": "445566",
    "445566 is your verification code, 120 s left": "445566",
    "9988 is your DENT code. 1000 coins wait": "9988",
    "123456 is your code\n2024-11-30": "123456",
    "445566 - your login code. 2024 Example Inc": "445566",
    "Your code (482913) is valid for 300 seconds": "482913",
    "Code for account 778899 is 445566": "445566",
    "Your login code for order 2024 is: 445566": "445566",
    "Your code is valid for 600 seconds: 445566": "445566",
    "Your verification code\n\n482913": "482913",
    "【腾讯科技】您的微信验证码为123456，请勿泄露": "123456",
    "订单20241130，验证码为123456，5分钟内有效": "123456",
    "验证码123456": "123456",
    "認証コードは123456です": "123456",
    "인증번호는123456입니다": "123456",
    "รหัสของคุณคือ123456": "123456",
    "G-123456是您的 Google 验证码。": "123456",
}

WITHOUT = [
    "",
    "   ",
    "Hello",
    "Hello, thank you for joining us!",
    "Call us at +1 (202) 555-0123",
    "Your balance is $1500.00",
    "See you on 22.11.2026 at 10:45",
    "Welcome! Visit https://example.com/1234567",
]


@pytest.mark.parametrize("text", ALONE)
def test_a_code_alone_is_the_code(text: str) -> None:
    assert find_code(text) == text
    assert find_code(f" {text}\n") == text


@pytest.mark.parametrize(("text", "code"), SMS.items())
def test_the_code_is_found_among_everything_else(text: str, code: str) -> None:
    assert find_code(text) == code


@pytest.mark.parametrize("text", WITHOUT)
def test_no_code_is_made_up(text: str) -> None:
    assert find_code(text) is None


@given(st.text())
def test_whatever_comes_a_code_is_a_part_of_it_with_a_digit(text: str) -> None:
    code = find_code(text)
    assert code is None or (code in text and any(character.isdigit() for character in code))


@given(
    st.from_regex(r"[1-9][0-9]{3,7}", fullmatch=True),
    st.sampled_from(
        ["Your code is {}", "{} is your code", "Код: {}", "Code {}. Call +12025550123"]
    ),
)
def test_every_number_of_usual_length_is_found_where_it_is_called_a_code(
    code: str, template: str
) -> None:
    assert find_code(template.format(code)) == code


@pytest.mark.parametrize(
    "part", ["a", "a.", "CODE-", "code ", "1-", "+1 ", "1 ", "$1,", "http:", "A"]
)
def test_a_huge_text_takes_no_long_time(part: str) -> None:
    begin = process_time()
    find_code(part * 100_000)
    assert process_time() - begin < 2


@pytest.mark.parametrize("name", ["code", "code:", "code is", "PIN -"])
@pytest.mark.parametrize("blank", [" ", "\n"])
def test_a_code_that_is_long_in_coming_takes_no_long_time(name: str, blank: str) -> None:
    begin = process_time()
    assert find_code(f"{name}{blank * 20_000}1234") == "1234"
    find_code(f"{name}{blank * 20_000}x")
    assert process_time() - begin < 2
