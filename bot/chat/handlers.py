"""Ties what people do to the functions that answer it."""

from collections.abc import Callable, Coroutine
from typing import Any

from telegram import Message as Posted
from telegram import Update
from telegram.ext import (
    ApplicationHandlerStop,
    BaseHandler,
    CallbackQueryHandler,
    CommandHandler,
    MessageHandler,
    filters,
)

from bot.chat import toasts
from bot.chat.codec import Button, decode
from bot.chat.desk import Context, desk_of
from bot.chat.message import Message
from bot.chat.replies import Press, answer_query, reply_to_of, send
from bot.chat.scene import Scene

Handler = BaseHandler[Update, Context, Any]
Step = int | None
"""What a handler gives to the dialogue: its new state, None for no change."""
Said = Callable[[Scene, Context, Posted], Coroutine[Any, Any, Step]]
Pressed = Callable[[Press, Context, Any], Coroutine[Any, Any, Step]]


def on_press(act: Pressed, *kinds: type[Button]) -> Handler:
    """Let `act` answer presses on buttons of these kinds; it gets no other."""

    async def callback(update: Update, context: Context) -> Step:
        query, scene = update.callback_query, Scene.of(update)
        button = decode(query.data) if query else None
        if query is None or scene is None:
            raise ApplicationHandlerStop
        if not isinstance(button, kinds):  # empty data passes every pattern of PTB
            await answer_query(query, toasts.button_gone(), alert=True)
            raise ApplicationHandlerStop
        desk = desk_of(context)
        async with Press(context.bot, query, scene, desk.admins, desk.overview) as press:
            return await act(press, context, button)
        return None

    return CallbackQueryHandler(callback, pattern=lambda data: isinstance(decode(data), kinds))


def pressed_by_its_owner(act: Pressed) -> Pressed:
    """Let only the owner of a button press it; others are told that it is not theirs."""

    async def guarded(press: Press, context: Context, button: Any) -> Step:  # noqa: ANN401 - any kind
        if await press.is_by(button.owner):
            return await act(press, context, button)
        await press.alert(toasts.not_yours())
        return None

    return guarded


def on_command(name: str, act: Said, *, has_arguments: bool | None = None) -> Handler:
    """Let `act` answer a command, with or without arguments or both."""
    return CommandHandler(name, _saying(act), has_args=has_arguments)


def on_message(act: Said, which: filters.BaseFilter) -> Handler:
    """Let `act` answer messages that pass a filter."""
    return MessageHandler(which, _saying(act))


def _saying(act: Said) -> Callable[[Update, Context], Coroutine[Any, Any, Step]]:
    """Let nobody wait for an answer that will not come, as `Press` does."""

    async def callback(update: Update, context: Context) -> Step:
        scene = Scene.of(update)
        if update.message is None or scene is None:
            raise ApplicationHandlerStop
        try:
            return await act(scene, context, update.message)
        except Exception:
            reply_to = reply_to_of(scene, update.message)
            await send(context.bot, scene.place, Message(toasts.failed()), reply_to=reply_to)
            raise

    return callback
