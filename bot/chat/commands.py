"""What people type besides `/buy`."""

import re

from telegram import Message as Posted

from bot.chat import keyboards, listings, texts
from bot.chat.desk import Context, Desk, desk_of
from bot.chat.entrance import knock, refusal_here
from bot.chat.menu import publish_to_owner
from bot.chat.message import Message
from bot.chat.owner.redeem import redeem
from bot.chat.pages import balance_of, cancellable, menu_of, numbers_of, own_numbers, unseen
from bot.chat.replies import reply_to_of, send
from bot.chat.scene import Scene
from bot.domain.activation import Activation, CloseReason
from bot.workflows.cancel import Cancelling, NotCancellable


async def start(scene: Scene, context: Context, message: Posted) -> None:
    """`/start`; a link may add an invitation, and whatever else it adds means nothing."""
    desk = desk_of(context)
    invited = await redeem(scene, desk, context.args or [])
    refusal = await knock(desk, scene) or await refusal_here(desk, scene)
    answer = await menu_of(scene, desk, refusal, invited)
    await _answer(scene, context, message, answer)
    if scene.is_private and desk.doorkeeper.is_owner(scene.user.id):
        await publish_to_owner(context.bot, scene.chat.id)


async def explain(scene: Scene, context: Context, message: Posted) -> None:
    """`/help`."""
    is_owner = scene.is_private and desk_of(context).doorkeeper.is_owner(scene.user.id)
    html = texts.help_text(in_group=not scene.is_private, to_owner=is_owner)
    await _answer(scene, context, message, Message(html))


async def numbers(scene: Scene, context: Context, message: Posted) -> None:
    """`/numbers`."""
    answer = unseen(scene) or await numbers_of(scene, desk_of(context))
    await _answer(scene, context, message, answer)


async def balance(scene: Scene, context: Context, message: Posted) -> None:
    """`/balance`."""
    await _answer(scene, context, message, await balance_of(scene, desk_of(context)))


async def cancel(scene: Scene, context: Context, message: Posted) -> None:
    """`/cancel`, `/cancel 12`, `/cancel +12025550123`."""
    wanted = "".join(context.args or [])
    if wanted:
        answer = await _cancel_named(scene, context, wanted)
    else:
        answer = unseen(scene) or await _cancel_only_one(scene, desk_of(context))
    await _answer(scene, context, message, answer)


async def not_understood(scene: Scene, context: Context, message: Posted) -> None:
    """Help on with what nothing else has understood."""
    await _answer(scene, context, message, Message(texts.unknown_command()))


async def _cancel_only_one(scene: Scene, desk: Desk) -> Message:
    views = await own_numbers(scene, desk)
    waiting = cancellable(scene, views)
    if not waiting:
        return Message(listings.nothing_to_cancel([view.activation for view in views]))
    first = waiting[0].activation
    if len(waiting) > 1 or first.chat_id != scene.chat.id:
        return Message(listings.which_to_cancel(), keyboards.cancel_choice(waiting, scene.actor))
    return await _give_back(scene, desk, first.id, CloseReason.BUYER)


async def _cancel_named(scene: Scene, context: Context, wanted: str) -> Message:
    """Cancel one's own by id or number; an admin any number of the group by its id."""
    desk = desk_of(context)
    for view in await own_numbers(scene, desk):
        if _is_named(view.activation, wanted):
            return await _give_back(scene, desk, view.activation.id, CloseReason.BUYER)
    named = re.fullmatch(r"#?(\d{1,18})", wanted, re.ASCII)
    if named and await desk.admins.include_actor_of(scene):
        return await _give_back(scene, desk, int(named[1]), CloseReason.ADMIN)
    return Message(listings.no_such_number())


async def _give_back(scene: Scene, desk: Desk, activation_id: int, reason: CloseReason) -> Message:
    user_id, chat_id = scene.user.id, scene.chat.id
    match await desk.cancellations.request(activation_id, user_id, chat_id, reason):
        case Cancelling() as answer:
            return Message(listings.cancelling(answer, desk.clock.now()))
        case NotCancellable(activation=activation):
            return Message(listings.not_cancellable(activation))
        case _:
            return Message(listings.no_such_number())


def _is_named(activation: Activation, wanted: str) -> bool:
    """Tell whether an id (`12`, `#12`) or a number in any way of writing means this one."""
    if wanted.removeprefix("#") == str(activation.id):
        return True
    digits = _digits(wanted)
    return bool(digits) and activation.number is not None and digits == _digits(activation.number)


def _digits(text: str) -> str:
    return "".join(character for character in text if character.isdecimal())


async def _answer(scene: Scene, context: Context, message: Posted, answer: Message) -> None:
    await send(context.bot, scene.place, answer, reply_to=reply_to_of(scene, message))
