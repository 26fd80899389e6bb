"""The kinds of database that tests run on."""

import pytest

BOTH = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))

SQLITE_FIRST = ("sqlite", pytest.param("postgres", marks=[pytest.mark.postgres, pytest.mark.soak]))
"""Where `make test` trusts SQLite for both, and `make soak` does not: ``indirect=True``."""
