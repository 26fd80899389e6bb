"""What the owner is told about money that moved, or did not, as the balance and the ledger say."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.chat import markup
from bot.domain.activation import State
from bot.domain.notice import Alert


def words(alert: Alert, facts: Mapping[str, Any]) -> str:
    """Put an alert about the books into words; the workflows give the facts.

    Raises:
        KeyError: it is not about the books.
    """
    return _WORDS[alert](facts)


def _refused(facts: Mapping[str, Any]) -> str:
    shown = ""
    if "shown" in facts:
        shown = (
            f" Its balance when last read: {_of(facts, 'shown')} ({markup.moment(facts['at'])})."
        )
    what = f"{_of(facts, 'service')} · {_of(facts, 'country')} · {_of(facts, 'amount')}"
    return (
        "🔴 <b>SpotSMS refused a purchase: the balance is too low.</b>\n"
        f"{what}\nNothing was charged.{shown} Please top it up. I tell you again only after "
        "SpotSMS has sold a number, or its balance has risen."
    )


def _concluded(facts: Mapping[str, Any]) -> str:
    amount = _of(facts, "amount")
    said = (
        f"it was charged. {amount} is booked as your loss; the chat has its money back."
        if facts["charged"]
        else f"it was not charged. The {amount} that was held is given back to the chat."
    )
    return f"⚖️ Purchase #{facts['activation_id']}: the SpotSMS balance says that {said}"


def _late(facts: Mapping[str, Any]) -> str:
    was_lost = facts["given_up_as"] == State.LOST
    before = "your loss is taken back, and " if was_lost else ""
    return (
        f"🟡 Purchase #{facts['activation_id']} had been given up, and its number came after all. "
        f"It is watched now; {before}its price is booked to the chat again."
    )


def _readings(facts: Mapping[str, Any]) -> str:
    return (
        f"Shown: {_of(facts, 'shown')} ({markup.moment(facts['at'])})\n"
        f"Expected: {_of(facts, 'expected')} (last as expected {markup.moment(facts['since'])})"
    )


def _fitting(facts: Mapping[str, Any]) -> str:
    if not facts["fitting"]:
        return "A top-up? It is credited to nobody."
    numbers = ", ".join(f"#{number}" for number in facts["fitting"])
    return (
        f"A top-up, or a late refund? By its price it could be of number {numbers}. "
        "It is credited to nobody."
    )


def _of(facts: Mapping[str, Any], name: str) -> str:
    return markup.name(str(facts[name]))


def _unconfirmed(facts: Mapping[str, Any]) -> str:
    return (
        f"🟡 Number #{facts.get('activation_id', '?')}: a refund was booked without "
        "confirmation. SpotSMS left a cancellation unanswered, and then said that the number is "
        "gone or cancelled already. Please look at SpotSMS whether the money is back."
    )


def _spending(facts: Mapping[str, Any]) -> str:
    return (
        f"🟡 <b>{_of(facts, 'amount')} left the SpotSMS balance without the bot.</b>\n"
        f"{_readings(facts)}\nNo user is charged for it. Is the key used elsewhere?"
    )


def _gain(facts: Mapping[str, Any]) -> str:
    return (
        f"🟢 <b>The SpotSMS balance grew by {_of(facts, 'amount')} without the bot.</b>\n"
        f"{_readings(facts)}\n{_fitting(facts)}"
    )


def _missing(facts: Mapping[str, Any]) -> str:
    number = facts["activation_id"]
    return (
        f"🟡 Number #{number}: SpotSMS promised a refund of {_of(facts, 'amount')} "
        f"({markup.moment(facts['at'])}), and the balance has not shown it since. The chat has its "
        "money back. Please ask SpotSMS; if it does not pay, "
        f"<code>spotsms-bot reconcile --refund-lost {number}</code> books it as your loss."
    )


def _ledger(facts: Mapping[str, Any]) -> str:
    lines = "\n".join(markup.escape(markup.cut(line, 300)) for line in facts["lines"])
    return (
        f"🔴 <b>The ledger does not add up: {facts['count']} differences.</b>\n{lines}\n"
        "<code>spotsms-bot verify-ledger</code> shows all of them."
    )


_WORDS: Final[dict[Alert, Callable[[Mapping[str, Any]], str]]] = {
    Alert.PURCHASES_REFUSED: _refused,
    Alert.CANCEL_UNCONFIRMED: _unconfirmed,
    Alert.OUTCOME_CONCLUDED: _concluded,
    Alert.LATE_NUMBER: _late,
    Alert.UNEXPLAINED_SPENDING: _spending,
    Alert.UNEXPLAINED_GAIN: _gain,
    Alert.REFUND_MISSING: _missing,
    Alert.LEDGER_DIFFERENCE: _ledger,
}
