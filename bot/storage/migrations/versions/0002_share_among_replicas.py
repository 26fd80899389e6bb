"""Let several processes share one database, and learn from looks that found nothing."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("activations", sa.Column("missed_at", sa.BigInteger))
    op.add_column("activations", sa.Column("cancel_lease_by", sa.String(32)))
    _give_updates_a_lane()
    _create_replicas()
    _create_leases()
    _create_lanes()
    _create_budgets()


def _give_updates_a_lane() -> None:
    """What waits now shares one lane: it is handled in Telegram's order."""
    lane = sa.Column("lane", sa.Text, server_default=sa.text("''"), nullable=False)
    op.add_column("inbox", lane)
    op.drop_index("ix_inbox_status_update_id", "inbox")
    op.create_index("ix_inbox_status_lane_update_id", "inbox", ["status", "lane", "update_id"])


def _create_replicas() -> None:
    op.create_table(
        "replicas",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_replicas"),
    )


def _create_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.Column("lease_until", sa.BigInteger, nullable=False),
        sa.Column("ahead", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )


def _create_lanes() -> None:
    op.create_table(
        "lanes",
        sa.Column("lane", sa.Text, nullable=False),
        sa.Column("holder", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["holder"], ["replicas.id"], name="fk_lanes_holder", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("lane", name="pk_lanes"),
    )


def _create_budgets() -> None:
    op.create_table(
        "budgets",
        sa.Column("name", sa.String(16), nullable=False),
        sa.Column("rate", sa.Double, nullable=False),
        sa.Column("free_at", sa.Double, nullable=False),
        sa.Column("cut_at", sa.BigInteger, nullable=False),
        sa.Column("restored_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_budgets"),
    )
