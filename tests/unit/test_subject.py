"""Whose purchases a command is about."""

from typing import Any

import pytest
from telegram import Message

from bot.chat.subject import named

CHAT = {"id": -5, "type": "supergroup", "title": "Team"}
EVE = {"id": 504, "is_bot": False, "first_name": "Eve"}
BOT = {"id": 100, "is_bot": True, "first_name": "Bot"}


def command(text: str = "/stats", **given: Any) -> Message:  # noqa: ANN401 - any of a message's fields
    fields = {"message_id": 2, "date": 0, "chat": CHAT, "text": text, **given}
    return Message.de_json(fields, None)


def answer_to(sender: dict[str, Any], **given: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"message_id": 1, "date": 0, "chat": CHAT, "from": sender, **given}


def test_a_reply_names_who_is_answered() -> None:
    assert named(command(reply_to_message=answer_to(EVE)), []) == 504


def test_an_answer_to_the_bot_names_nobody() -> None:
    assert named(command(reply_to_message=answer_to(BOT)), []) is None


def test_the_note_that_opened_a_topic_names_nobody() -> None:
    opened = answer_to(EVE, forum_topic_created={"name": "Numbers", "icon_color": 1})
    assert named(command(reply_to_message=opened), []) is None


def test_a_mention_that_carries_an_id_comes_before_a_reply() -> None:
    mention = {"type": "text_mention", "offset": 7, "length": 3, "user": EVE}
    other = answer_to({**EVE, "id": 505})
    assert named(command("/stats Eve", entities=[mention], reply_to_message=other), ["Eve"]) == 504


@pytest.mark.parametrize(
    ("words", "user_id"),
    [(["504"], 504), (["7d", "504"], 504), (["7d"], None), (["0"], None), (["5" * 17], None)],
)
def test_an_id_is_a_plain_number(words: list[str], user_id: int | None) -> None:
    assert named(command(), words) == user_id


def test_a_name_alone_cannot_be_resolved() -> None:
    entity = {"type": "mention", "offset": 7, "length": 4}
    assert named(command("/stats @eve", entities=[entity]), ["@eve"]) is None
