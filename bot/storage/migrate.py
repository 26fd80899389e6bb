"""Bring the schema up to date with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text

ADVISORY_LOCK = 5_077_501
"""Any number that nothing else in the database uses."""


def upgrade(connection: Connection) -> None:
    """Apply the migrations that the database does not have yet, in one transaction."""
    if connection.dialect.name == "postgresql":
        # Processes that start together migrate one after the other.
        connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def require_present_schema(connection: Connection) -> None:
    """Refuse a database that the migrations would change.

    Raises:
        CommandError: it is not at the newest migration.
    """
    present = MigrationContext.configure(connection).get_current_revision()
    if present != ScriptDirectory.from_config(_config()).get_current_head():
        raise CommandError("not at the newest migration")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config
