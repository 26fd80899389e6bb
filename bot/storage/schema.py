"""The schema of a database: is it this version's, and if not, bring it there."""

from sqlalchemy import Connection, inspect, text

from bot.storage.tables import REVISION, metadata

ADVISORY_LOCK = 5_077_501
"""Any number that nothing else in the database uses."""

_VERSIONS = "alembic_version"
_OURS = frozenset({*metadata.tables, _VERSIONS})
_FIRST = frozenset({_VERSIONS, "activations", "entries"})
"""What every version of the bot has had: another program may use Alembic, too."""


class OtherSchema(Exception):
    """The database has tables that are not those of this version; the text says which."""


def upgrade(connection: Connection) -> None:
    """Apply the migrations that the database does not have yet, in one transaction.

    Raises:
        OtherSchema: it has one that this version does not know, or is another program's.
    """
    if connection.dialect.name == "postgresql":
        take_turn(connection)
    present = set(inspect(connection).get_table_names())
    if present and not present >= _FIRST:
        raise OtherSchema("it belongs to another program")
    if _revision(connection) == REVISION:
        return
    # Alembic takes a fifth of a start, of which nearly all have nothing to migrate.
    from bot.storage.migrate import UnknownRevision, migrate

    try:
        migrate(connection)
    except UnknownRevision:
        raise OtherSchema("it belongs to another version of the bot") from None


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
        require_present_schema(connection)


def require_present_schema(connection: Connection) -> None:
    """Refuse a database that the migrations would change.

    Raises:
        OtherSchema: it is not at the newest migration.
    """
    if _revision(connection) != REVISION:
        raise OtherSchema("it belongs to another version of the bot")


def _revision(connection: Connection) -> str | None:
    """Give the newest migration that was applied; None in a database without any."""
    if not inspect(connection).has_table(_VERSIONS):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision
