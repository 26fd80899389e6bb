"""Who may change a group: admins, by Telegram's word, asked at every command and every press."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Final

from telegram import Message as Posted

from bot.chat import toasts
from bot.chat.desk import Context, Desk, desk_of
from bot.chat.message import Message
from bot.chat.replies import Press, reply_to_of, send
from bot.chat.scene import ANONYMOUS, Scene

ONLY_ADMINS: Final = "Only an admin of this group may do this."
ONLY_IN_GROUPS: Final = "This works in groups: add me to one, and type it there."


@dataclass(frozen=True, slots=True)
class Order:
    """A command as it was typed, with the words after it."""

    scene: Scene
    desk: Desk
    message: Posted
    words: tuple[str, ...]

    @property
    def chat_id(self) -> int:
        """Give the group."""
        return self.scene.chat.id

    @property
    def actor_id(self) -> int:
        """Give who gave it; of an anonymous admin Telegram tells a user id of its own for all."""
        return self.scene.user.id


Ordered = Callable[[Order], Awaitable[Message]]
Pressed = Callable[[Press, Desk, Any], Awaitable[None]]


def by_admin(act: Ordered) -> Callable[[Scene, Context, Posted], Coroutine[Any, Any, None]]:
    """Let only admins of the group type a command; everybody else is told why not."""

    async def guarded(scene: Scene, context: Context, message: Posted) -> None:
        desk = desk_of(context)
        if scene.is_private:
            answer = Message(ONLY_IN_GROUPS)
        elif not await desk.admins.include_actor_of(scene):
            answer = Message(ONLY_ADMINS)
        else:
            answer = await act(Order(scene, desk, message, tuple(context.args or ())))
        await send(context.bot, scene.place, answer, reply_to=reply_to_of(scene, message))

    return guarded


def pressed_by_admin(act: Pressed) -> Callable[[Press, Context, Any], Coroutine[Any, Any, None]]:
    """Let only admins press, and only what their message really shows."""

    async def guarded(press: Press, context: Context, button: Any) -> None:  # noqa: ANN401 - any kind
        if press.scene.is_private or press.message_id is None:
            await press.alert(toasts.button_gone())
        elif not await press.is_by(ANONYMOUS):
            await press.alert(ONLY_ADMINS)
        else:
            await act(press, desk_of(context), button)

    return guarded
