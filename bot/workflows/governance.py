"""Governance: who may buy what for how much in a chat, and the log of who decided it.

The caller has made sure that the actor may decide: an admin of the group, by Telegram's word. What
only the owner decides is checked here.
"""

from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chat import (
    EVERYBODY,
    LIMIT_NAMES,
    ChatRules,
    CodePlace,
    Permission,
    PermissionKind,
    Scope,
    WhoMayBuy,
)
from bot.domain.money import format_dollars
from bot.storage import changes, chats, installation, limits, members, permissions
from bot.storage.changes import Change
from bot.storage.chats import Chat
from bot.storage.members import Member
from bot.workflows.kit import Kit
from bot.workflows.standing import ALL_PAUSED, standing_of

CHANGES_PAGE: Final = 10
COUNTS: Final = frozenset({"open_at_once", "per_hour"})
"""The limits that are no money."""
MOST_MICROS: Final = 10**12
MOST_COUNT: Final = 100_000


@dataclass(frozen=True, slots=True)
class Step:
    """What an edit did, in words for the log: to what, from what, to what; None: there was none."""

    subject: str | None
    before: str | None
    after: str | None


Edit = Callable[[AsyncConnection, Chat], Awaitable[Step]]


class Governance:
    """Reads and changes rules; each change is logged in the transaction that makes it.

    What changes a chat gives its rules afterwards, None where the chat is unknown or the decision
    is not the actor's. A change to what is so already is not logged.
    """

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._rules = kit.rules

    async def rules_of(self, chat_id: int) -> ChatRules | None:
        """Give a chat's rules, None where it is unknown."""
        async with self._database.read() as connection:
            chat = await chats.get(connection, await chats.present_id(connection, chat_id))
            return await standing_of(connection, chat, self._rules) if chat else None

    async def set_who_may_buy(
        self, chat_id: int, actor_id: int, who: WhoMayBuy
    ) -> ChatRules | None:
        """Let everyone buy, only admins, or only listed members."""
        edit = partial(_set_column, name="who_may_buy", value=who)
        return await self._edit(chat_id, actor_id, "who_may_buy", edit)

    async def set_code_place(
        self, chat_id: int, actor_id: int, place: CodePlace
    ) -> ChatRules | None:
        """Let codes go to the buyer in private, behind a button, or into the group."""
        edit = partial(_set_column, name="code_place", value=place)
        return await self._edit(chat_id, actor_id, "code_place", edit)

    async def set_paused(self, chat_id: int, actor_id: int, *, paused: bool) -> ChatRules | None:
        """Stop purchases of a chat, or let them go on; what is bought already goes on."""
        edit = partial(_set_column, name="paused", value=paused)
        return await self._edit(chat_id, actor_id, "pause" if paused else "resume", edit)

    async def permit(
        self,
        chat_id: int,
        actor_id: int,
        kind: PermissionKind,
        key: str,
        *,
        name: str,
        allowed: bool | None,
    ) -> ChatRules | None:
        """Allow or forbid a member (by id), service (by id) or country (by code).

        Args:
            chat_id: the chat.
            actor_id: the admin.
            kind: of what.
            key: what.
            name: how people call it.
            allowed: None takes back what was said of it.
        """
        edit = partial(_permit, permission=(kind, key, name), allowed=allowed)
        return await self._edit(chat_id, actor_id, "permit", edit)

    async def set_limit(
        self,
        chat_id: int,
        actor_id: int,
        scope: Scope,
        user_id: int,
        *,
        name: str,
        value: int | None,
    ) -> ChatRules | None:
        """Set one limit, or lift it with None; only an owner decides about `Scope.OWNER`.

        Args:
            chat_id: the chat.
            actor_id: the admin, or the owner.
            scope: whose limit it is.
            user_id: EVERYBODY, or with `Scope.MEMBER` the single member whose limit it is.
            name: one of `LIMIT_NAMES`.
            value: micro-dollars, or a count for `COUNTS`.

        Raises:
            ValueError: no such limit, or an amount that no limit has.
        """
        most = MOST_COUNT if name in COUNTS else MOST_MICROS
        if name not in LIMIT_NAMES or (value is not None and not 0 <= value <= most):
            raise ValueError(f"no limit {name} of {value}")
        if user_id != EVERYBODY and scope is not Scope.MEMBER:
            raise ValueError("only a limit of members can be a single member's")
        if scope is Scope.OWNER and not self._is_owner(actor_id):
            return None
        edit = partial(_set_limit, scope=scope, user_id=user_id, name=name, value=value)
        return await self._edit(chat_id, actor_id, "limit", edit)

    async def members(
        self, chat_id: int, *, limit: int, offset: int = 0, present: bool = False
    ) -> list[Member]:
        """Give some of the people seen in a group, by name; with `present` none departed."""
        async with self._database.read() as connection:
            return await members.of_chat(
                connection, chat_id, limit=limit, offset=offset, present=present
            )

    async def count_members(self, chat_id: int, *, present: bool = False) -> int:
        """Count the people seen in a group; with `present` none who has departed."""
        async with self._database.read() as connection:
            return await members.count(connection, chat_id, present=present)

    async def has_met(self, chat_id: int, user_id: int) -> bool:
        """Tell whether somebody was seen in a group."""
        async with self._database.read() as connection:
            return await members.get(connection, chat_id, user_id) is not None

    async def met_as(self, chat_id: int, username: str) -> int | None:
        """Give who was seen in a group under an @username; None: nobody."""
        async with self._database.read() as connection:
            present_id = await chats.present_id(connection, chat_id)
            return await members.met_as(connection, present_id, username)

    async def names_of(self, user_ids: Collection[int]) -> dict[int, str]:
        """Give people's names as they were last seen; unknown ones are left out."""
        async with self._database.read() as connection:
            return await chats.names_of(connection, user_ids)

    async def changes(self, chat_id: int | None, page: int = 0) -> tuple[list[Change], bool]:
        """Give a page of the log of a chat, or of everything, newest first; and whether it goes on.

        The caller has made sure that the whole log is shown to owners alone.
        """
        async with self._database.read() as connection:
            found = await changes.newest(
                connection, chat_id, limit=CHANGES_PAGE + 1, offset=page * CHANGES_PAGE
            )
        return found[:CHANGES_PAGE], len(found) > CHANGES_PAGE

    async def is_paused_everywhere(self) -> bool:
        """Tell whether the owner has paused all purchases."""
        async with self._database.read() as connection:
            return await installation.get(connection, ALL_PAUSED) is not None

    async def pause_everything(self, owner_id: int) -> bool:
        """Stop all purchases of all chats; False where it is not this person's to decide."""
        return await self._pause_all(owner_id, paused=True)

    async def resume_everything(self, owner_id: int) -> bool:
        """Let purchases go on; False where it is not this person's to decide."""
        return await self._pause_all(owner_id, paused=False)

    async def _pause_all(self, owner_id: int, *, paused: bool) -> bool:
        if not self._is_owner(owner_id):
            return False
        now = self._clock.now()
        async with self._database.write() as connection:
            before = await installation.get(connection, ALL_PAUSED) is not None
            if paused and not before:
                await installation.put(connection, ALL_PAUSED, {"by": owner_id}, now)
            if before and not paused:
                await installation.remove(connection, ALL_PAUSED)
            step = Step(None, _word(before), _word(paused))
            action = "pause_all" if paused else "resume_all"
            await _log(connection, step, at=now, actor_id=owner_id, chat_id=None, action=action)
        return True

    async def _edit(self, chat_id: int, actor_id: int, action: str, edit: Edit) -> ChatRules | None:
        """Change a chat while nobody else does, log it, and give what is so then."""
        now = self._clock.now()
        async with self._database.write() as connection:
            present_id = await chats.present_id(connection, chat_id, lock=True)
            chat = await chats.get(connection, present_id, lock=True)
            if chat is None:
                return None
            step = await edit(connection, chat)
            await _log(
                connection, step, at=now, actor_id=actor_id, chat_id=present_id, action=action
            )
            changed = await chats.get(connection, present_id)
            return await standing_of(connection, changed or chat, self._rules)

    def _is_owner(self, user_id: int) -> bool:
        return user_id in self._rules.owner_ids


async def _set_column(
    connection: AsyncConnection, chat: Chat, *, name: str, value: str | bool
) -> Step:
    await chats.change(connection, chat.id, **{name: value})
    return Step(None, _word(getattr(chat, name)), _word(value))


async def _permit(
    connection: AsyncConnection,
    chat: Chat,
    *,
    permission: tuple[PermissionKind, str, str],
    allowed: bool | None,
) -> Step:
    kind, key, name = permission
    if allowed is None:
        before = await permissions.remove(connection, chat.id, kind, key)
    else:
        before = await permissions.put(connection, chat.id, Permission(kind, key, name, allowed))
    # The log is for good, so it calls people by their ids.
    subject = f"{kind} {key}" if kind is PermissionKind.MEMBER else f"{kind} {key} {name}"
    return Step(subject, _verdict(before), _verdict(allowed))


async def _set_limit(
    connection: AsyncConnection,
    chat: Chat,
    *,
    scope: Scope,
    user_id: int,
    name: str,
    value: int | None,
) -> Step:
    before = await limits.put(connection, chat.id, scope, user_id, name=name, value=value)
    whose = f"{scope} {user_id}" if user_id != EVERYBODY else str(scope)
    return Step(f"{whose} {name}", _amount(name, before), _amount(name, value))


async def _log(
    connection: AsyncConnection,
    step: Step,
    *,
    at: int,
    actor_id: int,
    chat_id: int | None,
    action: str,
) -> None:
    if step.before == step.after:
        return
    change = Change(
        at=at,
        actor_id=actor_id,
        chat_id=chat_id,
        action=action,
        subject=step.subject,
        before=step.before,
        after=step.after,
    )
    await changes.add(connection, change)


def _amount(name: str, value: int | None) -> str | None:
    if value is None:
        return None
    return str(value) if name in COUNTS else format_dollars(value)


def _verdict(allowed: bool | None) -> str | None:  # noqa: FBT001 - one of three
    return None if allowed is None else ("allowed" if allowed else "forbidden")


def _word(value: str | bool) -> str:  # noqa: FBT001 - what a column holds
    if isinstance(value, bool):
        return "paused" if value else "running"
    return str(value)
