"""Bring the schema up to date with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, inspect, text

from bot.storage.tables import metadata

ADVISORY_LOCK = 5_077_501
"""Any number that nothing else in the database uses."""

_OURS = frozenset({*metadata.tables, "alembic_version"})


class OtherSchema(Exception):
    """The database has tables that are not those of this version; the text says which."""


def upgrade(connection: Connection) -> None:
    """Apply the migrations that the database does not have yet, in one transaction."""
    if connection.dialect.name == "postgresql":
        take_turn(connection)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def take_turn(connection: Connection) -> None:
    """Let processes that start together migrate one after the other (PostgreSQL)."""
    connection.execute(text(f"SELECT pg_advisory_xact_lock({ADVISORY_LOCK})"))


def make_where_empty(connection: Connection) -> None:
    """Make the tables in a database without any, and touch no other (PostgreSQL).

    Raises:
        OtherSchema: it has other tables, or those of another version of the bot.
    """
    take_turn(connection)
    present = set(inspect(connection).get_table_names())
    if not present:
        upgrade(connection)
    elif present - _OURS:
        raise OtherSchema("it holds tables that are not the bot's")
    else:
        try:
            require_present_schema(connection)
        except CommandError:
            raise OtherSchema("it belongs to another version of the bot") from None


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
