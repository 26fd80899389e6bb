"""One call of a Bot API method: decoding what came over HTTP, and reading its parameters."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from aiohttp import web

from bot.sandbox.telegram.errors import JsonObject, bad_request
from bot.sandbox.telegram.world import StoredFile

_METHODS = json.loads(resources.files(__package__).joinpath("methods.json").read_text("utf-8"))
KINDS: dict[str, dict[str, str]] = _METHODS["emulated"]
"""The emulated methods, and the kind of each of their documented parameters."""
OTHER_METHODS: frozenset[str] = frozenset(_METHODS["others"])
"""Methods that exist and are not emulated."""

NAMES = {name.lower(): name for name in [*KINDS, *OTHER_METHODS]}
"""Methods by their lower-case names: Telegram does not look at the case."""


@dataclass
class Call:
    """A decoded call: parameters have the types that the Bot API documents.

    ``alive`` says whether the client still waits for the answer.
    """

    method: str
    params: JsonObject = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    alive: Callable[[], bool] = lambda: True

    def text(self, name: str) -> str:
        """A string parameter, empty where it is missing."""
        return str(self.params.get(name) or "")

    def number(self, name: str, default: int = 0) -> int:
        """An integer parameter."""
        value = self.params.get(name, default)
        return value if isinstance(value, int) else default

    def flag(self, name: str) -> bool:
        """A boolean parameter."""
        return bool(self.params.get(name))

    def thing(self, name: str) -> JsonObject:
        """A parameter that is a JSON object, empty where it is missing.

        Raises:
            ApiError: 400, it is something else.
        """
        value = self.params.get(name) or {}
        if not isinstance(value, dict):
            raise bad_request(f"can't parse {name} JSON object: Object expected")
        return value

    def things(self, name: str) -> list[Any]:
        """A parameter that is a JSON array, empty where it is missing.

        Raises:
            ApiError: 400, it is something else.
        """
        value = self.params.get(name) or []
        if not isinstance(value, list):
            raise bad_request(f"can't parse {name}: Array expected")
        return value


async def read_call(method: str, request: web.Request) -> Call:
    """Decode a request in any of the documented ways: URL, form, multipart, JSON.

    Raises:
        ApiError: 400, where a value cannot be read as its documented type.
    """
    raw: dict[str, Any] = dict(request.query)
    files: dict[str, StoredFile] = {}
    if request.content_type == "application/json":
        raw |= await _json_body(request)
    else:
        for name, value in (await request.post()).items():
            if isinstance(value, web.FileField):
                files[name] = StoredFile(value.filename, value.file.read(), value.content_type)
            else:
                raw[name] = value
    params = _decoded(KINDS[method], raw)
    _refuse_surrogates(params)
    return Call(method, params, files, lambda: _is_open(request))


def _is_open(request: web.Request) -> bool:
    return request.transport is not None and not request.transport.is_closing()


def _refuse_surrogates(params: JsonObject) -> None:
    try:
        json.dumps(params, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise bad_request("strings must be encoded in UTF-8") from None


async def _json_body(request: web.Request) -> JsonObject:
    try:
        body = await request.json() if request.can_read_body else {}
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise bad_request("can't parse JSON object")
    return body


def _decoded(kinds: Mapping[str, str], raw: JsonObject) -> JsonObject:
    return {
        name: _value(name, kinds.get(name, "string"), value)
        for name, value in raw.items()
        if value is not None
    }


def _value(name: str, kind: str, value: object) -> object:
    if not isinstance(value, str):
        return value
    if kind == "json":
        return _json_value(name, value)
    if kind == "boolean":
        return value.lower() in {"true", "yes", "1"}
    if kind in {"integer", "id"} and value.lstrip("-").isdecimal():
        return int(value)
    return value


def _json_value(name: str, value: str) -> object:
    if not value:
        return None
    try:
        return json.loads(value)
    except ValueError:
        raise bad_request(f"can't parse {name.replace('_', ' ')} JSON object") from None
