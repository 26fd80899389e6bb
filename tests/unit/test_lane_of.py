"""Updates of one user in one chat share a lane; what has no user or no chat has its own."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.chat.intake import lane_of

CHAT, USER = {"id": -100, "type": "group"}, {"id": 5, "is_bot": False}
HERE = {"chat": CHAT, "from": USER}


@pytest.mark.parametrize(
    "update",
    [
        {"message": HERE},
        {"edited_message": HERE},
        {"chat_join_request": HERE},
        {"callback_query": {"from": USER, "message": {"chat": CHAT, "from": {"id": 100}}}},
        {"message_reaction": {"chat": CHAT, "user": USER}},
    ],
    ids=lambda update: next(iter(update)),
)
def test_what_a_user_does_in_a_chat_is_one_lane(update: dict[str, Any]) -> None:
    assert lane_of(1, {"update_id": 1, **update}) == "-100:5"


@pytest.mark.parametrize("kind", ["my_chat_member", "chat_member"])
def test_who_comes_into_a_group_and_goes_is_one_lane_whoever_lets_them(kind: str) -> None:
    for by in (USER, {"id": 6}):
        assert lane_of(1, {"update_id": 1, kind: {"chat": CHAT, "from": by}}) == "-100:members"


def test_whoever_blocks_the_bot_and_comes_back_is_one_lane_with_what_they_say() -> None:
    private = {"chat": {"id": 5, "type": "private"}, "from": USER}
    for kind in ("my_chat_member", "message"):
        assert lane_of(1, {"update_id": 1, kind: private}) == "5:5"


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"inline_query": {"from": USER, "query": "whatsapp"}},
        {"callback_query": {"from": USER, "inline_message_id": "1"}},
        {"channel_post": {"chat": CHAT}},
        {"poll": {"id": "1"}},
        {"message": None},
        {"message": {"chat": {"id": "x"}, "from": {"id": []}}},
        {"message": {"chat": 1, "from": 2}},
    ],
)
def test_what_lacks_a_chat_or_a_user_has_a_lane_of_its_own(update: dict[str, Any]) -> None:
    assert lane_of(77, {"update_id": 77, **update}) == "77"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(st.sampled_from(["chat", "from", "message", "id", "user", "x"]), inner)
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["update_id", "message", "callback_query"]), json_values))
def test_every_json_object_has_a_lane(raw: dict[str, Any]) -> None:
    assert lane_of(1, raw)
