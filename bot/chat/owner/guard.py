"""Who sits at the desk: an owner, in private. Everybody else finds nothing there."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from telegram import Message as Posted

from bot.chat import toasts
from bot.chat.commands import not_understood
from bot.chat.desk import Context, Desk, desk_of
from bot.chat.message import Message
from bot.chat.replies import Press, send
from bot.chat.scene import Scene

IN_PRIVATE: Final = Message("The desk opens in private alone: write /admin to me there.")


@dataclass(frozen=True, slots=True)
class Seat:
    """An owner at the desk.

    Attributes:
        link: leads to the bot (`https://t.me/…`).
        notes: what is remembered of this chat until the process ends.
    """

    desk: Desk
    owner_id: int
    link: str
    notes: dict[Any, Any]


Typed = Callable[[Seat, str], Awaitable[Message]]
Pressed = Callable[[Press, Seat, Any], Awaitable[Message | None]]


def by_owner(act: Typed) -> Callable[[Scene, Context, Posted], Coroutine[Any, Any, None]]:
    """Let only owners type it, in private; for others it is a command that does not exist.

    `act` gets what was typed, without the command itself.
    """

    async def guarded(scene: Scene, context: Context, message: Posted) -> None:
        seat = _seat(scene.user.id, context)
        if not seat.desk.doorkeeper.is_owner(seat.owner_id):
            if scene.is_private:
                await not_understood(scene, context, message)
            return
        answer = await act(seat, _typed(message)) if scene.is_private else IN_PRIVATE
        await send(context.bot, scene.place, answer)

    return guarded


def pressed_by_owner(act: Pressed) -> Callable[[Press, Context, Any], Coroutine[Any, Any, None]]:
    """Let only owners press, and only what their message really shows.

    What `act` gives takes the message's place; None where it has answered by itself.
    """

    async def guarded(press: Press, context: Context, button: Any) -> None:  # noqa: ANN401 - any kind
        desk, user_id = desk_of(context), press.scene.user.id
        is_there = press.scene.is_private and press.message_id is not None
        if not is_there or not desk.doorkeeper.is_owner(user_id):
            await press.alert(toasts.button_gone())
            return
        message = await act(press, _seat(user_id, context), button)
        if message is not None:
            await press.show(message)

    return guarded


def _seat(owner_id: int, context: Context) -> Seat:
    notes = context.chat_data
    return Seat(desk_of(context), owner_id, context.bot.link, {} if notes is None else notes)


def _typed(message: Posted) -> str:
    text = (message.text or "").strip()
    return " ".join(text.split()[1:]) if text.startswith("/") else text
