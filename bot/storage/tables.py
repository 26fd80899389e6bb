"""The tables. Money is micro-dollars in BIGINT, times are UTC epoch milliseconds in BIGINT."""

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

REVISION = "0002"
"""The newest migration: after it a database has what is described here."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite makes only INTEGER primary keys count up by themselves.
Id = BigInteger().with_variant(Integer, "sqlite")
Money = BigInteger
Time = BigInteger

chats = Table(
    "chats",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("access", String(16), nullable=False),
    Column("requested_by", BigInteger),
    Column("decided_by", BigInteger),
    Column("decided_at", Time),
    Column("created_at", Time, nullable=False),
    Column("migrated_to", BigInteger),
    Column("who_may_buy", String(16), nullable=False, server_default=text("'everyone'")),
    Column("code_place", String(16), nullable=False, server_default=text("'private'")),
    Column("paused", Boolean, nullable=False, server_default=false()),
    Column("left_at", Time),
    Index(None, "migrated_to"),
)

users = Table(
    "users",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("username", Text),
    Column("seen_at", Time, nullable=False),
    Column("forgotten_at", Time),
)

members = Table(
    "members",
    metadata,
    Column("chat_id", BigInteger, ForeignKey("chats.id"), primary_key=True, autoincrement=False),
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    # Unused: who is admin is asked of Telegram, never remembered.
    Column("is_admin", Boolean, nullable=False, server_default=false()),
    Column("departed_at", Time),
    Column("seen_at", Time, nullable=False),
)

permissions = Table(
    "permissions",
    metadata,
    Column("chat_id", BigInteger, ForeignKey("chats.id"), primary_key=True, autoincrement=False),
    Column("kind", String(16), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("allowed", Boolean, nullable=False),
)

limits = Table(
    "limits",
    metadata,
    Column("chat_id", BigInteger, ForeignKey("chats.id"), primary_key=True, autoincrement=False),
    Column("scope", String(16), primary_key=True),
    # 0: the chat, or every member of it.
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    Column("daily", Money),
    Column("weekly", Money),
    Column("monthly", Money),
    Column("highest_price", Money),
    Column("open_at_once", Integer),
    Column("per_hour", Integer),
)

invites = Table(
    "invites",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("created_by", BigInteger, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
    Column("is_group", Boolean, nullable=False),
    Column("daily", Money),
    Column("used_chat_id", BigInteger),
    Column("used_by", BigInteger),
    Column("used_at", Time),
)

changes = Table(
    "changes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Time, nullable=False),
    Column("actor_id", BigInteger, nullable=False),
    Column("chat_id", BigInteger),
    Column("action", String(32), nullable=False),
    Column("subject", Text),
    Column("before", Text),
    Column("after", Text),
    Index(None, "chat_id", "id"),
)

installation = Table(
    "installation",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("at", Time, nullable=False),
)

quotes = Table(
    "quotes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("chat_id", BigInteger, ForeignKey("chats.id"), nullable=False),
    Column("thread_id", BigInteger),
    Column("user_id", BigInteger),
    Column("service_id", Text, nullable=False),
    Column("service_name", Text, nullable=False),
    Column("pid", Text, nullable=False),
    Column("country_code", Text, nullable=False),
    Column("country_name", Text, nullable=False),
    Column("price", Money, nullable=False),
    Column("created_at", Time, nullable=False),
    Column("expires_at", Time, nullable=False),
)

activations = Table(
    "activations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("quote_id", String(32), nullable=False, unique=True),
    Column("chat_id", BigInteger, ForeignKey("chats.id"), nullable=False),
    Column("thread_id", BigInteger),
    Column("user_id", BigInteger, nullable=False),
    Column("bought_by", BigInteger),
    Column("card_message_id", BigInteger),
    Column("service_id", Text, nullable=False),
    Column("service_name", Text, nullable=False),
    Column("pid", Text, nullable=False),
    Column("pid_used", Text),
    Column("country_code", Text, nullable=False),
    Column("country_name", Text, nullable=False),
    Column("price", Money, nullable=False),
    Column("state", String(16), nullable=False),
    Column("number", Text),
    Column("rs_id", Text),
    Column("reason", Text),
    Column("requested_at", Time, nullable=False),
    Column("lease_until", Time, nullable=False),
    Column("slow_since", Time),
    Column("bought_at", Time),
    Column("first_code_at", Time),
    Column("missed_at", Time),
    Column("expires_at", Time),
    Column("closed_at", Time),
    Column("next_poll_at", Time),
    Column("watch_until", Time),
    Column("cancel_at", Time),
    Column("cancel_lease_until", Time),
    Column("cancel_lease_by", String(32)),
    Column("cancel_reason", String(16)),
    Column("cancel_attempts", Integer, nullable=False, server_default=text("0")),
    Column("cancel_unanswered", Boolean, nullable=False, server_default=false()),
    CheckConstraint("price >= 0", name="price_not_negative"),
    Index(None, "state", "expires_at"),
    Index(None, "user_id", "state"),
    Index(None, "chat_id", "service_id"),
    Index(None, "chat_id", "state"),
    Index(None, "chat_id", "requested_at"),
    Index(None, "service_id", "requested_at"),
    Index(None, "number"),
)


def _index_where_set(name: str, *columns: Column[Any], unique: bool = False) -> None:
    """Index the rows in which the last of the columns is set: most have lived their life."""
    is_set = columns[-1].isnot(None)
    Index(name, *columns, unique=unique, sqlite_where=is_set, postgresql_where=is_set)


_index_where_set("ix_activations_next_poll_at", activations.c.next_poll_at)
_index_where_set("ix_activations_cancel_at", activations.c.cancel_at)
_index_where_set("ix_activations_state_watch_until", activations.c.state, activations.c.watch_until)
# Two numbers with one id would share a cancellation: the second is not usable.
_index_where_set("uq_activations_rs_id", activations.c.rs_id, unique=True)

transitions = Table(
    "transitions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("activation_id", Id, ForeignKey("activations.id"), nullable=False),
    Column("source", String(16)),
    Column("target", String(16), nullable=False),
    Column("reason", Text),
    Column("at", Time, nullable=False),
    Index(None, "activation_id"),
)

codes = Table(
    "codes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("activation_id", Id, ForeignKey("activations.id"), nullable=False),
    Column("text", Text, nullable=False),
    Column("seen_at", Time, nullable=False),
    UniqueConstraint("activation_id", "text"),
    # Outbox rows carry a code's id in their key: an id must not come back after a purge.
    sqlite_autoincrement=True,
)

entries = Table(
    "entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("activation_id", Id, ForeignKey("activations.id")),
    Column("user_id", BigInteger),
    Column("kind", String(24), nullable=False),
    Column("source", String(32), nullable=False),
    Column("target", String(32), nullable=False),
    Column("amount", Money, nullable=False),
    Column("purchased_at", Time, nullable=False),
    Column("at", Time, nullable=False),
    UniqueConstraint("activation_id", "kind"),
    CheckConstraint("amount >= 0", name="amount_not_negative"),
    CheckConstraint("source <> target", name="two_accounts"),
    Index(None, "source", "purchased_at"),
    Index(None, "target", "purchased_at"),
)

# The other offers of its service when a number was asked for: any of them may fill the order.
alternatives = Table(
    "alternatives",
    metadata,
    Column("activation_id", Id, ForeignKey("activations.id"), primary_key=True),
    Column("pid", Text, primary_key=True),
    Column("price", Money, nullable=False),
)

readings = Table(
    "readings",
    metadata,
    Column("id", Id, primary_key=True),
    # The reading before it, 0 for the first: of two that conclude at once, one comes too late.
    Column("follows", Id, nullable=False, unique=True),
    Column("at", Time, nullable=False),
    Column("micros", Money, nullable=False),
    Column("step", Money, nullable=False),
    Column("expected", Money, nullable=False),
    Column("conclusion", String(24), nullable=False),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("version", Integer, nullable=False, server_default=text("1")),
    Column("chat_id", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("kind", String(24), nullable=False),
    Column("activation_id", Id, ForeignKey("activations.id")),
    Column("facts", JSON, nullable=False),
    Column("status", String(16), nullable=False),
    Column("due_at", Time, nullable=False),
    Column("attempts", Integer, nullable=False, server_default=text("0")),
    Column("problem", Text),
    Column("created_at", Time, nullable=False),
    Column("sent_at", Time),
    Index(None, "status", "priority", "id"),
    Index(None, "chat_id", "status", "priority", "id"),
)

inbox = Table(
    "inbox",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("lane", Text, nullable=False, server_default=text("''")),
    Column("body", Text, nullable=False),
    Column("status", String(16), nullable=False),
    Column("received_at", Time, nullable=False),
    Column("handled_at", Time),
    Index(None, "status", "lane", "update_id"),
)

# The processes that share a database, on PostgreSQL alone. Its clock is the one that counts here.
replicas = Table(
    "replicas",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("started_at", Time, nullable=False),
    Column("lease_until", Time, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("holder", String(32), nullable=False),
    Column("lease_until", Time, nullable=False),
    # How far the holder's clock is ahead of the database's, in ms.
    Column("ahead", BigInteger, nullable=False),
)

# What all replicas together may ask of the provider: requests per second, and from when on (ms
# with fractions) the next may be made.
budgets = Table(
    "budgets",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("rate", Double, nullable=False),
    Column("free_at", Double, nullable=False),
    Column("cut_at", Time, nullable=False),
    Column("restored_at", Time, nullable=False),
)

# Who handles a lane's updates; a replica that is gone holds nothing.
lanes = Table(
    "lanes",
    metadata,
    Column("lane", Text, primary_key=True),
    Column("holder", ForeignKey("replicas.id", ondelete="CASCADE"), nullable=False),
)
