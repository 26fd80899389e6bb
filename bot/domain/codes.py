"""Find the code in what the SMS brought."""

import re

_SEPARATED = re.compile(
    r"(?<![\w.+-])(?:\d{3}[- ]\d{3}|\d{4}[- ]\d{4}|\d{2}[- ]\d{2}[- ]\d{2})(?![\w-])"
)
_LABELLED = re.compile(
    r"(?:code|otp|pin|password|passcode|код|c[oó]digo|kod|kode|mã)\b[^\w\n]{0,3}(?:is|es|:|=|-)?\s*"
    r"[\"'<(\[]?(?:[A-Z]{1,3}-)?(\d{3}[- ]\d{3}|\d{3,10})(?!\w)",
    re.IGNORECASE,
)
_PREFIXED = re.compile(r"(?<!\w)[A-Z]{1,3}-(\d{4,8})(?!\w)")
_DIGITS = re.compile(r"(?<![\w.,+$€£-])\d{4,8}(?![\w$€£]|[.,]\d)")
_WHOLE = re.compile(r"[\w-]{3,12}")


def find_code(text: str) -> str | None:
    """Give the code in an SMS as it is written there, or None where none can be told.

    Some answers hold the code alone (`123456`, `637-322`), others the whole text; a text with
    several numbers gives the one that is called a code.
    """
    text = text.strip()
    if _WHOLE.fullmatch(text) and any(character.isdigit() for character in text):
        return text
    for pattern in (_LABELLED, _PREFIXED, _SEPARATED, _DIGITS):
        if match := pattern.search(text):
            return match.group(match.lastindex or 0)
    return None
