"""What people look at: their numbers, their history, their account."""

from dataclasses import dataclass

from bot.domain.activation import Activation

PAGE = 8


@dataclass(frozen=True, slots=True)
class Code:
    """What an SMS brought; `seen_at` is epoch ms."""

    id: int
    text: str
    seen_at: int


@dataclass(frozen=True, slots=True)
class View:
    """An activation with all that a card shows; `refunded` is micro-dollars."""

    activation: Activation
    codes: tuple[Code, ...]
    refunded: int
    buyer_name: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """A chat's money today (UTC), in micro-dollars; `spent` includes what is held."""

    limit: int
    spent: int
    held: int

    @property
    def left(self) -> int:
        """Give what may still be spent today."""
        return max(0, self.limit - self.spent)


class Overview:
    """Reads, and changes nothing."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._rules = kit.rules
