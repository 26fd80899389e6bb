"""`/forget`: erases what is stored about whoever asks, after asking once more."""

from collections.abc import Sequence
from typing import Final

from telegram import InlineKeyboardMarkup
from telegram import Message as Posted
from telegram.constants import KeyboardButtonStyle

from bot.chat import keys, markup, toasts
from bot.chat.buttons import Dismiss
from bot.chat.desk import Context, desk_of
from bot.chat.insight.buttons import Forget
from bot.chat.message import Message
from bot.chat.replies import Press, reply_to_of, send
from bot.chat.scene import Scene
from bot.chat.standings import may_be_cancelled
from bot.chat.texts import number_of
from bot.domain.activation import Activation
from bot.storage.privacy import Erased
from bot.workflows.privacy import StillInUse

MOST_NAMED: Final = 10

ONLY_IN_PRIVATE: Final = "Please send /forget to me in a private chat: it is about you alone."
QUESTION: Final = (
    "<b>Shall I forget you?</b>\n"
    "I erase your name and @name, all your codes and SMS, the numbers you bought, and what I told "
    "you about them.\n\n"
    "What was spent stays in the books, with times, services and your Telegram id, but without "
    "your name. Messages in our chat stay until you delete them. When you write to me again, I "
    "will see your name again.\n\n"
    "This cannot be undone."
)


async def forget(scene: Scene, context: Context, message: Posted) -> None:
    """`/forget`."""
    if not scene.is_private:
        answer = Message(ONLY_IN_PRIVATE)
    elif waiting := await desk_of(context).privacy.in_use(scene.user.id):
        answer = Message(_in_use(waiting))
    else:
        answer = Message(QUESTION, _keyboard(scene.actor))
    await send(context.bot, scene.place, answer, reply_to=reply_to_of(scene, message))


async def confirm(press: Press, context: Context, button: Forget) -> None:
    """Erase what is stored about the one who presses."""
    if not press.scene.is_private or not await press.is_by(button.owner):
        await press.alert(toasts.not_yours())
        return
    forgetting = desk_of(context).privacy.forget(press.scene.user.id)
    outcome = await press.patiently(forgetting)
    if isinstance(outcome, StillInUse):
        await press.show(Message(_in_use(outcome.activations)))
        return
    await press.show(Message(_done(outcome)))


def _done(erased: Erased) -> str:
    return (
        "✅ You are forgotten. Erased: "
        f"codes and SMS: {erased.codes}, numbers: {erased.numbers}, messages: {erased.messages}."
    )


def _in_use(found: Sequence[Activation]) -> str:
    lines = [_named(activation) for activation in found[:MOST_NAMED]]
    left_out = len(found) - len(lines)
    more = [f"… and {left_out} more"] if left_out else []
    advice = "Please wait until their time is over, which takes some minutes"
    if any(may_be_cancelled(activation) for activation in found):
        advice = "Cancel what can be cancelled under /numbers, or wait until their time is over"
    return "\n".join(
        [
            "A code may still come for these, so I cannot forget you yet:",
            *lines,
            *more,
            f"\n{advice}; then /forget again.",
        ]
    )


def _named(activation: Activation) -> str:
    named = f"#{activation.id} {markup.name(activation.service_name)}"
    return f"{named} {number_of(activation)}".rstrip()


def _keyboard(owner: int) -> InlineKeyboardMarkup:
    yes = keys.button("Yes, erase it all", Forget(owner), KeyboardButtonStyle.DANGER)
    return InlineKeyboardMarkup([[yes], [keys.button("No, keep it", Dismiss(owner))]])
