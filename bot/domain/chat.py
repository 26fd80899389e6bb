"""What a chat is allowed, and how it wants its things: the words that rules are made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
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

    def of(self, name: str) -> int | None:
        """Give one limit by its name."""
        value: int | None = getattr(self, name)
        return value

    def or_else(self, fallback: "Limits") -> "Limits":
        """Give these limits, and those of `fallback` where here is none."""
        return Limits(
            **{
                name: fallback.of(name) if self.of(name) is None else self.of(name)
                for name in LIMIT_NAMES
            }
        )


LIMIT_NAMES = tuple(field.name for field in fields(Limits))
"""The limits' names, as they are stored."""

EVERYBODY = 0
"""The user id of limits that are not a single member's."""


@dataclass(frozen=True, slots=True)
class LimitsOf:
    """Limits and whose they are; `user_id` is EVERYBODY unless they are a single member's."""

    scope: Scope
    user_id: int
    limits: Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatRules:
    """All that decides what a chat may buy.

    Attributes:
        open_to_all: a chat may buy without the owner's approval.
        all_paused: the owner has paused the whole installation.
        paused: the chat's admins have paused purchases.
        defaults: `daily` is the limit of a chat to which the owner gave no other, and
            `open_at_once` what a member may have open in a chat, whatever its admins set.
    """

    chat_id: int
    access: ChatAccess
    open_to_all: bool
    all_paused: bool
    paused: bool
    who_may_buy: WhoMayBuy
    code_place: CodePlace
    permissions: tuple[Permission, ...]
    limits: tuple[LimitsOf, ...]
    defaults: Limits
    _verdicts: Mapping[PermissionKind, tuple[Mapping[str, bool], bool]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Sort the permissions once: a whole catalogue is asked about, one by one."""
        said = {
            kind: {one.key: one.allowed for one in self.permissions if one.kind is kind}
            for kind in PermissionKind
        }
        verdicts = {kind: (these, not any(these.values())) for kind, these in said.items()}
        object.__setattr__(self, "_verdicts", verdicts)

    @property
    def may_spend(self) -> bool:
        """Tell whether the owner lets the chat buy."""
        return may_spend(self.access, open_to_all=self.open_to_all)

    @property
    def given(self) -> Limits:
        """Give the limits that the owner gave the chat, the usual one where there is no other."""
        return self.limits_of(Scope.OWNER).or_else(Limits(daily=self.defaults.daily))

    def limits_of(self, scope: Scope, user_id: int = EVERYBODY) -> Limits:
        """Give what was set, without defaults."""
        found = (one.limits for one in self.limits if (one.scope, one.user_id) == (scope, user_id))
        return next(found, Limits())

    def limits_for(self, user_id: int) -> dict[Scope, Limits]:
        """Give the limits that a member's purchase must keep, by scope.

        What is set for this member replaces what is set for each member, limit by limit.
        """
        own = self.limits_of(Scope.MEMBER, user_id).or_else(self.limits_of(Scope.MEMBER))
        at_once = [
            most for most in (own.open_at_once, self.defaults.open_at_once) if most is not None
        ]
        return {
            Scope.OWNER: self.given,
            Scope.CHAT: self.limits_of(Scope.CHAT),
            Scope.MEMBER: replace(own, open_at_once=min(at_once, default=None)),
        }

    def allows(self, kind: PermissionKind, key: str) -> bool:
        """Tell whether a service or country may be bought: not forbidden, and of those allowed.

        Where nothing of its kind is allowed by name, everything is that is not forbidden.
        """
        said, all_others = self._verdicts[kind]
        return said.get(key, all_others)


def may_spend(access: ChatAccess, *, open_to_all: bool) -> bool:
    """Tell whether a chat may buy: approved by the owner, or not shut out where all may."""
    shut_out = {ChatAccess.DENIED, ChatAccess.SUSPENDED}
    return access is ChatAccess.APPROVED or (open_to_all and access not in shut_out)
