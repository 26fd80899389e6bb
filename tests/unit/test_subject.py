"""Whose purchases a command is about."""

from types import SimpleNamespace
from typing import Any

import pytest
from telegram import Message

from bot.chat.subject import Named, named, named_or_counted

CHAT = {"id": -5, "type": "supergroup", "title": "Team"}
EVE = {"id": 504, "is_bot": False, "first_name": "Eve"}
BOT = {"id": 100, "is_bot": True, "first_name": "Bot"}


class _Met:
    """Knows Eve as @eve_e in this chat, as the database does."""

    async def met_as(self, chat_id: int, username: str) -> int | None:
        return 504 if (chat_id, username.lower()) == (-5, "eve_e") else None


DESK: Any = SimpleNamespace(governance=_Met())


def command(text: str = "/stats", **given: Any) -> Message:  # noqa: ANN401 - any of a message's fields
    fields = {"message_id": 2, "date": 0, "chat": CHAT, "text": text, **given}
    return Message.de_json(fields, None)


def answer_to(sender: dict[str, Any], **given: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"message_id": 1, "date": 0, "chat": CHAT, "from": sender, **given}


async def test_a_reply_names_who_is_answered() -> None:
    found = await named(command("/stats 7d", reply_to_message=answer_to(EVE)), DESK)
    assert found == Named(504, ("7d",), is_reply=True)


async def test_an_answer_to_the_bot_names_nobody() -> None:
    assert await named(command(reply_to_message=answer_to(BOT)), DESK) == Named(None, ())


async def test_the_note_that_opened_a_topic_names_nobody() -> None:
    opened = answer_to(EVE, forum_topic_created={"name": "Numbers", "icon_color": 1})
    assert (await named(command(reply_to_message=opened), DESK)).user_id is None


async def test_a_mention_that_carries_an_id_comes_before_a_reply() -> None:
    mention = {"type": "text_mention", "offset": 10, "length": 5, "user": EVE}
    other = answer_to({**EVE, "id": 505})
    asked = command("/stats 🙂 Eve E 7d", entities=[mention], reply_to_message=other)
    assert await named(asked, DESK) == Named(504, ("🙂", "7d"))


@pytest.mark.parametrize(
    ("words", "user_id", "rest"),
    [
        ("504", 504, ()),
        ("7d 504", 504, ("7d",)),
        ("7d", None, ("7d",)),
        ("0", None, ("0",)),
        ("5" * 17, None, ("5" * 17,)),
    ],
)
async def test_an_id_is_a_plain_number(
    words: str, user_id: int | None, rest: tuple[str, ...]
) -> None:
    assert await named(command(f"/stats {words}"), DESK) == Named(user_id, rest)


async def test_an_amount_is_not_taken_for_an_id() -> None:
    found = await named_or_counted(command("/limit daily 5000"), DESK)
    assert found == Named(None, ("daily", "5000"))


@pytest.mark.parametrize("words", ["@eve_e 7d", "7d @Eve_E"])
async def test_an_at_name_is_whoever_was_met_under_it(words: str) -> None:
    assert await named(command(f"/stats {words}"), DESK) == Named(504, ("7d",))


async def test_an_unknown_at_name_is_nobody_and_not_who_is_answered() -> None:
    asked = command("/stats @bob 504", reply_to_message=answer_to(EVE))
    assert await named(asked, DESK) == Named(None, ("504",), unmet="@bob")
