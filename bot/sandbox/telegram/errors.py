"""What Telegram answers when it refuses: code, words, parameters."""

from typing import Any, NoReturn

JsonObject = dict[str, Any]
"""A JSON object as the Bot API shows it."""

MAX_UNITS_OF_TEXT = 4096
MAX_UNITS_OF_CAPTION = 1024


class ApiError(Exception):
    """A refusal in Telegram's words.

    Args:
        code: ``error_code``, which is the HTTP status as well.
        description: ``description``, prefix included.
        parameters: ``ResponseParameters`` (``retry_after``, ``migrate_to_chat_id``) or None.
    """

    def __init__(self, code: int, description: str, parameters: JsonObject | None = None) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def answer(self) -> JsonObject:
        """The body of the HTTP answer (Bot API, "Making requests")."""
        body: JsonObject = {"ok": False, "error_code": self.code, "description": self.description}
        return body | ({"parameters": self.parameters} if self.parameters else {})


def bad_request(words: str, parameters: JsonObject | None = None) -> ApiError:
    """A 400 with Telegram's prefix."""
    return ApiError(400, f"Bad Request: {words}", parameters)


def forbidden(words: str) -> ApiError:
    """A 403 with Telegram's prefix."""
    return ApiError(403, f"Forbidden: {words}")


def too_many_requests(seconds: int) -> ApiError:
    """A 429 that asks to wait ``seconds``."""
    return ApiError(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


def cannot_parse(what: str) -> NoReturn:
    """Refuse a text whose markup is broken."""
    raise bad_request(f"can't parse entities: {what}")
