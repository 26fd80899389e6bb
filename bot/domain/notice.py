"""What the bot has to tell, before anybody has put it into words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

from bot.domain.activation import Activation
from bot.domain.chat import CodePlace


class Priority(IntEnum):
    """What leaves first when Telegram's limits are short."""

    CODE = 0
    CLOSED = 1
    REST = 2


class NoticeKind(StrEnum):
    """What is told."""

    CARD = "card"
    CODE = "code"
    REVEAL = "reveal"
    EXPIRED = "expired"
    UNKNOWN = "unknown"
    UNKNOWN_OWNER = "unknown_owner"
    UNDECIDED = "undecided"
    KNOWN = "known"
    HANDED_OVER = "handed_over"
    ACCESS_REQUEST = "access_request"
    ACCESS_DECIDED = "access_decided"
    ALERT = "alert"
    ANSWER = "answer"


class Alert(StrEnum):
    """What the owner is told about the installation."""

    PROVIDER_DOWN = "provider_down"
    PROVIDER_UP = "provider_up"
    KEY_REFUSED = "key_refused"
    KEY_ACCEPTED = "key_accepted"
    LOW_BALANCE = "low_balance"
    PURCHASES_REFUSED = "purchases_refused"
    CANCEL_UNCONFIRMED = "cancel_unconfirmed"
    OUTCOME_CONCLUDED = "outcome_concluded"
    LATE_NUMBER = "late_number"
    UNEXPLAINED_SPENDING = "unexplained_spending"
    UNEXPLAINED_GAIN = "unexplained_gain"
    REFUND_MISSING = "refund_missing"
    LEDGER_DIFFERENCE = "ledger_difference"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing to tell one chat. The key makes it unique; `facts` is JSON."""

    key: str
    chat_id: int
    kind: NoticeKind
    priority: Priority = Priority.REST
    activation_id: int | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def card(activation: Activation, priority: Priority = Priority.REST) -> Notice:
    """Show an activation as it stands, in the message that shows it already."""
    return Notice(
        key=f"card:{activation.id}",
        chat_id=activation.chat_id,
        kind=NoticeKind.CARD,
        priority=priority,
        activation_id=activation.id,
    )


def code(activation: Activation, code_id: int, place: CodePlace = CodePlace.PRIVATE) -> Notice:
    """Push a code: into a private chat, or from a group where the group wants its codes."""
    is_group = activation.chat_id < 0
    if is_group and place is CodePlace.REVEAL:
        return reveal(activation, code_id)
    to_buyer = is_group and place is CodePlace.PRIVATE
    return Notice(
        key=f"code:{code_id}",
        chat_id=activation.user_id if to_buyer else activation.chat_id,
        kind=NoticeKind.CODE,
        priority=Priority.CODE,
        activation_id=activation.id,
        facts={"code_id": code_id},
    )


def reveal(activation: Activation, code_id: int) -> Notice:
    """Tell a group that a code is there, without it: only its buyer can have it shown."""
    return Notice(
        key=f"reveal:{code_id}",
        chat_id=activation.chat_id,
        kind=NoticeKind.REVEAL,
        priority=Priority.CODE,
        activation_id=activation.id,
        facts={"code_id": code_id},
    )


def expired(activation: Activation) -> Notice:
    """Tell the buyer that a number's time is over, and what became of the money."""
    return Notice(
        key=f"expired:{activation.id}",
        chat_id=activation.chat_id,
        kind=NoticeKind.EXPIRED,
        priority=Priority.CLOSED,
        activation_id=activation.id,
    )


def unknown(activation: Activation, owner_ids: tuple[int, ...]) -> list[Notice]:
    """Tell the buyer and every owner that nobody knows whether a purchase was charged."""
    to_buyer = Notice(
        key=f"unknown:{activation.id}",
        chat_id=activation.chat_id,
        kind=NoticeKind.UNKNOWN,
        priority=Priority.CLOSED,
        activation_id=activation.id,
    )
    to_owners = [
        Notice(
            key=f"unknown:{activation.id}:{owner_id}",
            chat_id=owner_id,
            kind=NoticeKind.UNKNOWN_OWNER,
            activation_id=activation.id,
        )
        for owner_id in owner_ids
    ]
    return [to_buyer, *to_owners]


def undecided(activation: Activation, owner_ids: tuple[int, ...]) -> list[Notice]:
    """Ask every owner to decide: the balance does not tell whether a purchase was charged."""
    return [
        Notice(
            key=f"undecided:{activation.id}:{owner_id}",
            chat_id=owner_id,
            kind=NoticeKind.UNDECIDED,
            activation_id=activation.id,
        )
        for owner_id in owner_ids
    ]


def known(activation: Activation) -> Notice:
    """Tell the buyer what became of a purchase whose outcome was unknown."""
    return Notice(
        key=f"known:{activation.id}:{activation.state}",
        chat_id=activation.chat_id,
        kind=NoticeKind.KNOWN,
        priority=Priority.CLOSED,
        activation_id=activation.id,
    )


def handed_over(activation: Activation, at: int, place: CodePlace = CodePlace.PRIVATE) -> Notice:
    """Tell a member, where the group's codes go, that a number is theirs since `at` (epoch ms)."""
    chat_id = activation.user_id if place is CodePlace.PRIVATE else activation.chat_id
    return Notice(
        key=f"handed_over:{activation.id}:{at}:{chat_id}",
        chat_id=chat_id,
        kind=NoticeKind.HANDED_OVER,
        priority=Priority.CLOSED,
        activation_id=activation.id,
        facts={"at": at, "user_id": activation.user_id},
    )


def alerts(
    alert: Alert, owner_ids: tuple[int, ...], at: int, facts: Mapping[str, Any] | None = None
) -> list[Notice]:
    """Tell every owner about the installation."""
    return [
        Notice(
            key=f"alert:{alert}:{at}:{owner_id}",
            chat_id=owner_id,
            kind=NoticeKind.ALERT,
            facts={"alert": alert, **(facts or {})},
        )
        for owner_id in owner_ids
    ]


def answer(chat_id: int, notice_id: str, message: Mapping[str, Any]) -> Notice:
    """Tell somebody what they asked for, when it could not leave at once (`message` is JSON)."""
    return Notice(key=f"answer:{notice_id}", chat_id=chat_id, kind=NoticeKind.ANSWER, facts=message)
