"""The table of emulated methods; each module of this package adds its own."""

from collections.abc import Awaitable, Callable

from bot.sandbox.telegram.acts import Acts
from bot.sandbox.telegram.calls import Call

Method = Callable[[Acts, Call], object]
"""Does a method and gives its ``result``, or an awaitable of it."""

METHODS: dict[str, Method] = {}


def method(function: Method) -> Method:
    """Enter a function under its name in camel case: ``send_message`` is ``sendMessage``."""
    first, *rest = function.__name__.split("_")
    METHODS[first + "".join(word.capitalize() for word in rest)] = function
    return function


async def run(world: Acts, call: Call) -> object:
    """Do a call.

    Raises:
        ApiError: Telegram would refuse it.
        NotImplementedError: the sandbox does not know this way to call the method.
    """
    result = METHODS[call.method](world, call)
    return await result if isinstance(result, Awaitable) else result
