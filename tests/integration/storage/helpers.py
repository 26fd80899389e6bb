"""What the tests of the storage share: ready-made quotes and activations."""

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.activation import Activation, Quote, State
from bot.storage import activations, chats

NOW = 1_800_000_000_000
CHAT, BUYER = 10, 20
PRICE = 88_200
PATHS: dict[State, tuple[State, ...]] = {
    State.REQUESTED: (),
    State.DECLINED: (State.DECLINED,),
    State.UNKNOWN: (State.UNKNOWN,),
    State.LOST: (State.UNKNOWN, State.LOST),
    State.WAITING: (State.WAITING,),
    State.RECEIVED: (State.WAITING, State.RECEIVED),
    State.FINISHED: (State.WAITING, State.RECEIVED, State.FINISHED),
    State.CANCELLING: (State.WAITING, State.CANCELLING),
    State.CANCELLED: (State.WAITING, State.CANCELLING, State.CANCELLED),
    State.EXPIRED: (State.WAITING, State.EXPIRED),
}


def a_quote(quote_id: str = "q1", chat_id: int = CHAT, user_id: int | None = BUYER) -> Quote:
    return Quote(
        id=quote_id,
        chat_id=chat_id,
        thread_id=None,
        user_id=user_id,
        service_id="0003",
        service_name="Microsoft",
        pid="0003",
        country_code="us",
        country_name="United States",
        price=PRICE,
        created_at=NOW,
        expires_at=NOW + 600_000,
    )


async def request(
    connection: AsyncConnection, quote_id: str = "q1", *, chat_id: int = CHAT, **values: object
) -> Activation | None:
    """Turn a quote into an activation, as a confirmation does."""
    await chats.remember_chat(connection, chat_id, "private", "Ann", NOW)
    fields: dict[str, object] = {
        "quote_id": quote_id,
        "chat_id": chat_id,
        "user_id": BUYER,
        "service_id": "0003",
        "service_name": "Microsoft",
        "pid": "0003",
        "country_code": "us",
        "country_name": "United States",
        "price": PRICE,
        "requested_at": NOW,
        "lease_until": NOW + 60_000,
    }
    return await activations.add_activation(connection, **{**fields, **values})


async def in_state(
    connection: AsyncConnection,
    state: State,
    quote_id: str = "q1",
    *,
    chat_id: int = CHAT,
    user_id: int = BUYER,
    **values: object,
) -> Activation:
    """Make an activation and walk it to a state; the values are set with the last step."""
    activation = await request(connection, quote_id, chat_id=chat_id, user_id=user_id)
    assert activation is not None
    for step in PATHS[state]:
        moved = await activations.move(connection, activation.id, (activation.state,), step, at=NOW)
        assert moved is not None
        activation = moved
    await activations.change(connection, activation.id, price=PRICE, **values)
    present = await activations.get(connection, activation.id)
    assert present is not None
    return present
