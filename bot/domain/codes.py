"""Find the code in what the SMS brought."""

import re

_LETTERS = r"0-9A-Za-z_\u00aa-\u024f\u0370-\u052f"
"""What a code must not touch: letters of scripts that set blanks between words."""
_END = rf"(?![{_LETTERS}]|[.,]\d)"
_CODE = r"\d{3}[- ]\d{3}|\d{2}[- ]\d{2}[- ]\d{2}|\d{4}-\d{4}|\d{3,10}"
_MIXED = r"(?-i:(?=[A-Z-]{0,9}\d)[A-Z\d]{4,8}(?:-[A-Z\d]{2,6})?)"
_ANY = rf"(?:[A-Z]{{1,3}}-(?=\d))?({_CODE}|{_MIXED}){_END}"
_NAME = r"(?:code|otp|pin|password|passcode|код|c[oó]digo|kod|kode|mã)\b"
_IS = r"(?:is|es|est|ist|é)"
_YOURS = r"(?:your|the|tu|su|votre|ton|dein|ihr|seu|sua)"
_OPENS = r"(?:[\"'<\[]|\((?=[\w-]+\)))?"

_LEADING = re.compile(
    rf"(?<![\w-]){_ANY}\s+{_IS}\s+{_YOURS}\b[^.\n]{{0,60}}?\b\w{{0,20}}{_NAME}", re.IGNORECASE
)
_LABELLED = re.compile(
    rf"{_NAME}[^\w\n.,;!?()]{{0,3}}{_IS}?\s*(?:[:=-]\s*)?{_OPENS}{_ANY}", re.IGNORECASE
)
_LABELLED_AFAR = re.compile(rf"{_NAME}[^.\n]{{0,60}}?(?:\b{_IS}\b|:)\s*{_ANY}", re.IGNORECASE)
_LABELLED_IN_ONE = re.compile(
    r"(?:验证码|驗證碼|校验码|动态码|動態碼|認証コード|確認コード|認証番号|인증번호|인증코드|รหัส)"
    rf"[^0-9A-Za-z\n]{{0,8}}({_CODE}){_END}"
)
_PREFIXED = re.compile(rf"(?<![{_LETTERS}])[A-Z]{{1,3}}-(\d{{4,8}}){_END}")
_SEPARATED = re.compile(r"(?<![\w.+-])(?:\d{3}[- ]\d{3}|\d{4}[- ]\d{4})(?![\w-])")
_DIGITS = re.compile(rf"(?<![{_LETTERS}.,+$€£-])\d{{4,8}}(?![{_LETTERS}$€£]|[.,]\d)")
_WHOLE = re.compile(rf"[{_LETTERS}-]{{3,12}}")
_NO_CODES = re.compile(
    r"\b\w+://\S+|(?<![\w.-])\w[\w.-]*\.[a-z]{2,}/\S*"  # links
    r"|\b\d{1,4}([-/.])\d{1,2}\1\d{2,4}\b"  # dates
    r"|\+\d[\d ()-]{6,}\d"  # phone numbers
    r"|(?:\b(?:USD|EUR|GBP|INR|RUB|Rs\.?)|[$€£₹₽])\s?\d[\d.,]*"  # amounts
)


def find_code(text: str) -> str | None:
    """Give the code in an SMS as it is written there, or None where none can be told.

    Some answers hold the code alone (`123456`, `637-322`), others the whole text; a text with
    several numbers gives the one that is called a code.
    """
    text = text.strip()
    if _WHOLE.fullmatch(text) and any(character.isdigit() for character in text):
        return text
    for pattern in (_LEADING, _LABELLED, _LABELLED_AFAR, _LABELLED_IN_ONE):
        if match := pattern.search(text):
            return match.group(1)
    rest = _NO_CODES.sub(" ", text)
    for pattern in (_PREFIXED, _SEPARATED, _DIGITS):
        if match := pattern.search(rest):
            return match.group(match.lastindex or 0)
    return None
