"""Tables, queries and migrations on SQLAlchemy Core, for SQLite and PostgreSQL."""
