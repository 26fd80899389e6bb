"""Messages that ring: a code, an end, a doubt, and what the owner of the bot must know."""

from collections.abc import Mapping
from typing import Any, Final

from bot.chat import balance_alerts, keyboards, markup, texts
from bot.chat.cards import is_group, outcome
from bot.chat.markup import bold, dollars
from bot.chat.message import Message
from bot.chat.standings import reason_in_words
from bot.domain.activation import GIVEN_UP, Activation, State
from bot.domain.chat import CodePlace
from bot.domain.codes import find_code
from bot.domain.notice import Alert
from bot.storage.chats import Chat
from bot.workflows.overview import Code, View

KEY_REFUSED: Final = (
    "🔴 SpotSMS refuses the key, and purchases are stopped. If the key is made valid again at "
    "SpotSMS, they resume by themselves: it is tried every few seconds. For a new key, set "
    "<code>SPOTSMS_API_KEY</code> and restart the bot."
)
_WHOLE_SMS: Final = "The whole SMS is in a private chat with me: /numbers, then the number."
_IN_PRIVATE: Final = dict.fromkeys(CodePlace, _WHOLE_SMS) | {
    CodePlace.PRIVATE: "To get codes in private, open a chat with me and press Start."
}
MAX_SMS_UNITS: Final = 3000
"""With all else a message has, well below Telegram's 4096."""


def code(view: View, item: Code, group_title: str | None = None) -> Message:
    """Push a code: on its own line, with a copy button, and the whole SMS where it holds more.

    Args:
        view: the number, named since a code may leave before its card.
        item: what the SMS brought.
        group_title: for a group's number, where its code goes to the buyer in private.
    """
    found = find_code(item.text)
    is_read_by_all = group_title is None and is_group(view.activation)
    lines = [f"🔑 {_addressed(view) if is_read_by_all else ''}{_number(view.activation)}"]
    if group_title is not None:
        lines.append(f"Bought in {bold(group_title)}")
    lines.append(markup.code(markup.cut(found or item.text.strip(), MAX_SMS_UNITS)))
    if found and found != item.text.strip():
        whole = markup.escape(markup.cut(item.text.strip(), MAX_SMS_UNITS))
        lines.append(f"<blockquote expandable>{whole}</blockquote>")
    return Message("\n".join(lines), keyboards.copy_code(item.text))


def code_erased(view: View) -> Message:
    """Tell that a code could not be told before it was erased."""
    return Message(
        f"🔑 {_number(view.activation)}\n"
        "A code came, but it could not be sent before old codes were erased."
    )


def reveal(view: View, code_id: int) -> Message:
    """Tell a group that a code is there, without it, and ring its buyer."""
    activation = view.activation
    return Message(
        f"🔑 {_mention(view)}, a code has arrived for {_number(activation)}.\n"
        f"The button shows it to you alone. {_IN_PRIVATE[view.code_place]}",
        keyboards.reveal(code_id, activation.id),
    )


def closed(view: View) -> Message:
    """Tell that a number's time is over, and what became of the money."""
    return Message(
        f"{_addressed(view)}{_number(view.activation)}\n{outcome(view)}",
        keyboards.closed_card(view.activation),
    )


def unknown(view: View) -> Message:
    """Tell the buyer that nobody knows whether a purchase was charged."""
    activation = view.activation
    return Message(
        f"❔ {_addressed(view)}{_number(activation)}: the outcome of this purchase is unknown.\n"
        f"SpotSMS gave no clear answer. {dollars(activation.price)} stays held, and the owner has "
        "been told. Please do not buy again before you hear more."
    )


def unknown_for_owner(view: View, chat: Chat | None) -> Message:
    """Tell the owner which purchase has an unknown outcome, and what happens next."""
    until = markup.moment(view.activation.lease_until)
    return Message(
        f"{unknown_facts(view, chat)}\n\n"
        f"The money is held. SpotSMS may answer until {until}; then its balance is compared. "
        "If that does not tell whether it was charged, I ask you. "
        "The purchase is never repeated by itself."
    )


def unknown_facts(view: View, chat: Chat | None) -> str:
    """Give what is known about a purchase with an unknown outcome."""
    activation = view.activation
    where = chat.title if chat else str(activation.chat_id)
    return (
        f"❔ <b>The outcome of purchase #{activation.id} is unknown</b>\n"
        f"{bold(activation.service_name)} · {texts.country_of(activation)} · "
        f"{dollars(activation.price)}\n"
        f"Buyer: {bold(view.buyer_name or '?')} (id {activation.user_id})\n"
        f"Chat: {bold(where)} (id {activation.chat_id})\n"
        f"Asked: {markup.moment(activation.requested_at)}\n"
        f"Reason: {markup.name(reason_in_words(activation.reason or '?'))}"
    )


def known(view: View) -> Message:
    """Tell the buyer what became of a purchase whose outcome was unknown."""
    activation, price = view.activation, dollars(view.activation.price)
    match activation.state:
        case State.DECLINED:
            words = f"SpotSMS did not charge for it. {price} is no longer held."
        case State.LOST:
            words = f"SpotSMS charged for it, but no number came. You have your {price} back."
        case _:
            words = "the number came after all, and is charged as it was quoted."
    keyboard = keyboards.closed_card(activation) if activation.state in GIVEN_UP else None
    return Message(
        f"{_addressed(view)}{_number(activation)}: the outcome is known now. {words}", keyboard
    )


def handed_over(view: View, group: str = "") -> Message:
    """Tell a member that a departed one's number is theirs; `group` is named in private."""
    where = f"in the group {bold(group)} " if group else ""
    whom = "" if group else f"{_mention(view)}, "
    return Message(
        f"🔁 {whom}{_number(view.activation)}\nAn admin {where}has handed you this number of a "
        "member who left. It is yours now: what it receives goes to you, and /numbers shows it."
    )


def access_request(facts: Mapping[str, Any]) -> Message:
    """Ask the owner to let a chat in (`Doorkeeper.ask` gives the facts)."""
    username = f" (@{markup.name(facts['username'])})" if facts.get("username") else ""
    who = f"{bold(facts['name'])}{username}, id {facts['user_id']}"
    if facts["kind"] == "private":
        words = f"🙋 {who}, asks to use this bot."
    else:
        words = f"🙋 {who}, asks to use this bot in the group {bold(facts['title'])}."
    return Message(
        f"{words} It would spend your balance.", keyboards.decide_access(facts["chat_id"])
    )


def access_decided(facts: Mapping[str, Any]) -> Message:
    """Tell a chat what the owner decided."""
    if facts["approved"]:
        return Message(texts.access_approved())
    if facts.get("suspended"):
        return Message(f"⏸ {texts.access_suspended()} What is open goes on.")
    return Message(texts.access_denied())


def alert(facts: Mapping[str, Any]) -> Message:
    """Tell the owner about the installation."""
    match Alert(facts["alert"]):
        case Alert.PROVIDER_DOWN:
            return Message(
                "🔴 SpotSMS does not answer. Open numbers stay watched; I tell you when it is back."
            )
        case Alert.PROVIDER_UP:
            return Message("🟢 SpotSMS answers again.")
        case Alert.KEY_REFUSED:
            return Message(KEY_REFUSED)
        case Alert.KEY_ACCEPTED:
            return Message("🟢 SpotSMS accepts the key again. Purchases go on.")
        case Alert.LOW_BALANCE:
            amount = markup.name(str(facts.get("amount", "?")))
            return Message(f"🟡 The SpotSMS balance is low: <b>{amount}</b>. Please top it up.")
        case other:
            return Message(balance_alerts.words(other, facts))


def _mention(view: View) -> str:
    name = markup.name(view.buyer_name or "Buyer")
    return f'<a href="tg://user?id={view.activation.user_id}">{name}</a>'


def _addressed(view: View) -> str:
    """Ring the buyer in a group, where a message rings nobody by itself."""
    return f"{_mention(view)}, " if is_group(view.activation) else ""


def _number(activation: Activation) -> str:
    number = f" · {markup.escape(markup.e164(activation.number))}" if activation.number else ""
    return f"{bold(activation.service_name)} · {texts.country_of(activation)}{number}"
