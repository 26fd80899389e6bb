"""The proof of a purchase that support desks ask for: number, times, SMS, money, every step."""

from datetime import UTC, datetime
from typing import Final

from telegram import InlineKeyboardMarkup

from bot.chat import keyboards, keys, markup
from bot.chat.listings import MAX_CODES, code_in
from bot.chat.message import Message
from bot.chat.rates import wait
from bot.chat.standings import may_be_cancelled, reason_in_words, standing
from bot.chat.texts import country_of, number_of
from bot.domain.activation import State
from bot.workflows.history import Proof
from bot.workflows.overview import View

MAX_SMS_UNITS: Final = 1500
MAX_STEPS: Final = 10
MAX_REASON_UNITS: Final = 60
_UNPAID: Final = {
    State.REQUESTED: "held",
    State.UNKNOWN: "held",
    State.DECLINED: "not charged",
    State.LOST: "given back",
}
"""What became of the price where there was nothing to refund."""


def proof_of(proof: Proof, *, with_codes: bool) -> Message:
    """Show all that is known about a purchase; SMS texts only where they may be seen."""
    parts = [_facts(proof.view), _messages(proof.view, with_codes=with_codes), _steps(proof)]
    html = "\n\n".join(filter(None, parts))
    return Message(html, _keyboard(proof.view, with_codes=with_codes))


def utc(at: int) -> str:
    """Give a time (epoch ms) as a support desk in any zone reads it: `2026-01-31 12:00:05 UTC`."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def _facts(view: View) -> str:
    activation = view.activation
    lines = [
        f"#{activation.id} {markup.bold(activation.service_name)} · {country_of(activation)}",
        f"Outcome: {standing(activation)}",
    ]
    if activation.number:
        lines.append(f"Number: {number_of(activation)}")
    ids = f"pid {activation.poll_pid}" + (f", id {activation.rs_id}" if activation.rs_id else "")
    lines.append(f"At SpotSMS: {markup.escape(markup.cut(ids, MAX_REASON_UNITS * 2))}")
    lines.append(f"Asked for: {utc(activation.requested_at)}")
    if activation.bought_at:
        lines.append(f"Bought: {utc(activation.bought_at)}")
    if activation.first_code_at:
        waited = wait(activation.first_code_at - (activation.bought_at or activation.requested_at))
        lines.append(f"SMS: {utc(activation.first_code_at)}, after {waited}")
    if activation.closed_at:
        lines.append(f"Closed: {utc(activation.closed_at)}")
    lines.append(f"Price: {_money(view)}")
    return "\n".join(lines)


def _money(view: View) -> str:
    """Tell the price, and what became of it."""
    price = markup.dollars(view.activation.price)
    if view.refunded:
        return f"{price}, refund: {markup.dollars(view.refunded)}"
    return f"{price}, {_UNPAID.get(view.activation.state, 'refund: none')}"


def _messages(view: View, *, with_codes: bool) -> str:
    if view.activation.first_code_at is None:
        return "No SMS came." if view.activation.closed_at else ""
    if not with_codes:
        return "A private chat with me shows the SMS to its buyer."
    if not view.codes:
        return "The SMS is not stored any more: old texts are erased."
    codes = view.codes[-MAX_CODES:]
    most = MAX_SMS_UNITS // len(codes)
    lines: list[str] = []
    for item in codes:
        raw = markup.escape(markup.cut(item.text.strip(), most))
        code = code_in(item.text)
        lines.append(f"{utc(item.seen_at)} {code}\n<blockquote expandable>{raw}</blockquote>")
    return "\n".join(lines)


def _steps(proof: Proof) -> str:
    lines = ["<b>Steps</b>"]
    for step in proof.steps[:MAX_STEPS]:
        why = markup.escape(markup.cut(reason_in_words(step.reason or ""), MAX_REASON_UNITS))
        lines.append(f"{utc(step.at)} {step.target}" + (f" ({why})" if why else ""))
    left_out = len(proof.steps) - MAX_STEPS
    return "\n".join([*lines, f"… and {left_out} more"] if left_out > 0 else lines)


def _keyboard(view: View, *, with_codes: bool) -> InlineKeyboardMarkup:
    rows = list(keyboards.received_card(view, with_codes=with_codes).inline_keyboard)
    if may_be_cancelled(view.activation):
        rows.insert(0, (keyboards.cancel(view.activation, "Cancel"),))
    if with_codes and view.activation.state not in {State.REQUESTED, State.UNKNOWN}:
        rows.append((keys.copy("📋 Copy the proof", _in_short(view)),))
    return InlineKeyboardMarkup(rows)


def _in_short(view: View) -> str:
    """Tell the proof in plain text: what is cut off at the end is the SMS."""
    activation = view.activation
    facts = [f"#{activation.id} {activation.rs_id or ''}".strip(), activation.number or ""]
    facts.append(f"{markup.cut(activation.service_name, 40)}, {activation.country_code}")
    if activation.bought_at:
        facts.append(f"bought {utc(activation.bought_at)}")
    if activation.first_code_at:
        facts.append(f"SMS {utc(activation.first_code_at)}")
    facts.append(_money(view))
    facts += [" ".join(item.text.split()) for item in view.codes[:1]]
    return " · ".join(filter(None, facts))
