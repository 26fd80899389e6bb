"""Takes secrets and personal data out of text."""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote

SECRET, NUMBER, CONTENT, DIGITS = "<secret>", "<number>", "<content>", "<digits>"

_SHAPES = (
    (re.compile(r"(?<!\d)\d{6,}(?::|%3[Aa])[\w-]{30,}"), SECRET),
    (re.compile(r"(?<=/bot)\d+(?::|%3[Aa])[\w-]+"), SECRET),
    (re.compile(r"(?i)(?<=apikey=)[^\s&\"'<>]+"), SECRET),
    # What others print of the data that they failed with:
    (re.compile(r"(?s)\[parameters: .*?\](?=\s*(\n|$))"), f"[parameters: {CONTENT}]"),
    (re.compile(r"(?s)(?<=input_value=).*?(?=, input_type=)"), CONTENT),
    (re.compile(r"(?s)(?<=Parsing the server response ).*?(?= failed)"), CONTENT),
    (re.compile(r"(?:\+|%2[Bb])\d(?:[\s().-]{0,2}\d){6,}"), NUMBER),
    (re.compile(r"-?\d{8,}"), NUMBER),
)
_CODE = re.compile(r"\d(?:[\s-]?\d){3,}")
_PASSWORD = re.compile(r"://[^:/@]*:([^@/]+)@")
_FRAME = re.compile(r'^\s*(\|\s*)?File ".*", line \d+, in ')


class Redaction:
    """Knows the secrets of this installation, and what tokens and numbers look like."""

    def __init__(self, secrets: Iterable[str]) -> None:
        spellings = {spelling for secret in secrets for spelling in _spellings(secret)}
        longest_first = sorted(spellings, key=len, reverse=True)
        self._secrets = re.compile("|".join(map(re.escape, longest_first)) or r"(?!)")

    def clean(self, text: str) -> str:
        """Give the text without secrets, tokens, keys and phone numbers."""
        text = self._secrets.sub(SECRET, text)
        for shape, replacement in _SHAPES:
            text = shape.sub(replacement, text)
        return text

    def clean_foreign(self, text: str) -> str:
        """Clean what others wrote, exceptions above all: whatever may be a code goes, too."""
        lines = self.clean(text).split("\n")
        return "\n".join(one if _FRAME.match(one) else _CODE.sub(DIGITS, one) for one in lines)


def _spellings(secret: str) -> set[str]:
    """Give the ways in which a secret may stand in a text; of a URL its password, too."""
    password = _PASSWORD.search(secret)
    parts = {secret, *([password[1], unquote(password[1])] if password else [])} - {""}
    return {
        spelling
        for part in parts
        for spelling in (part, quote(part), quote(part, safe=""), quote_plus(part))
    } | {escaped(part)[1:-1] for part in parts for escaped in (repr, json.dumps)}
