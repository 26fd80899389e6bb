"""People who talk to the bot, and the provider behind it, as the tests of the chat need them."""

from dataclasses import dataclass

from bot.sandbox.spotsms import SpotSmsSandbox
from bot.sandbox.telegram import Answer, JsonObject, TelegramSandbox

OWNER, ANN, BOB, EVE = 1, 502, 503, 504
GROUP, FORUM = -4001, -1_000_000_004_002


@dataclass(frozen=True, slots=True)
class Stage:
    """Telegram and SpotSMS on loopback, and the real bot between them."""

    telegram: TelegramSandbox
    spotsms: SpotSmsSandbox

    async def open_group(self, group_id: int = GROUP) -> int:
        """A group with Olga, who created it, Ann, Eve, Bob, who is an admin, and the bot."""
        is_forum = group_id == FORUM
        self.telegram.add_group(group_id, "Team", "supergroup" if is_forum else "group", is_forum)
        self.telegram.join(group_id, OWNER, "creator")
        self.telegram.join(group_id, ANN)
        self.telegram.join(group_id, EVE)
        self.telegram.join(group_id, BOB, "administrator", anonymous=True)
        self.telegram.add_bot(group_id)
        await self.see(group_id, "/buy gets one")
        return group_id

    async def say(self, user_id: int, text: str, chat_id: int | None = None) -> JsonObject:
        """Write, and give the bot's first answer."""
        where = chat_id or user_id
        said = self.telegram.say(user_id, where, text)
        return await self.telegram.wait_message(where, after=said["message_id"])

    async def press(self, user_id: int, words: str, chat_id: int | None = None) -> Answer:
        """Press the newest button with these words, and give the answer to the press."""
        press = self.telegram.press_button(user_id, chat_id or user_id, words)
        return await press.answered()

    async def forge(self, user_id: int, message: JsonObject, data: str) -> Answer:
        """Press a button that the message may not have."""
        press = self.telegram.press(user_id, message["chat"]["id"], message["message_id"], data)
        return await press.answered()

    async def see(self, chat_id: int, words: str, after: int = 0) -> JsonObject:
        """Wait for a message of the bot with these words."""
        return await self.telegram.wait_message(chat_id, words, after=after)

    async def see_button(self, chat_id: int, words: str) -> JsonObject:
        """Wait for a message of the bot with this button."""
        return await self.telegram.wait_message(chat_id, lambda one: words in words_on(one))

    async def quote(self, user_id: int = ANN, chat_id: int | None = None) -> JsonObject:
        """Ask for Microsoft in Iceland, and give the message with the quote."""
        return await self.say(user_id, "/buy microsoft iceland", chat_id)

    async def buy(self, user_id: int = ANN, chat_id: int | None = None) -> JsonObject:
        """Buy, and give the card once the number is there."""
        quote = await self.quote(user_id, chat_id)
        await self.press(user_id, "Confirm", chat_id)
        return await self.telegram.wait_message(
            chat_id or user_id,
            lambda one: one["message_id"] == quote["message_id"] and "Copy" in words_on(one),
        )

    def now(self, message: JsonObject) -> JsonObject:
        """A message as it is by now."""
        shown: JsonObject = self.telegram.chat(message["chat"]["id"]).by_id[message["message_id"]]
        return shown


def words_on(message: JsonObject) -> str:
    """What the buttons under a message say."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return " | ".join(button["text"] for row in rows for button in row)


def data_of(message: JsonObject, words: str) -> str:
    """What the button with these words carries."""
    rows = message["reply_markup"]["inline_keyboard"]
    found: list[str] = [one["callback_data"] for row in rows for one in row if words in one["text"]]
    return found[0]


def digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))
