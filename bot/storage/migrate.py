"""Bring the schema up to date with Alembic."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection


class UnknownRevision(Exception):
    """The database has a migration that this version does not."""


def migrate(connection: Connection, revision: str = "head") -> None:
    """Apply the migrations up to a revision that the database does not have yet.

    Raises:
        UnknownRevision: it has another one.
    """
    settings = config()
    settings.attributes["connection"] = connection
    try:
        command.upgrade(settings, revision)
    except CommandError:
        raise UnknownRevision from None


def config() -> Config:
    """Give Alembic's configuration: where the migrations are."""
    settings = Config()
    settings.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return settings
