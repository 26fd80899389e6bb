"""Fixtures for all tests."""

from collections.abc import Iterable
from typing import Any

import aiogram.methods
import pytest
from aiogram.types import BufferedInputFile
from pydantic import BaseModel, TypeAdapter

from bot.sandbox.telegram import Check, Exchange


@pytest.fixture(scope="session")
def telegram_check() -> Check:
    """Compares every call and every answer with aiogram's models of the Bot API.

    For ``TelegramSandbox(check=…)``. Raises ``ValueError`` for missing fields, wrong types and
    fields that the Bot API does not have, however deep they are.
    """
    return _compare


def _compare(exchange: Exchange) -> None:
    name = exchange.method[0].upper() + exchange.method[1:]
    method: type[aiogram.methods.TelegramMethod[Any]] = getattr(aiogram.methods, name)
    uploads = {
        field: BufferedInputFile(file.content, file.name)
        for field, file in exchange.files.items()
        if field in method.model_fields
    }
    _refuse_unknown(method.model_validate(uploads | exchange.params), exchange.method)
    if exchange.ok:
        result = TypeAdapter(method.__returning__).validate_python(exchange.result)
        _refuse_unknown(result, f"answer of {exchange.method}")


def _refuse_unknown(value: object, where: str) -> None:
    if isinstance(value, BaseModel):
        if value.model_extra:
            raise ValueError(f"{where}: unknown fields {sorted(value.model_extra)}")
        for name in value.model_fields_set:
            _refuse_unknown(getattr(value, name), f"{where}.{name}")
    elif isinstance(value, Iterable) and not isinstance(value, str | bytes):
        for one in value:
            _refuse_unknown(one, where)
