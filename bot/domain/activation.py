"""The life of an activation: one bought number, from the confirmation to its end."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where an activation stands."""

    REQUESTED = "requested"
    WAITING = "waiting"
    RECEIVED = "received"
    FINISHED = "finished"
    CANCELLING = "cancelling"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    LOST = "lost"


TRANSITIONS: dict[State, frozenset[State]] = {
    State.REQUESTED: frozenset({State.WAITING, State.DECLINED, State.UNKNOWN}),
    State.UNKNOWN: frozenset({State.WAITING, State.DECLINED, State.LOST}),
    State.WAITING: frozenset({State.RECEIVED, State.CANCELLING, State.EXPIRED}),
    State.CANCELLING: frozenset({State.CANCELLED, State.WAITING, State.RECEIVED}),
    State.RECEIVED: frozenset({State.FINISHED}),
    State.FINISHED: frozenset(),
    State.CANCELLED: frozenset(),
    State.EXPIRED: frozenset(),
    # A number that turns up later is watched after all.
    State.DECLINED: frozenset({State.WAITING}),
    State.LOST: frozenset({State.WAITING}),
}

OPEN = frozenset({State.REQUESTED, State.UNKNOWN, State.WAITING, State.CANCELLING})
"""States in which an activation counts against the number that one may have open at once."""

GIVEN_UP = frozenset({State.DECLINED, State.LOST})
"""States of purchases that brought no number."""

LISTED = OPEN | {State.RECEIVED}
"""States that `/numbers` shows."""


class CloseReason(StrEnum):
    """Why a number is to be given back."""

    BUYER = "buyer"
    ADMIN = "admin"
    DEPARTURE = "departure"
    EXPIRY = "expiry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What was shown for confirmation. `price` is micro-dollars, times are epoch ms.

    `user_id` is None for an anonymous admin's quote: the first admin who taps becomes the buyer.
    """

    id: str
    chat_id: int
    thread_id: int | None
    user_id: int | None
    service_id: str
    service_name: str
    pid: str
    country_code: str
    country_name: str
    price: int
    created_at: int
    expires_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """One bought number. `price` is micro-dollars, times are epoch ms.

    Attributes:
        user_id: whose it is: the buyer, or to whom it was handed over.
        bought_by: the buyer, where it has been handed over.
        card_message_id: the message that shows it, edited in place.
        lease_until: until when the process that asked for the number is taken to be alive.
        slow_since: when the buyer was told that the purchase takes long.
        first_code_at: when the first code came; known for longer than the code itself.
        missed_at: when the last look that found nothing before that code began, None: not known.
        next_poll_at: when to look for a code next, None: not any more.
        watch_until: when looking ends in the present state, None: with the state.
        cancel_at: when to ask for the refund next, for `cancel_reason`.
        cancel_lease_by: the replica that is at the cancellation, until the lease is over.
        cancel_unanswered: a cancellation may have been done without our hearing of it.
    """

    id: int
    quote_id: str
    chat_id: int
    thread_id: int | None
    user_id: int
    bought_by: int | None
    card_message_id: int | None
    service_id: str
    service_name: str
    pid: str
    pid_used: str | None
    country_code: str
    country_name: str
    price: int
    state: State
    number: str | None
    rs_id: str | None
    reason: str | None
    requested_at: int
    lease_until: int
    slow_since: int | None
    bought_at: int | None
    first_code_at: int | None
    missed_at: int | None
    expires_at: int | None
    closed_at: int | None
    next_poll_at: int | None
    watch_until: int | None
    cancel_at: int | None
    cancel_lease_until: int | None
    cancel_lease_by: str | None
    cancel_reason: CloseReason | None
    cancel_attempts: int
    cancel_unanswered: bool

    @property
    def can_be_cancelled(self) -> bool:
        """Tell whether a Cancel button makes sense: waiting, with the id that cancelling needs."""
        return self.state is State.WAITING and self.rs_id is not None

    @property
    def poll_pid(self) -> str:
        """Give the pid to look with: the one that the provider used."""
        return self.pid_used or self.pid
