"""Telegram's HTML, and the entities that it finds by itself.

The dialect and its refusals follow Bot API "HTML style". Offsets and lengths of entities are in
UTF-16 code units, offsets in refusals in bytes of UTF-8.
"""

import html
import re
from dataclasses import dataclass, field

from bot.sandbox.telegram.errors import JsonObject, cannot_parse

ENTITY_OF_TAG = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-emoji": "custom_emoji",
    "tg-time": "date_time",
}
ALONE = frozenset({"code", "pre"})
"""Entities that hold no other entity; Telegram drops what is inside."""

FOUND_BY_TELEGRAM = re.compile(
    r"(?P<url>https?://[^\s<>]+[^\s<>.,!?;:)])"
    r"|(?P<email>\b[\w.+-]+@[\w-]+\.[a-z]{2,}\b)"
    r"|(?<![\w/])(?P<bot_command>/[A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9_]{3,32})?)(?![\w/])"
    r"|(?<![\w@])(?P<mention>@[A-Za-z][A-Za-z0-9_]{3,31})\b"
    r"|(?<!\w)(?P<hashtag>\#\w*[^\W\d]\w*)"
    r"|(?<![\w+])(?P<phone_number>\+\d{8,15})\b"
)
PIECE = re.compile(r"<(?P<tag>[^>]*)>|(?P<open><)|(?P<text>[^<]+)")
ATTRIBUTE = re.compile(
    r"""\s*(?P<name>[^\s=>/"']+)(?:\s*=\s*(?:"(?P<a>[^"]*)"|'(?P<b>[^']*)'|(?P<c>[\w.-]+)))?"""
)
KNOWN_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d{1,7}|#x[0-9a-fA-F]{1,6});?")
LINK_TO_USER = re.compile(r"tg://user\?id=(\d+)")
TIME_FORMAT = re.compile(r"r|w?[dD]?[tT]?")


def units(text: str) -> int:
    """Length in UTF-16 code units, the unit of all the Bot API's offsets and limits."""
    return len(text.encode("utf-16-le")) // 2


def clean(text: str) -> str:
    """A text as Telegram takes it in: of control characters, only line feeds stay."""
    return re.sub(r"[\x00-\x09\x0b-\x1f]", " ", text.replace("\r", ""))


def unescape(text: str) -> str:
    """Resolve the references that Telegram knows: the four named ones and the numeric ones."""
    return KNOWN_REFERENCE.sub(lambda found: html.unescape(found.group()), text)


@dataclass
class _Open:
    tag: str
    attributes: dict[str, str]
    offset: int
    start: int


@dataclass
class _Parse:
    source: str
    text: str = ""
    length: int = 0
    stack: list[_Open] = field(default_factory=list)
    entities: list[JsonObject] = field(default_factory=list)

    def run(self) -> tuple[str, list[JsonObject]]:
        for piece in PIECE.finditer(self.source):
            position = len(self.source[: piece.start()].encode())
            if piece["open"]:
                cannot_parse(f"Unclosed start tag at byte offset {position}")
            elif piece["tag"] is None:
                self._add(unescape(piece["text"]))
            elif piece["tag"].startswith("/"):
                self._close(piece["tag"][1:].strip().lower(), position)
            else:
                self._start(piece["tag"], position)
        if self.stack:
            tag = self.stack[-1].tag
            cannot_parse(f'Can\'t find end tag corresponding to start tag "{tag}"')
        return self.text, self.entities

    def _add(self, text: str) -> None:
        self.text += text
        self.length += units(text)

    def _start(self, inside: str, position: int) -> None:
        tag = re.split(r"\s", inside, maxsplit=1)[0].lower()
        if tag not in ENTITY_OF_TAG:
            cannot_parse(f'Unsupported start tag "{tag}" at byte offset {position}')
        attributes = _attributes(tag, inside[len(tag) :], position)
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            cannot_parse(f'Tag "span" must have class "tg-spoiler" at byte offset {position}')
        self.stack.append(_Open(tag, attributes, self.length, len(self.text)))

    def _close(self, tag: str, position: int) -> None:
        if not self.stack:
            cannot_parse(f"Unexpected end tag at byte offset {position}")
        opened = self.stack.pop()
        if tag != opened.tag:
            cannot_parse(
                f"Unmatched end tag at byte offset {position}, "
                f'expected "</{opened.tag}>", found "</{tag}>"'
            )
        if self.length > opened.offset:
            self._finish(opened)

    def _finish(self, opened: _Open) -> None:
        entity = {
            "type": ENTITY_OF_TAG[opened.tag],
            "offset": opened.offset,
            "length": self.length - opened.offset,
        }
        detail = _detail(opened, self.text[opened.start :])
        if detail is None:
            return
        if opened.tag == "pre":
            entity |= self._language_of_code_inside(opened)
        self.entities.append(entity | detail)

    def _language_of_code_inside(self, opened: _Open) -> JsonObject:
        """``<pre><code class="language-…">`` is one entity, not two."""
        if not self.entities or self.entities[-1]["type"] != "code":
            return {}
        inner = self.entities[-1]
        if (inner["offset"], inner["length"]) != (opened.offset, self.length - opened.offset):
            return {}
        return {"language": inner["language"]} if "language" in inner else {}


def _attributes(tag: str, source: str, position: int) -> dict[str, str]:
    attributes: dict[str, str] = {}
    rest = source.rstrip()
    while rest:
        found = ATTRIBUTE.match(rest)
        if found is None:
            cannot_parse(f'Empty attribute name in the tag "{tag}" at byte offset {position}')
        value = found["a"] or found["b"] or (found["c"] or "").lower()
        attributes[found["name"].lower()] = unescape(value)
        rest = rest[found.end() :]
    return attributes


def _detail(opened: _Open, inside: str) -> JsonObject | None:
    """The fields that only this kind of entity has; None where Telegram drops the entity."""
    attributes = opened.attributes
    match opened.tag:
        case "a":
            return _link(attributes.get("href") or inside)
        case "code":
            language = attributes.get("class", "").removeprefix("language-")
            return {"language": language} if language else {}
        case "blockquote":
            return {"type": "expandable_blockquote"} if "expandable" in attributes else {}
        case "tg-emoji":
            return {"custom_emoji_id": attributes.get("emoji-id", "")}
        case "tg-time":
            return _time(attributes)
    return {}


def _link(url: str) -> JsonObject | None:
    """A link to a user is a mention; who that is, only the world knows (``known_mentions``)."""
    if user := LINK_TO_USER.fullmatch(url):
        return {"type": "text_mention", "user": {"id": int(user[1])}}
    return {"url": url} if re.match(r"(https?|tg|tel|mailto|ton):", url) else None


def _time(attributes: dict[str, str]) -> JsonObject:
    # Telegram's words for a bad time are not documented: these are in the style of the others.
    unix, style = attributes.get("unix", ""), attributes.get("format", "")
    if not re.fullmatch(r"\d{1,10}", unix):
        cannot_parse('Tag "tg-time" must have a valid attribute "unix"')
    if not TIME_FORMAT.fullmatch(style):
        cannot_parse('Tag "tg-time" must have a valid attribute "format"')
    return {"unix_time": int(unix)} | ({"date_time_format": style} if style else {})


def parse_html(source: str) -> tuple[str, list[JsonObject]]:
    """The text and the entities of a message in Telegram's HTML.

    Raises:
        ApiError: 400 "can't parse entities: …".
    """
    text, entities = _Parse(source).run()
    return tidy(text, entities)


def tidy(text: str, entities: list[JsonObject]) -> tuple[str, list[JsonObject]]:
    """What Telegram makes of a text: outer blanks cut off, entities put right, found ones added."""
    stripped = text.strip()
    cut = units(text[: len(text) - len(text.lstrip())])
    kept = [moved for entity in entities if (moved := _moved(entity, cut, units(stripped)))]
    kept = [entity for entity in kept if not _inside_alone(entity, kept)]
    for entity in kept:
        if entity["type"] == "code":
            entity.pop("language", None)
    found = [entity for entity in detect(stripped) if not _covered(entity, kept)]
    order = sorted(kept + found, key=lambda entity: (entity["offset"], -entity["length"]))
    return stripped, order


def _moved(entity: JsonObject, cut: int, end: int) -> JsonObject | None:
    start = max(entity["offset"] - cut, 0)
    stop = min(entity["offset"] + entity["length"] - cut, end)
    return entity | {"offset": start, "length": stop - start} if stop > start else None


def _within(inner: JsonObject, outer: JsonObject) -> bool:
    return bool(
        outer["offset"] <= inner["offset"]
        and inner["offset"] + inner["length"] <= outer["offset"] + outer["length"]
    )


def _inside_alone(entity: JsonObject, entities: list[JsonObject]) -> bool:
    return any(
        outer is not entity
        and outer["type"] in ALONE
        and _within(entity, outer)
        and (outer["type"] == "pre" or entity["type"] != "pre")
        for outer in entities
    )


def _covered(entity: JsonObject, entities: list[JsonObject]) -> bool:
    blocking = ALONE | {"text_link", "text_mention", "custom_emoji", "date_time"}
    return any(outer["type"] in blocking and _within(entity, outer) for outer in entities)


def detect(text: str) -> list[JsonObject]:
    """Commands, mentions, links, hashtags, e-mail addresses and phone numbers in plain text."""
    return [
        {
            "type": found.lastgroup,
            "offset": units(text[: found.start()]),
            "length": units(found.group()),
        }
        for found in FOUND_BY_TELEGRAM.finditer(text)
    ]
