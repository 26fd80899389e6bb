"""Bring the schema up to date with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

ADVISORY_LOCK = 5_077_501
"""Any number that nothing else in the database uses."""


def upgrade(connection: Connection) -> None:
    """Apply the migrations that the database does not have yet, in one transaction."""
    if connection.dialect.name == "postgresql":
        # Processes that start together migrate one after the other.
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
