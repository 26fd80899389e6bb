"""Chats and people: remembered as they were last seen, let in as the owner decided."""

from bot.domain.activation import State
from bot.domain.chat import ChatAccess
from bot.storage import activations, chats
from bot.storage.chats import Chat
from bot.storage.database import Database
from tests.integration.storage.helpers import BUYER, CHAT, NOW, a_quote, in_state


async def test_a_chat_is_new_until_somebody_decides(database: Database) -> None:
    async with database.write() as connection:
        assert await chats.get(connection, CHAT) is None
        await chats.remember_chat(connection, CHAT, "group", "Friends", NOW)
        assert await chats.get(connection, CHAT) == Chat(
            id=CHAT,
            kind="group",
            title="Friends",
            access=ChatAccess.NEW,
            requested_by=None,
            migrated_to=None,
        )


async def test_a_new_title_changes_no_decision(database: Database) -> None:
    async with database.write() as connection:
        await chats.remember_chat(connection, CHAT, "group", "Friends", NOW)
        await chats.set_access(connection, CHAT, ChatAccess.REQUESTED, BUYER, NOW)
        await chats.set_access(connection, CHAT, ChatAccess.APPROVED, 1, NOW)
        await chats.remember_chat(connection, CHAT, "group", "Good friends", NOW + 1)
        chat = await chats.get(connection, CHAT, lock=True)
    assert chat is not None
    assert (chat.title, chat.access, chat.requested_by) == (
        "Good friends",
        ChatAccess.APPROVED,
        BUYER,
    )


async def test_people_are_named_as_they_were_last_seen(database: Database) -> None:
    async with database.write() as connection:
        await chats.remember_user(connection, 1, "Ann", "ann", NOW)
        await chats.remember_user(connection, 2, "Bob", None, NOW)
        await chats.remember_user(connection, 1, "Anna", None, NOW + 1)
        assert await chats.names_of(connection, {1, 2, 3}) == {1: "Anna", 2: "Bob"}
        assert await chats.names_of(connection, set()) == {}


async def test_a_group_that_becomes_a_supergroup_keeps_its_decision_and_its_numbers(
    database: Database,
) -> None:
    old_id, new_id = -5, -1005
    async with database.write() as connection:
        number = await in_state(connection, State.WAITING, chat_id=old_id, card_message_id=3)
        await activations.add_quote(connection, a_quote(chat_id=old_id))
        await chats.set_access(connection, old_id, ChatAccess.DENIED, 1, NOW)
        old = await chats.get(connection, old_id)
        assert old is not None
        await chats.migrate(connection, old, new_id, NOW)
        await chats.migrate(connection, old, new_id, NOW)
        left, became = await chats.get(connection, old_id), await chats.get(connection, new_id)
        moved = await activations.get(connection, number.id)
        quote = await activations.get_quote(connection, "q1")
    assert left is not None
    assert became is not None
    assert moved is not None
    assert quote is not None
    assert left.migrated_to == new_id
    assert (became.kind, became.access, became.title) == ("supergroup", ChatAccess.DENIED, "Ann")
    assert (moved.chat_id, moved.card_message_id) == (new_id, None)
    assert quote.chat_id == new_id
