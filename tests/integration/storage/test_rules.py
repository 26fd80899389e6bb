"""What owner and admins decided is kept: limits, permissions, invitations, members, the log."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chat import (
    EVERYBODY,
    ChatAccess,
    CodePlace,
    Limits,
    LimitsOf,
    Permission,
    PermissionKind,
    Scope,
    WhoMayBuy,
)
from bot.storage import changes, chats, installation, invites, limits, members, permissions
from bot.storage.changes import Change
from bot.storage.database import Database
from bot.storage.invites import Invite
from tests.integration.storage.helpers import BUYER, CHAT, NOW

MINUTE = 60_000
INVITE = Invite(
    id="abc", created_by=1, created_at=NOW, expires_at=NOW + MINUTE, is_group=False, daily=None
)
WHATSAPP = Permission(PermissionKind.SERVICE, "0948", "WhatsApp", allowed=True)


async def a_group(connection: AsyncConnection, chat_id: int = CHAT) -> None:
    await chats.remember_chat(connection, chat_id, "group", "Friends", NOW)


async def test_a_limit_is_set_changed_and_lifted_and_tells_what_it_was(database: Database) -> None:
    async with database.write() as connection:
        await a_group(connection)
        told = [
            await limits.put(connection, CHAT, Scope.CHAT, EVERYBODY, name="weekly", value=value)
            for value in (5, 7, None)
        ]
        assert told == [None, 5, 7]
        await limits.put(connection, CHAT, Scope.CHAT, EVERYBODY, name="per_hour", value=3)
        assert await limits.of_chat(connection, CHAT) == [
            LimitsOf(Scope.CHAT, EVERYBODY, Limits(per_hour=3))
        ]


async def test_something_is_allowed_then_forbidden_then_neither(database: Database) -> None:
    forbidden = replace(WHATSAPP, allowed=False)
    turkey = Permission(PermissionKind.COUNTRY, "tr", "Turkey", allowed=False)
    async with database.write() as connection:
        await a_group(connection)
        assert await permissions.put(connection, CHAT, WHATSAPP) is None
        assert await permissions.put(connection, CHAT, forbidden) is True
        assert await permissions.put(connection, CHAT, turkey) is None
        assert await permissions.of_chat(connection, CHAT) == [turkey, forbidden]
        assert await permissions.of_chat(connection, CHAT, PermissionKind.SERVICE) == [forbidden]
        gone = [
            await permissions.remove(connection, CHAT, PermissionKind.SERVICE, "0948")
            for _ in range(2)
        ]
        assert gone == [False, None]
        assert await permissions.of_chat(connection, CHAT) == [turkey]


async def test_an_invitation_is_used_once_however_many_come(database: Database) -> None:
    async with database.write() as connection:
        await invites.add(connection, INVITE)

    async def come(user_id: int) -> Invite | None:
        async with database.write() as connection:
            return await invites.use(
                connection, INVITE.id, chat_id=user_id, user_id=user_id, at=NOW
            )

    used = [one for one in await asyncio.gather(*map(come, range(1, 9))) if one]
    assert len(used) == 1
    async with database.read() as connection:
        assert await invites.get(connection, INVITE.id) == used[0]
        assert used[0].used_at == NOW
        assert await invites.still_open(connection, NOW) == []


async def test_an_invitation_ends_with_its_time_or_is_withdrawn(database: Database) -> None:
    other = replace(INVITE, id="def", is_group=True, daily=5, created_at=NOW + 1)
    async with database.write() as connection:
        await invites.add(connection, INVITE)
        await invites.add(connection, other)
        assert await invites.still_open(connection, NOW) == [other, INVITE]
        too_late = INVITE.expires_at
        assert await invites.use(connection, "abc", chat_id=1, user_id=1, at=too_late) is None
        assert await invites.still_open(connection, too_late) == []
        assert await invites.withdraw(connection, "def") == other
        assert await invites.withdraw(connection, "def") is None
        assert await invites.use(connection, "def", chat_id=1, user_id=1, at=NOW) is None


async def test_an_invitation_that_nobody_used_is_erased_some_time_after_its_end(
    database: Database,
) -> None:
    used = replace(INVITE, id="used", used_at=NOW, used_by=BUYER, used_chat_id=CHAT)
    async with database.write() as connection:
        for invite in (INVITE, used):
            await invites.add(connection, invite)
        assert await invites.purge(connection, INVITE.expires_at) == 0
        assert await invites.purge(connection, INVITE.expires_at + 1) == 1
        assert await invites.get(connection, INVITE.id) is None
        assert await invites.get(connection, "used") == used


async def test_members_are_seen_leave_and_come_back(database: Database) -> None:
    async with database.write() as connection:
        await a_group(connection)
        await chats.remember_user(connection, BUYER, "Ann", "ann", NOW)
        await members.remember(connection, CHAT, BUYER, NOW)
        await members.note(connection, CHAT, 21, departed_at=None, at=NOW)
        ann, unnamed = await members.of_chat(connection, CHAT, limit=10)
        assert (ann.user_id, ann.name, ann.username) == (BUYER, "Ann", "ann")
        assert (unnamed.user_id, unnamed.name) == (21, None)
        await members.note(connection, CHAT, BUYER, departed_at=NOW, at=NOW)
        gone = await members.get(connection, CHAT, BUYER)
        assert gone is not None
        assert gone.departed_at == NOW
        assert await members.of_chat(connection, CHAT, limit=10, present=True) == [unnamed]
        assert [await members.count(connection, CHAT, present=one) for one in (False, True)] == [
            2,
            1,
        ]
        assert await members.of_chat(connection, CHAT, limit=1, offset=1) == [unnamed]
        await members.remember(connection, CHAT, BUYER, NOW + 5)
        ann, _ = await members.of_chat(connection, CHAT, limit=10)
        assert (ann.departed_at, ann.seen_at) == (None, NOW + 5)
        assert await members.get(connection, CHAT, 99) is None


async def test_an_at_name_is_whoever_bore_it_last_in_any_case_and_only_where_seen(
    database: Database,
) -> None:
    async with database.write() as connection:
        await a_group(connection)
        await chats.remember_user(connection, BUYER, "Ann", "some_name", NOW)
        await chats.remember_user(connection, 21, "Former Ann", "Some_Name", NOW - 1)
        for user_id in (BUYER, 21):
            await members.remember(connection, CHAT, user_id, NOW)
        assert await members.met_as(connection, CHAT, "SOME_name") == BUYER
        assert await members.met_as(connection, CHAT, "other_name") is None
        assert await members.met_as(connection, CHAT + 1, "some_name") is None


async def test_the_log_is_read_from_the_newest_by_chat_or_all(database: Database) -> None:
    logged = [
        Change(
            at=NOW + number,
            actor_id=1,
            chat_id=chat_id,
            action="limit",
            subject="chat daily",
            before=None,
            after=str(number),
        )
        for number, chat_id in enumerate([CHAT, None, CHAT, CHAT + 1])
    ]
    async with database.write() as connection:
        for change in logged:
            await changes.add(connection, change)
        assert await changes.newest(connection, limit=9) == logged[::-1]
        assert await changes.newest(connection, CHAT, limit=9) == [logged[2], logged[0]]
        assert await changes.newest(connection, limit=2, offset=1) == [logged[2], logged[1]]


async def test_the_installation_keeps_values(database: Database) -> None:
    async with database.write() as connection:
        assert await installation.get(connection, "paused") is None
        for value in ({"by": 1}, {"by": 2}):
            await installation.put(connection, "paused", value, NOW)
        assert await installation.get(connection, "paused") == {"by": 2}
        await installation.remove(connection, "paused")
        assert await installation.get(connection, "paused") is None


async def test_chats_are_listed_and_counted_by_what_was_decided(database: Database) -> None:
    async with database.write() as connection:
        for number in range(1, 5):
            await chats.remember_chat(connection, number, "private", str(number), NOW + number)
        await chats.set_access(connection, 1, ChatAccess.SUSPENDED, 9, NOW)
        await chats.change(connection, 2, paused=True, left_at=NOW)
        found = await chats.with_access(connection, ChatAccess.NEW, limit=2)
        rest = await chats.with_access(connection, ChatAccess.NEW, limit=2, offset=2)
        counted = await chats.count_by_access(connection)
    assert [chat.id for chat in found] == [4, 3]
    assert [(chat.id, chat.paused, chat.left_at) for chat in rest] == [(2, True, NOW)]
    assert counted == {ChatAccess.NEW: 3, ChatAccess.SUSPENDED: 1}


@pytest.mark.parametrize("already_known", [False, True])
async def test_a_group_that_becomes_a_supergroup_keeps_its_rules_and_members(
    database: Database, *, already_known: bool
) -> None:
    old_id, new_id = -5, -1_005_000_000_000
    async with database.write() as connection:
        await a_group(connection, old_id)
        await chats.set_access(connection, old_id, ChatAccess.SUSPENDED, 1, NOW)
        await chats.change(
            connection,
            old_id,
            who_may_buy=WhoMayBuy.LISTED,
            code_place=CodePlace.REVEAL,
            paused=True,
        )
        await limits.put(connection, old_id, Scope.OWNER, EVERYBODY, name="daily", value=5)
        await permissions.put(connection, old_id, WHATSAPP)
        await members.remember(connection, old_id, BUYER, NOW)
        await members.remember(connection, old_id, 21, NOW)
        await changes.add(connection, Change(at=NOW, actor_id=1, chat_id=old_id, action="pause"))
        if already_known:
            await chats.remember_chat(connection, new_id, "supergroup", "Friends", NOW)
            await members.remember(connection, new_id, BUYER, NOW + 5)
        old = await chats.get(connection, old_id)
        assert old is not None
        await chats.migrate(connection, old, new_id, NOW)
        new = await chats.get(connection, new_id)
        assert new is not None
        assert (new.access, new.who_may_buy, new.code_place, new.paused) == (
            ChatAccess.SUSPENDED,
            WhoMayBuy.LISTED,
            CodePlace.REVEAL,
            True,
        )
        assert await limits.of_chat(connection, new_id) == [
            LimitsOf(Scope.OWNER, EVERYBODY, Limits(daily=5))
        ]
        assert await permissions.of_chat(connection, new_id) == [WHATSAPP]
        seen = {
            one.user_id: one.seen_at for one in await members.of_chat(connection, new_id, limit=10)
        }
        assert seen == {BUYER: NOW + 5 if already_known else NOW, 21: NOW}
        assert len(await changes.newest(connection, new_id, limit=9)) == 1
        assert await chats.with_access(connection, ChatAccess.SUSPENDED, limit=9) == [new]
