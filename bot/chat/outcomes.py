"""Unknown outcomes, as the owner sees and settles them."""

from typing import Final

from telegram import InlineKeyboardMarkup
from telegram.constants import KeyboardButtonStyle

from bot.chat import keys, markup, toasts
from bot.chat.buttons import AskOutcome, DecideOutcome, ShowOutcome
from bot.chat.desk import Context, Desk, desk_of
from bot.chat.markup import dollars
from bot.chat.message import Message
from bot.chat.notices import unknown_facts
from bot.chat.owner.buttons import ShowDesk
from bot.chat.replies import Press
from bot.chat.standings import standing
from bot.domain.activation import Activation, State
from bot.storage.chats import Chat
from bot.storage.readings import KeptReading
from bot.workflows.outcome import Readings, TooSoon
from bot.workflows.overview import View

_BACK: Final = keys.button("« Back", ShowDesk("outcomes"))


def question(view: View, chat: Chat | None, evidence: Readings, now: int) -> Message:
    """Ask the owner what became of a purchase, with all that is known about it.

    At `now` (epoch ms) it may be too soon to decide: SpotSMS may still answer.
    """
    activation = view.activation
    words = "the balance alone does not tell. Please look at SpotSMS whether it was charged."
    if now < activation.lease_until:
        until = markup.moment(activation.lease_until)
        words = f"SpotSMS may still answer until {until}; then its balance is compared."
    return Message(
        f"{_known(view, chat, evidence)}\n\n{dollars(activation.price)} is held, and {words}",
        _asking(activation),
    )


def question_again(view: View, chat: Chat | None, evidence: Readings, *, charged: bool) -> Message:
    """Ask once more, and name what the answer does."""
    price = dollars(view.activation.price)
    effect = (
        f"<b>It was charged?</b> {price} is booked as your loss, and the chat gets the {price} "
        "back that is held."
        if charged
        else f"<b>It was not charged?</b> The chat gets the {price} back that is held."
    )
    return Message(
        f"{_known(view, chat, evidence)}\n\n{effect}",
        _asking_again(view.activation, charged=charged),
    )


def settled(view: View) -> Message:
    """Show how a purchase stands whose outcome was unknown."""
    activation = view.activation
    price = dollars(activation.price)
    match activation.state:
        case State.DECLINED:
            words = f"it was not charged. {price} is not held any more."
        case State.LOST:
            words = f"it was charged. {price} is booked as your loss; the chat has its money back."
        case _:
            words = f"{standing(activation)}."
    return Message(f"✅ Purchase #{activation.id}: {words}", InlineKeyboardMarkup([[_BACK]]))


async def show(press: Press, context: Context, button: ShowOutcome) -> None:
    """Show the question again."""
    view = await _open(press, context, button.activation_id)
    if view is not None:
        desk = desk_of(context)
        await press.show(question(view, *await _about(view, desk), desk.clock.now()))


async def ask(press: Press, context: Context, button: AskOutcome) -> None:
    """Ask once more what the owner has answered."""
    view = await _open(press, context, button.activation_id)
    if view is not None:
        chat, evidence = await _about(view, desk_of(context))
        await press.show(question_again(view, chat, evidence, charged=button.charged))


async def decide(press: Press, context: Context, button: DecideOutcome) -> None:
    """Take the owner's decision, once; a second one is shown what the first has done."""
    desk, owner_id = desk_of(context), press.scene.user.id
    if not desk.doorkeeper.is_owner(owner_id):
        await press.alert(toasts.only_owner())
        return
    decision = await desk.reconciliation.decide(
        button.activation_id, owner_id, charged=button.charged
    )
    if isinstance(decision, TooSoon):
        await press.alert(toasts.too_soon(decision.until - desk.clock.now()))
        return
    view = await desk.overview.view(button.activation_id)
    if decision is None or view is None:
        await press.alert(toasts.button_gone())
        return
    await _show_settled(press, view)


async def _open(press: Press, context: Context, activation_id: int) -> View | None:
    """Give the purchase to its owner while its outcome is unknown; else say why not."""
    desk = desk_of(context)
    if not desk.doorkeeper.is_owner(press.scene.user.id):
        await press.alert(toasts.only_owner())
        return None
    view = await desk.overview.view(activation_id)
    if view is None:
        await press.alert(toasts.button_gone())
        return None
    if view.activation.state is not State.UNKNOWN:
        await _show_settled(press, view)
        return None
    return view


async def _show_settled(press: Press, view: View) -> None:
    """Show the end where the question was; an old button, which is there no more, adds nothing."""
    if press.message_id is None:
        await press.alert(toasts.settled(view.activation))
        return
    await press.show(settled(view))


async def _about(view: View, desk: Desk) -> tuple[Chat | None, Readings]:
    chat = await desk.doorkeeper.chat(view.activation.chat_id)
    return chat, await desk.reconciliation.evidence(view.activation)


def _known(view: View, chat: Chat | None, evidence: Readings) -> str:
    before, latest = _reading(evidence.before), _reading(evidence.latest)
    return f"{unknown_facts(view, chat)}\nBalance before: {before}\nBalance since: {latest}"


def _reading(reading: KeptReading | None) -> str:
    if reading is None:
        return "not read"
    return f"{dollars(reading.micros)} ({markup.moment(reading.at)})"


def _asking(activation: Activation) -> InlineKeyboardMarkup:
    choices = [
        keys.button("It was charged", AskOutcome(activation.id, True)),
        keys.button("It was not charged", AskOutcome(activation.id, False)),
    ]
    return InlineKeyboardMarkup([choices, [_BACK]])


def _asking_again(activation: Activation, *, charged: bool) -> InlineKeyboardMarkup:
    amount = dollars(activation.price)
    words = f"Yes, {amount} was charged" if charged else f"Yes, {amount} was not charged"
    sure = DecideOutcome(activation.id, charged)
    return InlineKeyboardMarkup(
        [
            [keys.button(words, sure, KeyboardButtonStyle.DANGER)],
            [keys.button("« Back", ShowOutcome(activation.id))],
        ]
    )
