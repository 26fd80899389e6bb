"""Create the tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite makes only INTEGER primary keys count up by themselves.
_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    _create_chats()
    _create_users()
    _create_members()
    _create_permissions()
    _create_limits()
    _create_invites()
    _create_changes()
    _create_installation()
    _create_quotes()
    _create_activations()
    _create_transitions()
    _create_codes()
    _create_entries()
    _create_alternatives()
    _create_readings()
    _create_outbox()
    _create_inbox()
    _make_append_only("entries")
    _make_append_only("changes")


def _create_chats() -> None:
    op.create_table(
        "chats",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("access", sa.String(16), nullable=False),
        sa.Column("requested_by", sa.BigInteger),
        sa.Column("decided_by", sa.BigInteger),
        sa.Column("decided_at", sa.BigInteger),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("migrated_to", sa.BigInteger),
        sa.Column(
            "who_may_buy", sa.String(16), server_default=sa.text("'everyone'"), nullable=False
        ),
        sa.Column("code_place", sa.String(16), server_default=sa.text("'private'"), nullable=False),
        sa.Column("paused", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("left_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_chats"),
    )
    op.create_index("ix_chats_migrated_to", "chats", ["migrated_to"])


def _create_users() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("username", sa.Text),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("forgotten_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
    )


def _create_members() -> None:
    op.create_table(
        "members",
        sa.Column("chat_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("is_admin", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.Column("departed_at", sa.BigInteger),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_members_chat_id"),
        sa.PrimaryKeyConstraint("chat_id", "user_id", name="pk_members"),
    )


def _create_permissions() -> None:
    op.create_table(
        "permissions",
        sa.Column("chat_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("allowed", sa.Boolean, nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_permissions_chat_id"),
        sa.PrimaryKeyConstraint("chat_id", "kind", "key", name="pk_permissions"),
    )


def _create_limits() -> None:
    op.create_table(
        "limits",
        sa.Column("chat_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("user_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("daily", sa.BigInteger),
        sa.Column("weekly", sa.BigInteger),
        sa.Column("monthly", sa.BigInteger),
        sa.Column("highest_price", sa.BigInteger),
        sa.Column("open_at_once", sa.Integer),
        sa.Column("per_hour", sa.Integer),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_limits_chat_id"),
        sa.PrimaryKeyConstraint("chat_id", "scope", "user_id", name="pk_limits"),
    )


def _create_invites() -> None:
    op.create_table(
        "invites",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("created_by", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.Column("is_group", sa.Boolean, nullable=False),
        sa.Column("daily", sa.BigInteger),
        sa.Column("used_chat_id", sa.BigInteger),
        sa.Column("used_by", sa.BigInteger),
        sa.Column("used_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_invites"),
    )


def _create_changes() -> None:
    op.create_table(
        "changes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("actor_id", sa.BigInteger, nullable=False),
        sa.Column("chat_id", sa.BigInteger),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("subject", sa.Text),
        sa.Column("before", sa.Text),
        sa.Column("after", sa.Text),
        sa.PrimaryKeyConstraint("id", name="pk_changes"),
    )
    op.create_index("ix_changes_chat_id_id", "changes", ["chat_id", "id"])


def _create_installation() -> None:
    op.create_table(
        "installation",
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_installation"),
    )


def _create_quotes() -> None:
    op.create_table(
        "quotes",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("thread_id", sa.BigInteger),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("service_name", sa.Text, nullable=False),
        sa.Column("pid", sa.Text, nullable=False),
        sa.Column("country_code", sa.Text, nullable=False),
        sa.Column("country_name", sa.Text, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("expires_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_quotes_chat_id"),
        sa.PrimaryKeyConstraint("id", name="pk_quotes"),
    )


def _create_activations() -> None:
    op.create_table(
        "activations",
        sa.Column("id", _ID, nullable=False),
        sa.Column("quote_id", sa.String(32), nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("thread_id", sa.BigInteger),
        sa.Column("user_id", sa.BigInteger, nullable=False),
        sa.Column("bought_by", sa.BigInteger),
        sa.Column("card_message_id", sa.BigInteger),
        sa.Column("service_id", sa.Text, nullable=False),
        sa.Column("service_name", sa.Text, nullable=False),
        sa.Column("pid", sa.Text, nullable=False),
        sa.Column("pid_used", sa.Text),
        sa.Column("country_code", sa.Text, nullable=False),
        sa.Column("country_name", sa.Text, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("rs_id", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("requested_at", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("slow_since", sa.BigInteger),
        sa.Column("bought_at", sa.BigInteger),
        sa.Column("first_code_at", sa.BigInteger),
        sa.Column("expires_at", sa.BigInteger),
        sa.Column("closed_at", sa.BigInteger),
        sa.Column("next_poll_at", sa.BigInteger),
        sa.Column("watch_until", sa.BigInteger),
        sa.Column("cancel_at", sa.BigInteger),
        sa.Column("cancel_lease_until", sa.BigInteger),
        sa.Column("cancel_reason", sa.String(16)),
        sa.Column("cancel_attempts", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("cancel_unanswered", sa.Boolean, server_default=sa.false(), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_activations_price_not_negative")),
        sa.ForeignKeyConstraint(["chat_id"], ["chats.id"], name="fk_activations_chat_id"),
        sa.PrimaryKeyConstraint("id", name="pk_activations"),
        sa.UniqueConstraint("quote_id", name="uq_activations_quote_id"),
    )
    _index_activations()


def _index_activations() -> None:
    _index_where_set("ix_activations_cancel_at", ["cancel_at"])
    op.create_index(
        "ix_activations_chat_id_requested_at", "activations", ["chat_id", "requested_at"]
    )
    op.create_index("ix_activations_chat_id_service_id", "activations", ["chat_id", "service_id"])
    op.create_index("ix_activations_chat_id_state", "activations", ["chat_id", "state"])
    _index_where_set("ix_activations_next_poll_at", ["next_poll_at"])
    op.create_index("ix_activations_number", "activations", ["number"])
    op.create_index(
        "ix_activations_service_id_requested_at", "activations", ["service_id", "requested_at"]
    )
    op.create_index("ix_activations_state_expires_at", "activations", ["state", "expires_at"])
    _index_where_set("ix_activations_state_watch_until", ["state", "watch_until"])
    op.create_index("ix_activations_user_id_state", "activations", ["user_id", "state"])
    _index_where_set("uq_activations_rs_id", ["rs_id"], unique=True)


def _create_transitions() -> None:
    op.create_table(
        "transitions",
        sa.Column("id", _ID, nullable=False),
        sa.Column("activation_id", _ID, nullable=False),
        sa.Column("source", sa.String(16)),
        sa.Column("target", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name="fk_transitions_activation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_transitions"),
    )
    op.create_index("ix_transitions_activation_id", "transitions", ["activation_id"])


def _create_codes() -> None:
    op.create_table(
        "codes",
        sa.Column("id", _ID, nullable=False),
        sa.Column("activation_id", _ID, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name="fk_codes_activation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_codes"),
        sa.UniqueConstraint("activation_id", "text", name="uq_codes_activation_id_text"),
        sqlite_autoincrement=True,
    )


def _create_entries() -> None:
    op.create_table(
        "entries",
        sa.Column("id", _ID, nullable=False),
        sa.Column("activation_id", _ID),
        sa.Column("user_id", sa.BigInteger),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("target", sa.String(32), nullable=False),
        sa.Column("amount", sa.BigInteger, nullable=False),
        sa.Column("purchased_at", sa.BigInteger, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_entries_amount_not_negative")),
        sa.CheckConstraint("source <> target", name=op.f("ck_entries_two_accounts")),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name="fk_entries_activation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_entries"),
        sa.UniqueConstraint("activation_id", "kind", name="uq_entries_activation_id_kind"),
    )
    op.create_index("ix_entries_source_purchased_at", "entries", ["source", "purchased_at"])
    op.create_index("ix_entries_target_purchased_at", "entries", ["target", "purchased_at"])


def _create_alternatives() -> None:
    op.create_table(
        "alternatives",
        sa.Column("activation_id", _ID, nullable=False),
        sa.Column("pid", sa.Text, nullable=False),
        sa.Column("price", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name="fk_alternatives_activation_id"
        ),
        sa.PrimaryKeyConstraint("activation_id", "pid", name="pk_alternatives"),
    )


def _create_readings() -> None:
    op.create_table(
        "readings",
        sa.Column("id", _ID, nullable=False),
        sa.Column("follows", _ID, nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.Column("micros", sa.BigInteger, nullable=False),
        sa.Column("step", sa.BigInteger, nullable=False),
        sa.Column("expected", sa.BigInteger, nullable=False),
        sa.Column("conclusion", sa.String(24), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_readings"),
        sa.UniqueConstraint("follows", name="uq_readings_follows"),
    )


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _ID, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("version", sa.Integer, server_default=sa.text("1"), nullable=False),
        sa.Column("chat_id", sa.BigInteger, nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("activation_id", _ID),
        sa.Column("facts", sa.JSON, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("due_at", sa.BigInteger, nullable=False),
        sa.Column("attempts", sa.Integer, server_default=sa.text("0"), nullable=False),
        sa.Column("problem", sa.Text),
        sa.Column("created_at", sa.BigInteger, nullable=False),
        sa.Column("sent_at", sa.BigInteger),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activations.id"], name="fk_outbox_activation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("key", name="uq_outbox_key"),
    )
    op.create_index(
        "ix_outbox_chat_id_status_priority_id", "outbox", ["chat_id", "status", "priority", "id"]
    )
    op.create_index("ix_outbox_status_priority_id", "outbox", ["status", "priority", "id"])


def _create_inbox() -> None:
    op.create_table(
        "inbox",
        sa.Column("update_id", sa.BigInteger, autoincrement=False, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("received_at", sa.BigInteger, nullable=False),
        sa.Column("handled_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("update_id", name="pk_inbox"),
    )
    op.create_index("ix_inbox_status_update_id", "inbox", ["status", "update_id"])


def _index_where_set(name: str, columns: list[str], *, unique: bool = False) -> None:
    """Index the activations in which the last of the columns is set."""
    is_set = sa.column(columns[-1]).isnot(None)
    op.create_index(
        name,
        "activations",
        columns,
        unique=unique,
        sqlite_where=is_set,
        postgresql_where=is_set,
    )


def _make_append_only(table: str) -> None:
    """Let the database itself refuse to change or erase what was booked."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_refuse_{verb} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} are append-only'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{table} are append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_refuse BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_refuse()"
    )
