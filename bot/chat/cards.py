"""A card: the one message that shows an activation, edited in place through all its states."""

from collections.abc import Callable
from typing import Final

from bot.chat import keyboards, markup
from bot.chat.listings import codes_of
from bot.chat.markup import bold, dollars
from bot.chat.message import Message
from bot.chat.standings import ended_as, is_to_be_cancelled, standing
from bot.chat.texts import country_of, number_of
from bot.domain.activation import Activation, State
from bot.domain.chat import CodePlace
from bot.workflows.outcome import NOT_CHARGED
from bot.workflows.overview import View

DECLINED: Final = {
    "NoNumbers": "There are no numbers for this choice at present; others may have some.",
    "InsufficientBalance": "The bot's SpotSMS balance is too low. The owner has been told.",
    "NotSent": "SpotSMS could not be reached. Please try again shortly.",
    "Unauthorized": "SpotSMS does not accept the bot's key. The owner has been told.",
    NOT_CHARGED: "The outcome of this purchase was unknown for a while. It is known now.",
    "TooFrequent": "SpotSMS asks for a short pause. Please try again in a minute.",
}
"""Why nothing was bought, by the name of the provider's error (`bot.provider.errors`)."""
DECLINED_OTHERWISE: Final = "SpotSMS did not sell this number."
WHERE_CODES_GO: Final = {
    CodePlace.PRIVATE: "Its code is sent to its buyer in private as soon as it arrives.",
    CodePlace.REVEAL: "As soon as its code arrives, a button here shows it to its buyer.",
    CodePlace.GROUP: "Its code is written here, for everybody, as soon as it arrives.",
}
"""What a group reads; it may change where codes go while a number is open."""


def card(view: View, now: int) -> Message:
    """Show an activation as it stands at `now` (epoch ms). In groups it never shows a code."""
    return _CARDS[view.activation.state](view, now)


def is_group(activation: Activation) -> bool:
    """Tell whether others can read an activation's card: groups have negative ids."""
    return activation.chat_id < 0


def outcome(view: View) -> str:
    """Tell how a number ended that brought no code in time, and what became of the money."""
    activation = view.activation
    expired = "⌛ Expired." if view.codes else "⌛ Expired: no SMS came in time."
    if activation.state is State.EXPIRED:
        return f"{expired} {_why_no_refund(activation)}"
    money = f"Refunded {dollars(view.refunded)}." if view.refunded else "No refund was booked."
    if ended_as(activation) is State.EXPIRED:
        return f"{expired} {money}"
    return f"↩️ {standing(activation).capitalize()}. {money}"


def _requested(view: View, _now: int) -> Message:
    words = "⏳ Buying…"
    if view.activation.slow_since is not None:
        words = (
            "⏳ SpotSMS takes long to answer, and the outcome is still unknown. "
            "Please do not buy again: I keep waiting and tell you here."
        )
    return Message(_join(_head(view), words))


def _unknown(view: View, _now: int) -> Message:
    held = dollars(view.activation.price)
    words = (
        "❔ The outcome of this purchase is unknown: SpotSMS gave no clear answer. "
        f"{held} stays held until it is known. The owner has been told. "
        "Please do not buy again before you hear more."
    )
    return Message(_join(_head(view), words))


def _waiting(view: View, now: int) -> Message:
    activation = view.activation
    ends = f" · ends {markup.relative(activation.expires_at, now)}" if activation.expires_at else ""
    lines = [_head(view), number_of(activation), f"Price: {dollars(activation.price)}{ends}", ""]
    if is_to_be_cancelled(activation):
        return Message(
            _join(*lines, _cancel_planned(activation, now)), keyboards.plain_card(activation)
        )
    return Message(_join(*lines, *_waiting_words(view)), keyboards.open_card(activation))


def _waiting_words(view: View) -> list[str]:
    activation = view.activation
    where = "Its code is sent to you here as soon as it arrives."
    if is_group(activation):
        where = WHERE_CODES_GO[view.code_place]
    lines = [f"⏳ Waiting for the SMS. {where}"]
    # Refused at its end with nothing planned any more: the bot had asked by itself, nobody else.
    if activation.reason and (activation.cancel_at or activation.cancel_reason is None):
        reason = markup.name(activation.reason)
        lines.append(f"⚠️ Cancel was refused: {reason}. The number stays open.")
    elif activation.rs_id is None:
        lines.append("It cannot be cancelled: SpotSMS gave no id for it.")
    return lines


def _cancel_planned(activation: Activation, now: int) -> str:
    if activation.cancel_at is None or activation.cancel_at <= now:
        return "⏳ Cancelling…"
    when = markup.relative(activation.cancel_at, now)
    return f"⏳ Too early to cancel. It will be cancelled {when}, unless the SMS arrives first."


def _cancelling(view: View, _now: int) -> Message:
    words = "⏳ Cancelling…"
    if view.activation.cancel_attempts:
        words += " SpotSMS does not answer; I keep asking until it does."
    return Message(
        _join(_head(view), number_of(view.activation), "", words),
        keyboards.plain_card(view.activation),
    )


def _received(view: View, now: int) -> Message:
    activation = view.activation
    lines = [_head(view), number_of(activation), f"Price: {dollars(activation.price)}", ""]
    lines.append(_codes(view) or "✅ A code has arrived.")
    if activation.state is State.RECEIVED and (until := activation.watch_until or 0) > now:
        lines.append(f"Another code is looked for; that ends {markup.relative(until, now)}.")
    return Message(
        _join(*lines), keyboards.received_card(view, with_codes=not is_group(activation))
    )


def _closed(view: View, _now: int) -> Message:
    activation = view.activation
    html = _join(_head(view), number_of(activation), "", outcome(view), _codes(view))
    if view.codes and not is_group(activation):
        return Message(html, keyboards.received_card(view, with_codes=True))
    return Message(html, keyboards.closed_card(activation))


def _declined(view: View, _now: int) -> Message:
    activation = view.activation
    words = DECLINED.get(activation.reason or "", DECLINED_OTHERWISE)
    html = _join(_head(view), f"❌ {words} Nothing was charged.")
    if activation.reason == "NoNumbers":
        return Message(html, keyboards.sold_out_card(activation))
    return Message(html, keyboards.closed_card(activation))


def _lost(view: View, _now: int) -> Message:
    words = "❌ SpotSMS charged for a number that never came. Your money is back."
    return Message(_join(_head(view), words), keyboards.closed_card(view.activation))


def _why_no_refund(activation: Activation) -> str:
    if activation.reason:
        return f"No refund: SpotSMS refused it ({markup.name(activation.reason)})."
    if activation.rs_id is None:
        return "No refund: SpotSMS gave no id for this number, so it could not be cancelled."
    return "No refund was given."


def _codes(view: View) -> str:
    if not view.codes:
        return ""
    if is_group(view.activation):
        is_open = view.code_place is CodePlace.GROUP
        return f"✅ A code has arrived{'.' if is_open else ': only its buyer sees it.'}"
    return f"✅ Code: {codes_of(view)}"


def _head(view: View) -> str:
    activation = view.activation
    head = f"{bold(activation.service_name)} · {country_of(activation)}"
    if is_group(activation) and view.buyer_name:
        is_handed_over = activation.bought_by not in {None, activation.user_id}
        name = bold(view.buyer_name)
        head += f"\n{name}'s now" if is_handed_over else f"\nBought by {name}"
    return head


def _join(*lines: str) -> str:
    """Put lines together; an empty one between two parts makes a gap, others vanish."""
    return "\n".join(lines).replace("\n\n\n", "\n\n").strip()


_CARDS: Final[dict[State, Callable[[View, int], Message]]] = {
    State.REQUESTED: _requested,
    State.UNKNOWN: _unknown,
    State.WAITING: _waiting,
    State.CANCELLING: _cancelling,
    State.RECEIVED: _received,
    State.FINISHED: _received,
    State.CANCELLED: _closed,
    State.EXPIRED: _closed,
    State.DECLINED: _declined,
    State.LOST: _lost,
}
