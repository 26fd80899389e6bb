"""Queries on chats and the people in them."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Insert, Row, Table, bindparam, func, literal, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.chat import ChatAccess, CodePlace, WhoMayBuy
from bot.storage.tables import activations, chats, limits, members, permissions, quotes, users
from bot.storage.upsert import UniqueInsert, insert_into, upsert


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat that the bot has been spoken to in; `kind` is Telegram's chat type.

    Attributes:
        requested_by: who asked the owner to let it in.
        migrated_to: the supergroup that this group has become.
        paused: its admins have stopped purchases.
        left_at: when the bot was removed or blocked (epoch ms), None: it is there.
    """

    id: int
    kind: str
    title: str
    access: ChatAccess
    requested_by: int | None
    migrated_to: int | None
    who_may_buy: WhoMayBuy = WhoMayBuy.EVERYONE
    code_place: CodePlace = CodePlace.PRIVATE
    paused: bool = False
    left_at: int | None = None


async def get(connection: AsyncConnection, chat_id: int, *, lock: bool = False) -> Chat | None:
    """Give a chat; with `lock` nobody else changes its account until the transaction ends."""
    statement = _BY_ID_LOCKED if lock else _BY_ID
    row = (await connection.execute(statement, {"key": chat_id})).one_or_none()
    return _chat_of(row) if row else None


async def with_access(
    connection: AsyncConnection, *access: ChatAccess, limit: int, offset: int = 0
) -> list[Chat]:
    """Give the chats of which the owner decided this, newest first; not those that moved."""
    statement = (
        select(*_COLUMNS)
        .where(chats.c.access.in_(access), chats.c.migrated_to.is_(None))
        .order_by(chats.c.created_at.desc(), chats.c.id)
        .limit(limit)
        .offset(offset)
    )
    return [_chat_of(row) for row in await connection.execute(statement)]


async def count_by_access(connection: AsyncConnection) -> dict[ChatAccess, int]:
    """Count the chats by what the owner decided; not those that moved."""
    statement = (
        select(chats.c.access, func.count())
        .where(chats.c.migrated_to.is_(None))
        .group_by(chats.c.access)
    )
    return {ChatAccess(access): count for access, count in await connection.execute(statement)}


async def change(connection: AsyncConnection, chat_id: int, **values: object) -> None:
    """Set `who_may_buy`, `code_place`, `paused` or `left_at`; access is `set_access`'s."""
    await connection.execute(update(chats).where(chats.c.id == chat_id).values(**values))


async def present_id(connection: AsyncConnection, chat_id: int, *, lock: bool = False) -> int:
    """Give the id that a chat has now: a group may have become a supergroup.

    With `lock` a change under way is waited for, and none begins until the transaction ends.
    """
    statement = select(chats.c.migrated_to).where(chats.c.id == chat_id)
    if lock:
        statement = statement.with_for_update(key_share=True)
    migrated_to: int | None = await connection.scalar(statement)
    return migrated_to or chat_id


async def remember_chat(
    connection: AsyncConnection, chat_id: int, kind: str, title: str, at: int
) -> None:
    """Add a chat as new, or take over its present title; where somebody is heard, the bot is."""
    values = {
        "id": chat_id,
        "kind": kind,
        "title": title,
        "access": ChatAccess.NEW,
        "created_at": at,
    }
    await upsert(connection, chats, values, _with_present_title)


async def remember_user(
    connection: AsyncConnection, user_id: int, name: str, username: str | None, at: int
) -> None:
    """Add a person, or take over the present name."""
    values = {"id": user_id, "name": name, "username": username, "seen_at": at}
    await upsert(connection, users, values, _with_present_name)


async def person(connection: AsyncConnection, user_id: int) -> tuple[str, str | None] | None:
    """Give a person's name and @username as they were last seen, None for a stranger."""
    row = (await connection.execute(_PERSON, {"key": user_id})).one_or_none()
    return (row.name, row.username) if row else None


async def names_of(connection: AsyncConnection, user_ids: Collection[int]) -> dict[int, str]:
    """Give people's names as they were last seen."""
    rows = await connection.execute(_NAMES_OF, {"ids": list(user_ids)})
    return {row.id: row.name for row in rows}


async def code_places_of(
    connection: AsyncConnection, chat_ids: Collection[int]
) -> dict[int, CodePlace]:
    """Give where the codes of these chats go."""
    rows = await connection.execute(_CODE_PLACES_OF, {"ids": list(chat_ids)})
    return {row.id: CodePlace(row.code_place) for row in rows}


async def set_access(
    connection: AsyncConnection, chat_id: int, access: ChatAccess, by: int, at: int
) -> None:
    """Keep what was asked (`by` the asker) or decided (`by` the owner) about a chat."""
    values: dict[str, object] = {"access": access, "decided_by": by, "decided_at": at}
    if access is ChatAccess.REQUESTED:
        values = {"access": access, "requested_by": by}
    await connection.execute(update(chats).where(chats.c.id == chat_id).values(values))


async def migrate(connection: AsyncConnection, old: Chat, new_id: int, at: int) -> None:
    """Carry a group's decisions, rules, members, quotes and activations over to its supergroup.

    The messages of the old group cannot be edited any more: new cards are made. What the ledger
    holds stays on the old account; `migrated_to` joins the two.
    """
    await remember_chat(connection, new_id, "supergroup", old.title, at)
    kept = ("access", "requested_by", "who_may_buy", "code_place", "paused")
    moved = {name: getattr(old, name) for name in kept}
    await connection.execute(update(chats).where(chats.c.id == new_id).values(moved))
    for table in (members, permissions, limits):
        await _carry_over(connection, table, old.id, new_id)
    await connection.execute(
        update(quotes).where(quotes.c.chat_id == old.id).values(chat_id=new_id)
    )
    await connection.execute(
        update(activations)
        .where(activations.c.chat_id == old.id)
        .values(chat_id=new_id, card_message_id=None)
    )
    await connection.execute(update(chats).where(chats.c.id == old.id).values(migrated_to=new_id))


async def _carry_over(connection: AsyncConnection, table: Table, old_id: int, new_id: int) -> None:
    """Give a group's rows to its supergroup; where it has such a row already, that one stays."""
    others = [column for column in table.columns if column.name != "chat_id"]
    rows = select(literal(new_id, BigInteger), *others).where(table.c.chat_id == old_id)
    names = ["chat_id", *(column.name for column in others)]
    statement = insert_into(connection, table).from_select(names, rows).on_conflict_do_nothing()
    await connection.execute(statement)
    await connection.execute(table.delete().where(table.c.chat_id == old_id))


def _with_present_title(insert: UniqueInsert) -> Insert:
    again = {name: insert.excluded[name] for name in ("kind", "title")} | {"left_at": None}
    return insert.on_conflict_do_update(index_elements=["id"], set_=again)


def _with_present_name(insert: UniqueInsert) -> Insert:
    again = {name: insert.excluded[name] for name in ("name", "username", "seen_at")}
    return insert.on_conflict_do_update(index_elements=["id"], set_=again)


_COLUMNS = [chats.c[name] for name in Chat.__slots__]
_BY_ID = select(*_COLUMNS).where(chats.c.id == bindparam("key"))
_BY_ID_LOCKED = _BY_ID.with_for_update(key_share=True)
_PERSON = select(users.c.name, users.c.username).where(users.c.id == bindparam("key"))
_NAMES_OF = select(users.c.id, users.c.name).where(users.c.id.in_(bindparam("ids", expanding=True)))

_CODE_PLACES_OF = select(chats.c.id, chats.c.code_place).where(
    chats.c.id.in_(bindparam("ids", expanding=True))
)


def _chat_of(row: Row[Any]) -> Chat:
    values = dict(row._mapping)  # noqa: SLF001 - the documented name, underscored to free others
    values["access"] = ChatAccess(values["access"])
    values["who_may_buy"] = WhoMayBuy(values["who_may_buy"])
    values["code_place"] = CodePlace(values["code_place"])
    return Chat(**values)
