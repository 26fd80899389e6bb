"""Who administers a group: Telegram's own list, asked for at most once a minute."""

from collections.abc import Callable

from telegram import Bot
from telegram.error import TelegramError

from bot.chat.scene import ANONYMOUS, Scene

KEPT_SECONDS = 60.0
REMEMBERED = 1000


class Admins:
    """Remembers the admins of groups for a minute, or until something changes there.

    Args:
        monotonic: seconds.
    """

    def __init__(self, bot: Bot, monotonic: Callable[[], float]) -> None:
        self._bot = bot
        self._monotonic = monotonic
        self._known: dict[int, tuple[float, frozenset[int]]] = {}

    async def include(self, chat_id: int, user_id: int) -> bool:
        """Tell whether somebody is an admin of a group; nobody is while Telegram does not say."""
        return user_id in await self.of(chat_id)

    async def include_actor_of(self, scene: Scene) -> bool:
        """Tell whether who acts is an admin here, seen or anonymous; in private nobody is."""
        if scene.is_private:
            return False
        return scene.actor == ANONYMOUS or await self.include(scene.chat.id, scene.actor)

    async def of(self, chat_id: int) -> frozenset[int]:
        """Give the ids of a group's admins, its creator among them; none as above."""
        try:
            return await self._of(chat_id)
        except TelegramError:
            return frozenset()

    def forget(self, chat_id: int) -> None:
        """Ask anew next time: somebody's rights have changed."""
        self._known.pop(chat_id, None)

    async def _of(self, chat_id: int) -> frozenset[int]:
        until, known = self._known.get(chat_id, (0.0, frozenset()))
        if self._monotonic() < until:
            return known
        if len(self._known) >= REMEMBERED:
            self._known.clear()
        asking = self._known[chat_id] = (0.0, frozenset())
        members = await self._bot.get_chat_administrators(chat_id)
        admins = frozenset(member.user.id for member in members if not member.user.is_bot)
        if self._known.get(chat_id) is asking:  # nothing has changed while Telegram was asked
            self._known[chat_id] = self._monotonic() + KEPT_SECONDS, admins
        return admins
