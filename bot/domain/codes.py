"""Find the code in what the SMS brought."""

import re

_CODE = r"\d{3}[- ]\d{3}|\d{2}[- ]\d{2}[- ]\d{2}|\d{4}-\d{4}|\d{3,10}"
_MIXED = r"(?-i:(?=[A-Z-]{0,9}\d)[A-Z\d]{4,8}(?:-[A-Z\d]{2,6})?)"
_LABELLED = re.compile(
    r"(?:code|otp|pin|password|passcode|код|c[oó]digo|kod|kode|mã)\b[^\w\n]{0,3}(?:is|es|:|=|-)?\s*"
    rf"[\"'<(\[]?(?:[A-Z]{{1,3}}-(?=\d))?({_CODE}|{_MIXED})(?!\w)",
    re.IGNORECASE,
)
_PREFIXED = re.compile(r"(?<!\w)[A-Z]{1,3}-(\d{4,8})(?!\w)")
_SEPARATED = re.compile(r"(?<![\w.+-])(?:\d{3}[- ]\d{3}|\d{4}[- ]\d{4})(?![\w-])")
_DIGITS = re.compile(r"(?<![\w.,+$€£-])\d{4,8}(?![\w$€£]|[.,]\d)")
_WHOLE = re.compile(r"[\w-]{3,12}")
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
    if match := _LABELLED.search(text):
        return match.group(1)
    rest = _NO_CODES.sub(" ", text)
    for pattern in (_PREFIXED, _SEPARATED, _DIGITS):
        if match := pattern.search(rest):
            return match.group(match.lastindex or 0)
    return None
