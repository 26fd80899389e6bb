"""The numbers that the workflows go by, taken from the settings."""

from dataclasses import dataclass
from typing import Self

from bot.domain.activation import Activation
from bot.domain.chat import Limits
from bot.domain.money import parse_dollars
from bot.domain.polling import Pace
from bot.settings import Access, Settings

QUOTE_SECONDS = 600.0
DEADLINE_FACTOR = 3.0
LEASE_MARGIN_SECONDS = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Durations in seconds, amounts in micro-dollars.

    Attributes:
        limits: a chat's daily limit where the owner gave it no other, and what a member may have
            open at once in a chat.
        patience: after this the buyer is told that a purchase takes long.
        deadline: until then a late answer to a purchase is waited for.
        poll_floor: two looks at a number are never closer together; None: than the interval.
    """

    owner_ids: tuple[int, ...]
    open_to_all: bool
    limits: Limits
    patience: float
    deadline: float
    poll_interval: float
    poll_floor: float | None = None
    max_rps: float
    activation_ttl: float
    cancel_min_age: float
    low_balance: int
    retention_days: int

    @property
    def pace(self) -> Pace:
        """Give how often a number may be looked at."""
        return Pace(self.poll_interval, self.poll_floor or self.poll_interval)

    def cancellable_at(self, activation: Activation) -> int:
        """Give when (epoch ms) a number has become old enough to be cancelled for its buyer."""
        return (activation.bought_at or 0) + round(self.cancel_min_age * 1000)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Take them from the settings."""
        return cls(
            owner_ids=settings.owner_ids,
            open_to_all=settings.access is Access.OPEN,
            limits=Limits(
                daily=parse_dollars(settings.daily_limit),
                open_at_once=settings.max_active_per_user,
            ),
            patience=settings.spotsms_timeout,
            deadline=settings.spotsms_timeout * DEADLINE_FACTOR,
            poll_interval=settings.poll_interval,
            poll_floor=settings.poll_floor,
            max_rps=settings.spotsms_max_rps,
            activation_ttl=settings.activation_ttl,
            cancel_min_age=settings.cancel_min_age,
            low_balance=parse_dollars(settings.low_balance),
            retention_days=settings.retention_days,
        )
