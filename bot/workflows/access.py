"""Access: which chats may use the bot. A new chat asks, the owner decides."""

from dataclasses import dataclass

REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who speaks, and where: `kind` is Telegram's chat type."""

    chat_id: int
    kind: str
    title: str
    user_id: int
    name: str
    username: str | None = None


class Doorkeeper:
    """Knows the chats and asks the owner about new ones."""

    def __init__(self, kit: Kit) -> None:
        self._database = kit.database
        self._clock = kit.clock
        self._signals = kit.signals
        self._rules = kit.rules
        self._known: dict[Visitor, None] = {}
