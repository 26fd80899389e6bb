"""What both control APIs have in common: who may use them, and how they refuse."""

from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import urlsplit

from aiohttp import web
from pydantic import TypeAdapter, ValidationError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Model = TypeVar("Model")
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@web.middleware
async def own_pages_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses what a page of another site sends through the browser."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).hostname not in _LOOPBACK:
        raise web.HTTPForbidden(text="only pages from this machine may control the sandbox")
    return await handler(request)


@web.middleware
async def explain(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answers 404 or 400 with ``{error}`` where a handler says that something cannot be done."""
    try:
        return await handler(request)
    except KeyError as unknown:
        return web.json_response({"error": f"not found: {unknown.args[0]}"}, status=404)
    except ValidationError as invalid:
        first = invalid.errors()[0]
        words = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
        return web.json_response({"error": words}, status=400)
    except (ValueError, LookupError) as invalid:
        return web.json_response({"error": str(invalid)}, status=400)


async def read(request: web.Request, model: type[Model]) -> Model:
    """The JSON body as a ``model``.

    Raises:
        ValueError: it is no JSON, or does not fit (``ValidationError``).
    """
    return TypeAdapter(model).validate_python(await request.json())
