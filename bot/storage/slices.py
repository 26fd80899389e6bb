"""What is erased goes in slices: others want to write meanwhile."""

from typing import Any, Final

from sqlalchemy import Column, ColumnElement, Select, select

SLICE: Final = 5000
"""Where fewer rows were erased than this, nothing is left to erase."""


def some(key: Column[Any], *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Choose the rows with these conditions, by their key, as many as make a slice."""
    return some_of(key, select(key).where(*conditions))


def some_of(key: Column[Any], wanted: Select[Any]) -> ColumnElement[bool]:
    """Choose rows by the keys that are wanted, as many as make a slice."""
    return key.in_(wanted.limit(SLICE))
