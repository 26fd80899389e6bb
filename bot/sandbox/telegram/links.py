"""Links to the bot, as people tap them: they start it in private or bring it into a group."""

import re
from urllib.parse import parse_qs, urlsplit

from bot.sandbox.telegram.acts import Acts
from bot.sandbox.telegram.errors import JsonObject

PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a link may carry (Bot features, "Deep linking")."""


class Links(Acts):
    """Acts that begin with a link of the bot.

    What Telegram's apps would not do raises ``ValueError``.
    """

    def start(self, user_id: int, payload: str = "") -> JsonObject:
        """Open ``?start=payload`` and press START; gives the ``/start`` that the bot gets."""
        return self.say(user_id, user_id, _command("/start", payload))

    def start_group(
        self, user_id: int, chat_id: int, payload: str = "", *, as_admin: bool = False
    ) -> JsonObject | None:
        """Open ``?startgroup=payload`` and pick a group: the bot joins it, unless it is there.

        Gives the ``/start@bot payload`` that the bot gets in the group, None without a payload.
        ``as_admin`` is the link's ``&admin=…``: the bot becomes an admin, which only an admin can
        make it.
        """
        command = _command(f"/start@{self.bot.username}", payload)
        chat = self.chat(chat_id)
        if not chat.has(user_id):
            raise ValueError(f"{self.users[user_id].first_name} is not in {chat.title}")
        if as_admin:
            self._check_admin(chat, user_id)
        if as_admin or not chat.has(self.bot.id):
            self.add_bot(chat_id, as_admin or chat.is_admin(self.bot.id), user_id)
        return self.say(user_id, chat_id, command) if payload else None

    def follow(self, user_id: int, url: str, chat_id: int | None = None) -> JsonObject | None:
        """Tap a link to the bot (``https://t.me/<bot>?start=…`` or ``?startgroup=…``).

        ``chat_id`` is the group that is picked for ``startgroup``. Gives what ``start`` or
        ``start_group`` gives.
        """
        link = urlsplit(url)
        if link.hostname != "t.me" or link.path.lower() != f"/{self.bot.username}".lower():
            raise ValueError(f"{url} is no link to the bot")
        asked = {name: values[0] for name, values in parse_qs(link.query, True).items()}
        if "startgroup" not in asked:
            return self.start(user_id, asked.get("start", ""))
        if chat_id is None:
            raise ValueError("this link asks for a group")
        payload = "" if asked["startgroup"] == "true" else asked["startgroup"]
        return self.start_group(user_id, chat_id, payload, as_admin="admin" in asked)


def _command(command: str, payload: str) -> str:
    if not payload:
        return command
    if not PAYLOAD.fullmatch(payload):
        raise ValueError(f"no link can carry {payload!r}: 1-64 of A-Z, a-z, 0-9, _ and -")
    return f"{command} {payload}"
