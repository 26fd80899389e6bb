"""What people look at: their numbers, their history, their account. Telegram's HTML."""

from collections.abc import Sequence
from typing import Final

from bot.chat import markup, policy_texts
from bot.chat.markup import bold, dollars
from bot.chat.standings import is_to_be_cancelled, standing
from bot.chat.texts import country_of, number_of
from bot.domain.activation import OPEN, Activation, State
from bot.domain.codes import find_code
from bot.workflows.cancel import Cancelling
from bot.workflows.overview import Account, View

MAX_CODES: Final = 5
MAX_REASONS: Final = 10
_MAX_CODE_UNITS: Final = 60
MAX_UNITS: Final = 3800
"""Of a list, markup included: safely below Telegram's 4096."""
_HAS_CODE: Final = "A code has arrived for this number: there is no refund any more."
_NOT_CANCELLABLE: Final = {
    State.WAITING: "SpotSMS gave no id for this number, so it cannot be cancelled.",
    State.CANCELLING: (
        "This number is being cancelled already. Its card will tell about the refund."
    ),
    State.REQUESTED: "This number is still being bought. Please wait for the outcome.",
    State.UNKNOWN: "The outcome of this purchase is unknown. The owner has been told.",
    State.RECEIVED: _HAS_CODE,
    State.FINISHED: _HAS_CODE,
}


def numbers(
    views: Sequence[View], now: int, *, with_codes: bool, may_buy: bool = True, left_out: int = 0
) -> str:
    """List open numbers and those that lately received a code; count those left out."""
    if not views:
        return f"You have no open numbers.{' /buy gets one.' if may_buy else ''}"
    lines = [_number(view, now, with_codes=with_codes) for view in views]
    more = f"\n\n… and {left_out} more: /history" if left_out else ""
    return fitting("<b>Your numbers</b>", lines) + more


def history(
    views: Sequence[View], page: int, *, with_codes: bool, is_filtered: bool = False
) -> str:
    """List what was bought, newest first; `page` counts from 0."""
    if not views:
        return (
            "Nothing found. The buttons below look elsewhere."
            if is_filtered
            else "Nothing bought yet. /buy gets your first number."
        )
    lines = [_purchase(view, with_codes=with_codes) for view in views]
    return fitting(f"<b>Your history</b>{_page_number(page)}", lines)


def balance(account: Account, provider: int | None = None) -> str:
    """Show a chat's money and limits; for the owner also the prepaid balance (micro-dollars)."""
    lines = [
        "<b>Balance of this chat today</b>",
        f"Left: <b>{dollars(account.left_today)}</b> of {dollars(account.limit)}",
        f"Spent: {dollars(account.spent)}",
        f"Held for open purchases: {dollars(account.held)}",
        *policy_texts.allowances(account),
    ]
    if account.left < account.left_today:
        lines.append(f"You may still spend: <b>{dollars(account.left)}</b>")
    if provider is not None:
        lines.append(f"\nSpotSMS balance: <b>{dollars(provider)}</b>")
    return "\n".join(lines)


def provider_balance_unknown() -> str:
    """Add to an owner's balance that the provider does not tell its own."""
    return "\n\nSpotSMS does not tell its balance at the moment."


def which_to_cancel() -> str:
    """Ask which of several numbers to cancel."""
    return "Which number shall I cancel?"


def nothing_to_cancel(found: Sequence[Activation]) -> str:
    """Tell why nothing is to be cancelled: of each number that is open, or of the only one."""
    told = found if len(found) == 1 else [one for one in found if one.state in OPEN]
    reasons = [not_cancellable(one) for one in told[:MAX_REASONS]]
    return "\n".join(reasons) or (
        "There is nothing to cancel: no number is waiting for its SMS here."
    )


def cancelling(answer: Cancelling, now: int) -> str:
    """Tell that a number is being given back, now or as soon as the provider allows."""
    what = _short(answer.activation)
    if answer.at is None:
        return f"Cancelling {what}. Its card will tell you about the refund."
    when = markup.relative(answer.at, now)
    return (
        f"{what} is too new to cancel. It will be cancelled {when}, unless its SMS arrives first."
    )


def not_cancellable(activation: Activation) -> str:
    """Tell why a number cannot be cancelled as it stands."""
    return f"{_short(activation)}: {why_not_cancellable(activation)}"


def no_such_number() -> str:
    """Tell that a number to cancel is unknown, or somebody else's."""
    return "I know no such number of yours here. /numbers lists what is open."


def purchase(activation: Activation) -> str:
    """Tell in two lines what was bought, when, for how much, and how it stands."""
    when, price = markup.moment(activation.requested_at), dollars(activation.price)
    return f"#{activation.id} {_headline(activation)}\n{when} · {price} · {standing(activation)}"


def codes_of(view: View) -> str:
    """List the last codes of a number, newest last, each ready to be copied."""
    return ", ".join(code_in(item.text) for item in view.codes[-MAX_CODES:])


def code_in(sms: str) -> str:
    """Give the code of an SMS, or its text where none can be told in it, ready to be copied."""
    return markup.code(markup.cut(find_code(sms) or sms.strip(), _MAX_CODE_UNITS))


def fitting(head: str, entries: Sequence[str]) -> str:
    """Put as many entries under a head as a message holds, and tell how many are left out."""
    shown, size = [head], markup.units(head)
    for entry in entries:
        size += markup.units(entry) + 2
        if size > MAX_UNITS:
            break
        shown.append(entry)
    left_out = len(entries) - len(shown) + 1
    return "\n\n".join([*shown, f"… and {left_out} more"] if left_out else shown)


def why_not_cancellable(activation: Activation) -> str:
    """Tell in plain text why a number cannot be cancelled as it stands."""
    if is_to_be_cancelled(activation):
        return "This number is to be cancelled already, unless its SMS arrives first."
    closed = f"This number is not open any more: {standing(activation)}."
    return _NOT_CANCELLABLE.get(activation.state, closed)


def _page_number(page: int) -> str:
    return f" · page {page + 1}" if page else ""


def _number(view: View, now: int, *, with_codes: bool) -> str:
    activation = view.activation
    lines = [_headline(activation), _stands(activation, now)]
    return "\n".join(lines + _code_lines(view, with_codes=with_codes))


def _stands(activation: Activation, now: int) -> str:
    """Tell how an open number stands, and until when."""
    cancel_at = activation.cancel_at or 0
    if is_to_be_cancelled(activation) and cancel_at > now:
        when = markup.relative(cancel_at, now)
        return f"Will be cancelled {when}, unless the SMS arrives first"
    words = standing(activation)[:1].upper() + standing(activation)[1:]
    is_waiting = activation.state is State.WAITING and not is_to_be_cancelled(activation)
    if is_waiting and activation.expires_at:
        return f"{words}, ends {markup.relative(activation.expires_at, now)}"
    return words


def _purchase(view: View, *, with_codes: bool) -> str:
    lines = [purchase(view.activation)]
    if view.refunded:
        lines.append(f"Refund: {dollars(view.refunded)}")
    return "\n".join(lines + _code_lines(view, with_codes=with_codes))


def _headline(activation: Activation) -> str:
    """Name a number by its service, its country, and itself once it is known."""
    named = f"{bold(activation.service_name)} · {country_of(activation)}"
    return f"{named} {number_of(activation)}".rstrip()


def _code_lines(view: View, *, with_codes: bool) -> list[str]:
    if not view.codes:
        return []
    return [f"Code: {codes_of(view)}" if with_codes else "Code: shown in a private chat with me"]


def _short(activation: Activation) -> str:
    number = markup.e164(activation.number) if activation.number else f"#{activation.id}"
    return f"{bold(activation.service_name)} {markup.escape(number)}"
