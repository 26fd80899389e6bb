"""What a chat is allowed, and how it wants its things: the words that rules are made of."""

from dataclasses import dataclass, fields
from enum import StrEnum


class ChatAccess(StrEnum):
    """What the owner decided about a chat."""

    NEW = "new"
    REQUESTED = "requested"
    APPROVED = "approved"
    DENIED = "denied"
    SUSPENDED = "suspended"


class WhoMayBuy(StrEnum):
    """Which members of a group may buy; a forbidden member may not in any case."""

    EVERYONE = "everyone"
    ADMINS = "admins"
    LISTED = "listed"


class CodePlace(StrEnum):
    """Where a group's codes go: to the buyer in private, behind a button, or into the group."""

    PRIVATE = "private"
    REVEAL = "reveal"
    GROUP = "group"


class PermissionKind(StrEnum):
    """What a permission is about; its key is a user's id, a service's id, or a country's code."""

    MEMBER = "member"
    SERVICE = "service"
    COUNTRY = "country"


@dataclass(frozen=True, slots=True)
class Permission:
    """A member, service or country that is allowed or forbidden; `name` is for people to read."""

    kind: PermissionKind
    key: str
    name: str
    allowed: bool


class Scope(StrEnum):
    """Whose limits: given to the chat by the owner, set for the chat or its members by admins."""

    OWNER = "owner"
    CHAT = "chat"
    MEMBER = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that may be spent and bought; None: no limit.

    Attributes:
        daily, weekly, monthly: micro-dollars in a UTC day, ISO week, calendar month.
        highest_price: micro-dollars for one number.
        open_at_once: activations open at the same time.
        per_hour: purchases within any 60 minutes.
    """

    daily: int | None = None
    weekly: int | None = None
    monthly: int | None = None
    highest_price: int | None = None
    open_at_once: int | None = None
    per_hour: int | None = None

    def or_else(self, fallback: "Limits") -> "Limits":
        """Give these limits, and those of `fallback` where here is none."""
        own = {name: getattr(self, name) for name in LIMIT_NAMES}
        return Limits(
            **{
                name: getattr(fallback, name) if value is None else value
                for name, value in own.items()
            }
        )


LIMIT_NAMES = tuple(field.name for field in fields(Limits))
"""The limits' names, as they are stored."""
