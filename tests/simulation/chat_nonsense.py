"""Updates that Telegram would never send, or has not sent so far."""

import random
from typing import Any

from tests.simulation.chat_telegram import chat_as_sent, person_as_sent


def nonsense(rng: random.Random, user_id: int, chat_id: int) -> dict[str, Any]:
    """Give the content of an update that makes no sense; many look like that person's."""
    person, chat = person_as_sent(user_id), chat_as_sent(chat_id)
    message = {"message_id": 1, "date": 1_800_000_000, "chat": chat, "from": person, "text": "hi"}
    press = {"id": "q-broken", "from": person, "chat_instance": "1", "data": "b1:s:b:0"}
    return rng.choice(
        [
            {},
            {"something_new": {"chat": chat, "from": person}},
            {"message": {"message_id": 1, "chat": chat, "from": person}},
            {"message": "hi"},
            {"message": []},
            {"message": message | {"chat": "here"}},
            {"message": message | {"date": 10**18}},
            {"message": message | {"text": 5}},
            {"message": message | {"from": None, "chat": {"id": chat_id}}},
            {"message": message | {"entities": [{"type": "bot_command"}]}},
            {"message": message | {"text": "/buy", "entities": [{"offset": 90, "length": 900}]}},
            {"message": message | {"sender_chat": {"id": -5, "type": "channel", "title": "x"}}},
            {"message": message | {"from": person | {"is_bot": True}}},
            {"callback_query": {key: press[key] for key in ("id", "data")}},
            {"callback_query": press | {"message": {"message_id": 1}}},
            {"callback_query": press | {"from": "me"}},
            {"my_chat_member": {"chat": chat, "from": person}},
        ]
    )


STRAYS: tuple[object, ...] = (
    {},
    [],
    "update",
    5,
    None,
    {"update_id": "five", "message": {}},
    {"update_id": -1},
    {"update_id": 2**70},
    {"update_id": True},
)
"""What has no usable `update_id`: it can neither be kept nor confirmed."""
