"""Telegram's HTML: text, UTF-16 entities, and refusals in its words."""

import contextlib
import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.telegram.entities import clean, detect, parse_html, units
from bot.sandbox.telegram.errors import ApiError, JsonObject

WORDS = st.text(st.characters(codec="utf-8", exclude_characters="/@#+"), max_size=40)


def _entity(kind: str, offset: int, length: int, **more: object) -> JsonObject:
    return {"type": kind, "offset": offset, "length": length, **more}


@pytest.mark.parametrize(
    ("source", "text", "entities"),
    [
        ("plain &lt;b&gt; &amp; &quot;", 'plain <b> & "', []),
        ("&copy; &#8364; &#x20ac;", "&copy; € €", []),
        ("<b>a</b><strong>b</strong>", "ab", [_entity("bold", 0, 1), _entity("bold", 1, 1)]),
        ("<i>a</i><em>b</em>", "ab", [_entity("italic", 0, 1), _entity("italic", 1, 1)]),
        ("<u>a</u><ins>b</ins>", "ab", [_entity("underline", 0, 1), _entity("underline", 1, 1)]),
        ("<s>a</s>", "a", [_entity("strikethrough", 0, 1)]),
        ("<strike>a</strike>", "a", [_entity("strikethrough", 0, 1)]),
        ("<del>a</del>", "a", [_entity("strikethrough", 0, 1)]),
        ("<tg-spoiler>a</tg-spoiler>", "a", [_entity("spoiler", 0, 1)]),
        ('<span class="tg-spoiler">a</span>', "a", [_entity("spoiler", 0, 1)]),
        (
            "<a href='https://example.org/?a=1&amp;b=2'>a</a>",
            "a",
            [_entity("text_link", 0, 1, url="https://example.org/?a=1&b=2")],
        ),
        ('<a href="nonsense">a</a>', "a", []),
        (
            '<a href="tg://user?id=42">a</a>',
            "a",
            [_entity("text_mention", 0, 1, user={"id": 42})],
        ),
        ("<pre>a\nb</pre>", "a\nb", [_entity("pre", 0, 3)]),
        (
            '<pre><code class="language-py">a</code></pre>',
            "a",
            [_entity("pre", 0, 1, language="py")],
        ),
        ("<blockquote>a</blockquote>", "a", [_entity("blockquote", 0, 1)]),
        ("<blockquote expandable>a</blockquote>", "a", [_entity("expandable_blockquote", 0, 1)]),
        (
            '<tg-emoji emoji-id="5368324170671202286">👍</tg-emoji>',
            "👍",
            [_entity("custom_emoji", 0, 2, custom_emoji_id="5368324170671202286")],
        ),
        (
            '<tg-time unix="1700000000" format="r">soon</tg-time>',
            "soon",
            [_entity("date_time", 0, 4, unix_time=1700000000, date_time_format="r")],
        ),
        ("😀<b>é</b>", "😀é", [_entity("bold", 2, 1)]),
        ("<b>a<i>b</i></b>", "ab", [_entity("bold", 0, 2), _entity("italic", 1, 1)]),
        ("<code>a<b>b</b></code>", "ab", [_entity("code", 0, 2)]),
        ("  <b> a </b>\n", "a", [_entity("bold", 0, 1)]),
        ("<B>a</B>", "a", [_entity("bold", 0, 1)]),
        ("<b></b>a", "a", []),
        ("a > b", "a > b", []),
    ],
)
def test_markup_becomes_entities(source: str, text: str, entities: list[JsonObject]) -> None:
    assert parse_html(source) == (text, entities)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("é <b>x", 'Can\'t find end tag corresponding to start tag "b"'),
        ("é <big>x</big>", 'Unsupported start tag "big" at byte offset 3'),
        ("a <3", "Unclosed start tag at byte offset 2"),
        ("a</b>", "Unexpected end tag at byte offset 1"),
        (
            "<b><i>x</b></i>",
            'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"',
        ),
        ("<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'),
        ('<a ="x">x</a>', 'Empty attribute name in the tag "a" at byte offset 0'),
        ("<br>", 'Unsupported start tag "br" at byte offset 0'),
        ('<tg-time unix="x">x</tg-time>', 'Tag "tg-time" must have a valid attribute "unix"'),
        (
            '<tg-time unix="1" format="z">x</tg-time>',
            'Tag "tg-time" must have a valid attribute "format"',
        ),
    ],
)
def test_broken_markup_is_refused_in_telegrams_words(source: str, words: str) -> None:
    with pytest.raises(ApiError) as refused:
        parse_html(source)
    assert refused.value.code == 400
    assert refused.value.description == f"Bad Request: can't parse entities: {words}"


def test_telegram_finds_entities_by_itself() -> None:
    text = "/buy@demo_bot @ann_lee #sale https://example.org/a. a@b.co +12025550123 1/2 a/b"
    found = [(one["type"], text[one["offset"] :][: one["length"]]) for one in detect(text)]
    assert found == [
        ("bot_command", "/buy@demo_bot"),
        ("mention", "@ann_lee"),
        ("hashtag", "#sale"),
        ("url", "https://example.org/a"),
        ("email", "a@b.co"),
        ("phone_number", "+12025550123"),
    ]


def test_nothing_is_found_inside_code_or_links() -> None:
    source = '<code>/buy</code> <a href="https://example.org">@ann_lee</a>'
    assert [one["type"] for one in parse_html(source)[1]] == ["code", "text_link"]


def test_control_characters_become_blanks() -> None:
    assert clean("a\x00b\tc\r\nd") == "a b c\nd"


@given(WORDS)
def test_escaped_text_comes_back_as_it_was(words: str) -> None:
    text, _ = parse_html(html.escape(words))
    assert text == words.strip()


@given(WORDS, WORDS.filter(lambda words: bool(words.strip())))
def test_an_entity_covers_its_own_words_in_utf16_units(before: str, bold: str) -> None:
    text, entities = parse_html(f"x{html.escape(before)}<b>{html.escape(bold)}</b>y")
    (entity,) = [one for one in entities if one["type"] == "bold"]
    covered = text.encode("utf-16-le")[entity["offset"] * 2 :][: entity["length"] * 2]
    assert covered.decode("utf-16-le") == bold
    assert units(text) == 2 + units(before) + units(bold)


@given(st.text(alphabet="<>/b i=\"'&;a", max_size=30))
def test_whatever_comes_is_parsed_or_refused(source: str) -> None:
    with contextlib.suppress(ApiError):
        text, entities = parse_html(source)
        assert all(one["offset"] + one["length"] <= units(text) for one in entities)
