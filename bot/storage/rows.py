"""Rows become the domain's records."""

from typing import Any

from sqlalchemy import Row

from bot.domain.activation import Activation, CloseReason, Quote, State


def activation_of(row: Row[Any]) -> Activation:
    """Give the activation in a whole row of `activations`."""
    values = dict(row._mapping)  # noqa: SLF001 - the documented name, underscored to free others
    reason = values["cancel_reason"]
    values["state"] = State(values["state"])
    values["cancel_reason"] = CloseReason(reason) if reason else None
    return Activation(**values)


def quote_of(row: Row[Any]) -> Quote:
    """Give the quote in a whole row of `quotes`."""
    return Quote(**row._mapping)  # noqa: SLF001 - as above
